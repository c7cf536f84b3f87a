"""Two fields of one object must not become one name in Python or one column."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, Shape


def check(book: Book) -> Iterator[Finding]:
    """Compare the generated names of every object's fields."""
    for shape in book.shapes:
        yield from _shape(shape)


def _shape(shape: Shape) -> Iterator[Finding]:
    in_entity = shape.owner.contract.kind == "entity" and shape.top
    taken: dict[str, str] = {}
    for field in shape.fields:
        name = field.column if in_entity else field.python_name
        first = taken.setdefault(name, field.name)
        if first != field.name:
            what = "the column" if in_entity else "the Python attribute"
            yield Finding(
                field.at, f"`{first}` and `{field.name}` both become {what} `{name}`.", "Rename one of the two."
            )


RULE = Rule("field-names", "Names that differ on the wire must differ in Python and in tables.", check)
