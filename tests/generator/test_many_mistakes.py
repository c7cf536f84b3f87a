"""A folder full of mistakes: every line that is marked `# code` is one, and each is told exactly once, in one run.

`expected.txt` holds their columns, too; `make golden-update` takes them again.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.generator.checking import check
from tests.generator.test_golden_diagnostics import ELSEWHERE
from treaty.reporting.codes import codes

MANY = Path(__file__).parent / "many"
MARK = re.compile(r"# (next line: )?([a-z]+(?:-[a-z0-9]+)*)$")


def test_each_mistake_is_told_once() -> None:
    marked = [
        (f"{path.relative_to(MANY)}:{number + bool(found[1])}", found[2])
        for path in [*MANY.rglob("*.yaml"), *MANY.rglob("*.yml"), *MANY.rglob("*.feature")]
        for number, line in enumerate(path.read_text(errors="replace").split("\n"), 1)
        if (found := MARK.search(line))
    ]
    said = [(f"{problem.at.path}:{problem.at.line}", problem.code) for problem in check(MANY)]
    assert sorted(said) == sorted(marked)


def test_golden_columns() -> None:
    found = "".join(f"{problem.at} {problem.code}\n" for problem in check(MANY))
    if os.environ.get("TREATY_GOLDEN_UPDATE") == "1":
        (MANY / "expected.txt").write_text(found)
    assert found == (MANY / "expected.txt").read_text()


def test_every_mistake_is_there() -> None:
    """But for those that no folder of a repository can hold, and an allowance that nobody needs beside an error."""
    others = {id_ for id_, code in codes().items() if code.stage in ("project", "diff")}
    assert {problem.code for problem in check(MANY)} == set(codes()) - ELSEWHERE - others - {"suppression-unused"}
