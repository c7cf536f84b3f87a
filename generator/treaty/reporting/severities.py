"""How bad each code is: what it brings, or what [tool.treaty.severity] says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from treaty.contract.spelling import suggestion
from treaty.diagnostics import Diagnostic, Location, Severity
from treaty.project import FILE, Project, line_of
from treaty.reporting.codes import codes

INVALID = "severity-invalid"
OFF = "off"


def setting_problems(project: Project) -> Iterator[Diagnostic]:
    """What is wrong with the project's severities."""
    known = codes()
    for code, said in project.severity.items():
        if code not in known:
            meant = suggestion(code, known)
            hint = f"Did you mean `{meant}`?" if meant else "`treaty explain` lists all codes."
            yield _problem(project, code, f"There is no code `{code}`.", hint)
        elif not known[code].advice and said != Severity.ERROR:
            able = ", ".join(code.id for code in known.values() if code.advice)
            message = f"`{code}` is always an error: what it names can't be generated."
            yield _problem(project, code, message, f"Delete this line; these have a severity of their own: {able}.")


def weigh(problems: Iterable[Diagnostic], project: Project) -> list[Diagnostic]:
    """The problems, each as bad as it is in this project; without those that are switched off."""
    known = codes()
    weighed = []
    for problem in problems:
        code = known.get(problem.code)
        severity = str(code.severity) if code else str(problem.severity)
        if code and code.advice:
            severity = project.severity.get(problem.code, severity)
        if severity != OFF:
            weighed.append(replace(problem, severity=Severity(severity)))
    return weighed


def _problem(project: Project, code: str, message: str, hint: str) -> Diagnostic:
    try:
        text = (project.root / FILE).read_text(encoding="utf-8")
    except (OSError, ValueError):
        text = ""
    return Diagnostic(Location(FILE, line_of(text, code)), INVALID, message, hint)
