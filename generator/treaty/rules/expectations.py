"""What a Then expects can come from the operation that the When before it calls, or the job that it runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from treaty.contract.spelling import respelling, suggestion
from treaty.contract.vocabulary import Expectation
from treaty.json_schema import output_fields
from treaty.pipeline import PIPELINE_ERRORS
from treaty.resolve.model import Job, Operation, TypeRef
from treaty.rules.act_call import unknown_fields
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, PhrasePlace
from treaty.rules.fit import Known, value_misfits
from treaty.rules.plays import Outcome, outcomes
from treaty.rules.templates import is_open
from treaty.source.document import Path

EVERY = "every"


def check(book: Book) -> Iterator[Finding]:
    """Play every scenario as far as it can be told beforehand, and compare its Thens with what was called."""
    seen: set[Finding] = set()
    declared = {error.code for operation in book.model.operations.values() for error in operation.errors}
    for play in book.plays:
        for outcome in outcomes(play):
            for finding in _outcome(book, outcome, declared):
                if finding not in seen:
                    seen.add(finding)
                    yield finding
    yield from _unknown_errors(book, declared)


def _outcome(book: Book, outcome: Outcome, declared: set[str]) -> Iterator[Finding]:
    phrase = outcome.match.wording.phrase
    if phrase is None or phrase.expect is None:
        return
    expect = phrase.expect
    if outcome.called is None:
        speaks = expect.error or expect.outcome or expect.output is not None
        if outcome.certain and speaks:
            yield Finding(
                outcome.step.at,
                f"`{outcome.step.text}` speaks of an answer, and the When before it sends no request.",
                "Add a When that calls an operation or runs a job.",
            )
        return
    contract = book.model.implemented.get(outcome.called)
    if contract is None:
        return
    place = book.phrase_place(phrase)
    if outcome.certain:
        yield from _output(book, place, contract, expect.output or {})
        yield from _events(book, place, contract, expect.events)
        if isinstance(contract, Job):
            yield from _refusal(outcome, contract, expect)
            return
        code = _code(outcome, expect.error)
        if code in declared or (code and is_open(expect.error)):
            yield from _error(outcome, contract, code)


def _refusal(outcome: Outcome, job: Job, expect: Expectation) -> Iterator[Finding]:
    if expect.error or expect.outcome == "refused":
        yield Finding(
            outcome.step.at,
            f"`{outcome.step.text}` expects a refusal, and `{job.header.key}` is a job: nobody waits for its answer.",
            "Expect what the job changes and tells.",
        )


def _output(book: Book, place: PhrasePlace, contract: Operation | Job, expected: dict[str, Any]) -> Iterator[Finding]:
    if isinstance(contract.output, TypeRef) and contract.output.key not in book.model.types:
        return
    if place.owner.key in book.contracts.broken or book.parsed(contract.header.key).at("output") in book.unresolved:
        return
    fields = output_fields(book.model, contract.output)
    known = Known(book.model, fields)
    path = (*place.path, "expect", "output")
    data = _without_every(expected)
    for inner in unknown_fields(known, data, ()):
        names = [field.name for field in known.at(inner[:-1])]
        meant = suggestion(str(inner[-1]), names)
        hint = f"Did you mean `{meant}`?" if meant else f"Its fields: {', '.join(names) or 'none'}."
        at = place.owner.key_at(*path, *_written(expected, inner))
        yield Finding(
            at,
            f"The output of `{contract.header.key}` has no field `{inner[-1]}`.",
            hint,
            respelling(at, str(inner[-1]), names),
        )
    for field in fields:
        value = expected.get(field.name)
        if isinstance(value, str | int | float | bool) and not is_open(value) and field.at not in book.unresolved:
            for misfit in value_misfits(book.model, field, value):
                yield Finding(
                    place.owner.at(*path, field.name),
                    f"`{field.name}` of `{contract.header.key}` can't be that: {misfit.message}",
                    misfit.hint,
                )


def _without_every(data: Any) -> Any:
    """Expectations with `every: X` of a list written as a list of one X, as the data would look."""
    if isinstance(data, dict):
        if set(data) == {EVERY} and isinstance(data[EVERY], dict):
            return [_without_every(data[EVERY])]
        return {key: _without_every(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_without_every(value) for value in data]
    return data


def _written(data: Any, path: Path) -> Path:
    """The path in what the author wrote, where `every` stands instead of a position."""
    found: Path = ()
    for part in path:
        here = EVERY if isinstance(data, dict) and isinstance(part, int) else part
        found = (*found, here)
        data = data[here]
    return found


def _events(book: Book, place: PhrasePlace, contract: Operation | Job, events: Any) -> Iterator[Finding]:
    if not isinstance(events, tuple) or len(contract.emits) < len(book.parsed(contract.header.key).contract.emits):
        return
    emitted = {emit.event for emit in contract.emits}
    for position, event in enumerate(events):
        if event not in emitted and event in book.model.events:
            yield Finding(
                place.owner.at(*place.path, "expect", "events", position),
                f"`{contract.header.key}` does not emit `{event}`.",
                "Name the event under its `emits`, or expect another one.",
            )


def _code(outcome: Outcome, expected: str | None) -> str | None:
    """The error that a Then expects, once its placeholder is filled in."""
    return outcome.match.values.get(expected.strip("{}")) if expected and is_open(expected) else expected


def _error(outcome: Outcome, operation: Operation, code: str) -> Iterator[Finding]:
    own = {error.code for error in operation.errors}
    if code not in own and code not in PIPELINE_ERRORS:
        yield Finding(
            outcome.step.at,
            f"`{outcome.step.text}` expects `{code}`, which `{operation.header.key}` does not declare.",
            f"Declared there: {', '.join(sorted(own)) or 'nothing'}.",
        )


def _unknown_errors(book: Book, declared: set[str]) -> Iterator[Finding]:
    """Codes that no operation at all declares, whoever is called."""
    if any(kind in (None, "command", "query") for kind in book.contracts.broken.values()):
        return
    for place in book.phrases:
        code = place.phrase.expect.error if place.phrase.expect else None
        if code and not is_open(code) and code not in declared and code not in PIPELINE_ERRORS:
            meant = suggestion(code, [*declared, *PIPELINE_ERRORS])
            at = place.owner.at(*place.path, "expect", "error")
            yield Finding(
                at,
                f"No operation declares the error `{code}`.",
                f"Did you mean `{meant}`?" if meant else "Declare it under an operation's `errors`.",
                respelling(at, code, [*declared, *PIPELINE_ERRORS]),
            )


RULE = Rule("expectations", "A Then that can't come true fails for the wrong reason.", check)
