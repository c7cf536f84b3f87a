"""What came of a scenario: the same words for the terminal and for the history."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from behave.model_type import Status  # type: ignore[import-untyped]

from treaty_runtime.acceptance.failures import BrokenPromise, Mistake
from treaty_runtime.definition import Definition

__all__ = ["Failure", "Outcome", "outcome_of"]

PASSED = "passed"
INTERRUPTED = "interrupted"
PENDING = (Status.pending, Status.pending_warn)
SKIPPED = ("skipped", "untested")


@dataclass(frozen=True, slots=True)
class Failure:
    """The step that did not hold: where it stands, its text, and what went wrong."""

    place: str
    step: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scenario as it was played. `operation` is the contract it belongs to, if any."""

    operation: str | None
    feature: str
    path: str
    line: int
    scenario: str
    status: str
    seconds: float
    text: str
    failure: Failure | None
    left_out: str | None = None  # why it was not played to its end, where a step says so

    @property
    def passed(self) -> bool:
        """Whether all of it held."""
        return self.status == PASSED

    @property
    def played(self) -> bool:
        """Whether it ran at all."""
        return self.status not in SKIPPED

    @property
    def finished(self) -> bool:
        """Whether it ran to its end, good or bad."""
        return self.played and self.status != INTERRUPTED

    @property
    def digest(self) -> str:
        """SHA-256 of its text, background included: another text is another promise."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def outcome_of(scenario: Any, definition: Definition) -> Outcome:
    """What behave knows of a scenario after it ran."""
    keys = {contract.identity for contract in definition.played}
    name = scenario.feature.name
    failed = next((step for step in scenario.all_steps if step.status.has_failed() or step.status in PENDING), None)
    return Outcome(
        operation=name if name in keys else None,
        feature=name,
        path=scenario.filename,
        line=scenario.line,
        scenario=scenario.name,
        status=_status(scenario, failed),
        seconds=scenario.duration,
        text="\n".join(_lines(scenario)),
        failure=_failure(scenario, failed),
        left_out=scenario.skip_reason,
    )


def _status(scenario: Any, failed: Any) -> str:
    if scenario.hook_failed:
        return "hook_error"
    if failed is not None and isinstance(failed.exception, KeyboardInterrupt):
        return INTERRUPTED
    if failed is not None:
        return "pending" if failed.status in PENDING else str(failed.status.name)
    if not list(scenario.all_steps):
        return "empty"
    return str(scenario.status.name)


def _failure(scenario: Any, failed: Any) -> Failure | None:
    place = f"{scenario.filename}:{scenario.line}"
    if failed is not None:
        printed = failed.captured.stdout.strip()
        message = f"{_message(failed)}\n{printed}" if printed else _message(failed)
        return Failure(f"{failed.filename}:{failed.line}", f"{failed.keyword} {failed.name}", message)
    if scenario.hook_failed:
        return Failure(place, "", scenario.error_message or "a hook failed")
    if not list(scenario.all_steps):
        return Failure(place, "", "the scenario has no steps, so it proves nothing")
    return None


def _message(step: Any) -> str:
    if step.status is Status.undefined:
        return "no phrase of the vocabulary matches this step"
    if step.status in PENDING:
        return f"the step is still to be written: {step.exception or step.name}"
    if step.exception is None or isinstance(step.exception, Mistake | BrokenPromise):
        return str(step.exception or step.error_message)
    if isinstance(step.exception, KeyboardInterrupt):
        return "it was interrupted, and so was everything after it"
    last = traceback.extract_tb(step.exc_traceback)[-1]
    return f"{type(step.exception).__name__}: {step.exception} ({last.filename}:{last.lineno})"


def _lines(scenario: Any) -> Iterator[str]:
    yield f"{scenario.keyword}: {scenario.name}"
    for step in scenario.all_steps:
        yield f"{step.keyword} {step.name}"
        if step.text is not None:
            yield from str(step.text).splitlines()
        for row in [step.table.headings, *(row.cells for row in step.table)] if step.table is not None else ():
            yield f"| {' | '.join(row)} |"
