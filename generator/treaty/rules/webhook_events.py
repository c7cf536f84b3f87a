"""A webhook handles events that its provider tells."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.contract.spelling import respelling, suggestion
from treaty.providers import events_of
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Compare the types of events with those that are known."""
    for key, webhook in book.model.webhooks.items():
        owner, known = book.parsed(key), events_of(webhook.provider)
        for position, spec in enumerate(owner.contract.handles):
            for place, event in enumerate(spec.events):
                if event not in known:
                    at = owner.at("handles", position, "events", place)
                    meant = suggestion(event, known)
                    hint = f"Did you mean `{meant}`?" if meant else "Name another, or allow it when it is a new one."
                    message = f"No event of {webhook.provider} is known that is called `{event}`."
                    yield Finding(at, message, hint, respelling(at, event, known))


RULE = Rule(
    "webhook-event", "What waits for an event that never comes does nothing, and nobody notices.", check, advice=True
)
