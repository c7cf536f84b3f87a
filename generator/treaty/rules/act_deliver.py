"""A phrase delivers an event, or a body as it is, and not both."""

from __future__ import annotations

import re
from collections.abc import Iterator

from treaty.contract.patterns import EXPLAINED, PROVIDER_EVENT
from treaty.contract.vocabulary import DeliverAct
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book
from treaty.rules.templates import is_open


def check(book: Book) -> Iterator[Finding]:
    """Look at what `deliver` sends."""
    for place in book.phrases:
        for position, act in enumerate(place.phrase.acts):
            if not isinstance(act, DeliverAct):
                continue
            path = place.act_path(position)
            if not is_open(act.deliver) and not re.fullmatch(PROVIDER_EVENT, act.deliver):
                message, hint = EXPLAINED[PROVIDER_EVENT]
                yield Finding(place.owner.at(*path, "deliver"), f"`{act.deliver}` {message}", hint)
            if act.body is not None and (act.data or act.event):
                yield Finding(
                    place.owner.key_at(*path, "body"),
                    "What is sent is this text, so `data` and `event` would say nothing.",
                    "Delete `body`, or the other two.",
                )


RULE = Rule("act-deliver", "An event that nobody would send proves nothing about those that come.", check)
