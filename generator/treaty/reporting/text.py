"""Diagnostics for people: place, code and message; the line with a caret below the place; the hint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from treaty.diagnostics import Diagnostic, Severity
from treaty.reporting.lines import Files, pointed, printable

Line = list[tuple[str, str]]
INDENT = "    "
WIDTH = 120
_NAMES = {Severity.ERROR: "problem", Severity.WARNING: "warning", Severity.NOTE: "note"}
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}


def lines(problems: Iterable[Diagnostic], files: Files, width: int = WIDTH) -> Iterator[Line]:
    """All diagnostics, in lines of pieces with a style each."""
    for problem in problems:
        yield _head(problem)
        line = files.line(problem.at)
        if line is not None and line.strip():
            shown, caret = pointed(line, problem.at.column, max(width - len(INDENT), 20))
            yield [(f"{INDENT}{shown}".rstrip(), "")]
            yield [(f"{INDENT}{caret}", _STYLES[problem.severity])]
        yield [(f"{INDENT}{printable(problem.hint)}", "")]


def _head(problem: Diagnostic) -> Line:
    style = _STYLES[problem.severity]
    said = "" if problem.severity is Severity.ERROR else f"{problem.severity.value}: "
    return [
        (f"{printable(str(problem.at))} ", "bold"),
        (f"{said}{problem.code}", style),
        (f" {printable(problem.message)}", ""),
    ]


def count(problems: Sequence[Diagnostic]) -> str:
    """How many there are, and how many have a mend."""
    counted = Counter(problem.severity for problem in problems)
    said = [
        f"{counted[severity]} {name}{'' if counted[severity] == 1 else 's'}"
        for severity, name in _NAMES.items()
        if counted[severity]
    ]
    able = sum(problem.fix is not None for problem in problems)
    mends = f"; `treaty fix` may mend {able}" if able else ""
    return f"{', '.join(said) or 'no problems'}{mends}."
