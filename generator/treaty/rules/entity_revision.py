"""Rows that count their changes have none of the author's fields in the way, and may be changed."""

from __future__ import annotations

from collections.abc import Iterator

from treaty import names
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at `revision` of every entity."""
    for entity in book.model.entities.values():
        if entity.revision is None:
            continue
        if entity.append_only:
            yield Finding(
                entity.revision.at, "Rows that are only appended have no changes to count.", "Take `revision` away."
            )
        if entity.tenant is None:
            yield Finding(
                entity.revision.at,
                "Requests only read rows that all tenants share: there are no changes to count.",
                "Add `tenant:` and a reference to it, or take `revision` away.",
            )
        for field in entity.fields:
            if names.REVISION in (field.column, field.python_name):
                yield Finding(
                    field.at,
                    f"`{field.name}` takes the place of the count of changes, which `revision: true` adds by itself.",
                    "Take the field away, or give it another name.",
                )


RULE = Rule("entity-revision", "Of two changes at once, the later one must not undo the earlier one unseen.", check)
