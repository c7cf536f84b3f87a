"""What is paid for is asked of somebody: of a tenant, and of an entity that says what it is entitled to."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at the operations that need an entitlement."""
    for key, operation in book.model.operations.items():
        if operation.policy.entitlement is None:
            continue
        at = book.merged[key].policy["entitlement"].at
        if operation.policy.auth == "anonymous":
            yield Finding(
                at,
                "Nobody is entitled to anything in an anonymous operation: it has no tenant.",
                "Delete `entitlement`, or write `auth: user`.",
            )
        elif book.model.entitlements is None:
            yield Finding(
                at,
                "No entity says what tenants are entitled to.",
                "Add `entitles: {feature: …, lapsed: …}` to the entity whose rows say it.",
            )


RULE = Rule("entitlement", "What nobody can be entitled to is refused to everybody.", check)
