"""What `treaty explain` shows of a fixture: a file that is wrong, what is said about it, and the same file right."""

from __future__ import annotations

import difflib
from pathlib import Path

from tests.generator.checking import check, project
from treaty.diagnostics import Diagnostic
from treaty.fixing.plan import mend
from treaty.reporting.explanation import Example
from treaty.reporting.lines import printable

AROUND = 3


def example_of(fixture: Path) -> Example:
    """The example of one code; of long files the lines around."""
    first, bad, good = _first(fixture)
    center = first.at.line - 1
    matched = difflib.SequenceMatcher(None, bad, good, autojunk=False)
    changed = [code for code in matched.get_opcodes() if code[0] != "equal"]
    near = min(changed, key=lambda code: abs(code[1] - center), default=None)
    there = near[3] + max(0, center - near[1]) if near else center
    return Example(
        path=first.at.path,
        bad=_around(bad, center),
        said=f"{first}\n{first.hint}",
        good=_around(good, there),
        mended=bool(mend(project(fixture / "bad"), lambda _: True).mended),
    )


def _first(fixture: Path) -> tuple[Diagnostic, list[str], list[str]]:
    """The first diagnostic in a file that is another one when it is right."""
    found = []
    for problem in check(fixture / "bad"):
        right = _lines(_counterpart(fixture / "good", problem.at.path, fixture))
        found.append((problem, _lines(fixture / "bad" / problem.at.path), right))
    return next((item for item in found if item[1] != item[2]), found[0])


def _counterpart(good: Path, path: str, fixture: Path) -> Path:
    """The file in which it is right: of the same name, or else the one that is most like it."""
    if (good / path).is_file():
        return good / path
    wrong = "\n".join(_lines(fixture / "bad" / path))
    candidates = [file for file in sorted(good.rglob("*")) if file.suffix in (".yaml", ".feature")]
    return max(candidates, key=lambda file: difflib.SequenceMatcher(None, wrong, file.read_text()).ratio())


def _lines(file: Path) -> list[str]:
    if not file.is_file():
        return []
    return file.read_bytes().decode("utf-8", "backslashreplace").splitlines()


def _around(lines: list[str], center: int) -> str:
    if len(lines) > 12:
        start, end = max(0, center - AROUND), center + AROUND + 1
        lines = [*(["…"] if start else []), *lines[start:end], *(["…"] if end < len(lines) else [])]
    return "\n".join(printable(line) for line in lines)
