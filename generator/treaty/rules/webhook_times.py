"""A webhook takes what was just signed, and remembers events for longer than they are sent again."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

MINUTE, DAY = 60, 86_400
LONGEST_TOLERANCE = 15 * MINUTE
SHORTEST_KEEP = 4 * DAY  # Stripe sends again for three days


def check(book: Book) -> Iterator[Finding]:
    """Look at `tolerance` and `keep` of every webhook."""
    for key, webhook in book.model.webhooks.items():
        owner = book.parsed(key)
        if webhook.tolerance_seconds > LONGEST_TOLERANCE:
            yield Finding(
                owner.at("tolerance"),
                "What was signed that long ago may have been overheard, and sent again by anybody.",
                "Write `15m` or less; `300s` is usual.",
            )
        if webhook.keep_seconds < SHORTEST_KEEP:
            yield Finding(
                owner.at("keep"),
                "An event that is forgotten and sent again would be worked on again.",
                "Write `4d` or more: senders try for days.",
            )


RULE = Rule("webhook-times", "A signature holds for a moment; that an event has come is known for long.", check)
