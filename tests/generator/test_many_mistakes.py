"""A folder full of mistakes: every line that is marked `# code` is one, and each is told exactly once, in one run."""

from __future__ import annotations

import re
from pathlib import Path

from tests.generator.checking import check

MANY = Path(__file__).parent / "many"
MARK = re.compile(r"# (next line: )?([a-z]+(?:-[a-z]+)*)$")


def test_each_mistake_is_told_once() -> None:
    marked = [
        (f"{path.relative_to(MANY)}:{number + bool(found[1])}", found[2])
        for path in [*MANY.rglob("*.yaml"), *MANY.rglob("*.feature")]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (found := MARK.search(line))
    ]
    said = [(f"{problem.at.path}:{problem.at.line}", problem.code) for problem in check(MANY)]
    assert sorted(said) == sorted(marked)
