"""What authors allow in their contracts: `# treaty: allow CODE because …`, on the line or above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from treaty.contract.parse import Contracts
from treaty.contract.spelling import respelling, suggestion
from treaty.diagnostics import Diagnostic, Edit, Fix, Location
from treaty.reporting.codes import codes
from treaty.source.document import Document
from treaty.source.remarks import Remark

INVALID, UNUSED = "suppression-invalid", "suppression-unused"
_FORM = re.compile(r"allow[ \t]+(\S+)(?:[ \t]+because\b[ \t]*(.*))?")
_HINT = "Write `# treaty: allow CODE because REASON`."


class Allowance(NamedTuple):
    """A code that may stand in one line."""

    at: Location
    code: str
    line: int
    removal: Fix

    def covers(self, problem: Diagnostic) -> bool:
        """Whether this is about that problem."""
        return (self.code, self.at.path, self.line) == (problem.code, problem.at.path, problem.at.line)


def read_allowances(contracts: Contracts) -> tuple[list[Allowance], list[Diagnostic]]:
    """What all contracts allow, and what is wrong with how they say it."""
    allowances: list[Allowance] = []
    problems: list[Diagnostic] = []
    for item in (*contracts.parsed.values(), *contracts.defaults.values()):
        for said in _read(item.document):
            if isinstance(said, Diagnostic):
                problems.append(said)
            else:
                allowances.append(said)
    return allowances, problems


def _read(document: Document) -> Iterator[Allowance | Diagnostic]:
    for remark in document.remarks:
        at = Location(document.path, remark.line, remark.column)
        form = _FORM.fullmatch(remark.text)
        complaint = _complaint(form[1], form[2]) if form else ("This remark says nothing that is known.", _HINT)
        if complaint:
            yield Diagnostic(at, INVALID, *complaint, fix=_respelt(document, remark) if form else None)
        elif form:
            yield Allowance(at, form[1], remark.about, _removal(at, remark))


def _complaint(code: str, reason: str | None) -> tuple[str, str] | None:
    known = codes()
    if code not in known:
        meant = suggestion(code, known)
        return (
            f"There is no code `{code}`.",
            f"Did you mean `{meant}`?" if meant else "`treaty explain` lists all codes.",
        )
    if not known[code].advice:
        return f"`{code}` can't be allowed: what it names can't be generated.", "Mend it, and delete this remark."
    if not (reason or "").strip(" \t.…"):
        return f"`{code}` is allowed here without a reason.", _HINT
    return None


def _respelt(document: Document, remark: Remark) -> Fix | None:
    """The mend of a misspelt code."""
    said = _FORM.fullmatch(remark.text)
    advice = [code.id for code in codes().values() if code.advice]
    if said is None or said[1] in codes():
        return None
    at = Location(document.path, remark.line, remark.column + remark.written.index(said[1]))
    return respelling(at, said[1], advice)


def _removal(at: Location, remark: Remark) -> Fix:
    """The mend that takes a remark away, with its line when nothing else stands there."""
    start = Location(at.path, at.line, at.column - len(remark.blanks))
    end = "\n" if start.column == 1 else ""
    return Fix(f"delete `{remark.written.rstrip()}`", (Edit(start, f"{remark.blanks}{remark.written}{end}", ""),))


def allow(problems: Iterable[Diagnostic], allowances: Iterable[Allowance]) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """The problems that nobody allowed, and the allowances that nobody needs."""
    allowances = list(allowances)
    used: set[Allowance] = set()
    left = []
    for problem in problems:
        covering = [allowance for allowance in allowances if allowance.covers(problem)]
        used.update(covering)
        if not covering:
            left.append(problem)
    return left, [_unused(allowance) for allowance in allowances if allowance not in used]


def _unused(allowance: Allowance) -> Diagnostic:
    message = f"`{allowance.code}` is allowed here, and line {allowance.line} has no such problem."
    hint = "Delete this remark, or move it above the line that it is about."
    return Diagnostic(allowance.at, UNUSED, message, hint, fix=allowance.removal)
