"""A phrase turns a flag that some operation is behind."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.contract.spelling import respelling, suggestion
from treaty.contract.vocabulary import FlagAct
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look for the flag of each `flag` among the policies."""
    known = sorted({operation.policy.flag for operation in book.model.operations.values() if operation.policy.flag})
    for place in book.phrases:
        for position, act in enumerate(place.phrase.acts):
            if isinstance(act, FlagAct) and act.flag not in known:
                meant = suggestion(act.flag, known)
                at = place.owner.at(*place.act_path(position), "flag")
                hint = f"Did you mean `{meant}`?" if meant else f"There are: {', '.join(known) or 'none'}."
                message = f"No operation is behind the flag `{act.flag}`."
                yield Finding(at, message, hint, respelling(at, act.flag, known))


RULE = Rule("act-flag", "A flag that nothing is behind turns nothing on or off.", check)
