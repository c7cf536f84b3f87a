"""Every declared error has a scenario or an example that ends in it."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.pipeline import PIPELINE_ERRORS
from treaty.resolve.model import Error, Operation
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book
from treaty.rules.plays import Play, outcomes


def check(book: Book) -> Iterator[Finding]:
    """Compare declared errors with what examples and scenarios end in."""
    inherited: dict[str, tuple[Error, bool]] = {}
    by_operation: dict[str, list[Play]] = {}
    for play in book.plays:
        by_operation.setdefault(play.operation or "", []).append(play)
    for key, operation in book.model.operations.items():
        plays = by_operation.get(key, [])
        if any(step.match is None for play in plays for step in play.steps if step.type == "then"):
            continue  # a sentence that nobody understands may be the one that shows it
        shown = _shown(operation, plays)
        own = book.merged[key].errors
        for error in (error for error in operation.errors if error.code not in PIPELINE_ERRORS):
            if not own[error.code].own:
                before = inherited.get(str(error.at), (error, False))[1]
                inherited[str(error.at)] = (error, before or error.code in shown)
            elif error.code not in shown:
                yield _finding(error)
    for error, is_shown in inherited.values():
        if not is_shown:
            yield _finding(error)


def _shown(operation: Operation, plays: list[Play]) -> set[str]:
    shown = {example.error for example in operation.examples if example.error}
    for play in plays:
        for outcome in outcomes(play):
            phrase = outcome.match.wording.phrase
            code = (
                outcome.match.values.get("code") if phrase is None else phrase.expect.error if phrase.expect else None
            )
            if code and code.startswith("{"):
                code = outcome.match.values.get(code.strip("{}"))
            shown.add(str(code))
    return shown


def _finding(error: Error) -> Finding:
    return Finding(
        error.at,
        f"No scenario and no example ends in `{error.code}`.",
        f"Add an example with `error: {error.code}`, or a scenario with a Then that expects it.",
    )


RULE = Rule("errors-shown", "A refusal that nobody has seen is a guess.", check, advice=True)
