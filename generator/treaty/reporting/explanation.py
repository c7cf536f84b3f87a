"""What a code means, for who meets it: what is kept, why, how it is broken and how it is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import TypedDict

from treaty.diagnostics import Severity
from treaty.reporting.base import Code
from treaty.reporting.codes import codes

EXAMPLES = "examples.json"
_STAGES = {
    "project": "Settings",
    "source": "Files and YAML",
    "contract": "One contract by itself",
    "resolve": "What contracts refer to",
    "rules": "Rules",
    "reporting": "What is allowed",
    "diff": "Changes that are allowed",
}


class Example(TypedDict):
    """A contract that breaks what a code keeps, what is said about it, and one that keeps it.

    `mended`: whether `treaty fix` mends it there.
    """

    path: str
    bad: str
    said: str
    good: str
    mended: bool


@cache
def examples() -> dict[str, Example]:
    """An example of each code that can be shown by a file."""
    found: dict[str, Example] = json.loads(files(__package__).joinpath(EXAMPLES).read_text(encoding="utf-8"))
    return found


def overview() -> Iterator[str]:
    """All codes, by what they are about."""
    order = list(_STAGES)
    listed = sorted(codes().values(), key=lambda code: (order.index(code.stage), code.id))
    width = max(len(code.id) for code in listed)
    for stage, group in groupby(listed, key=lambda code: code.stage):
        yield _STAGES[stage]
        yield from (f"  {code.id:{width}}  {code.title}" for code in group)
        yield ""
    yield "`treaty explain CODE` says why, and shows an example; it knows the changes of `treaty diff`, too."


def explanation(code: Code) -> Iterator[str]:
    """One code with its example."""
    yield f"{code.id}: {code.title}"
    yield ""
    yield f"Why: {code.why}"
    yield _standing(code)
    example = examples().get(code.id)
    mended = example and example["mended"]
    yield "`treaty fix` mends it where only one thing can be meant." if mended else "It is mended by hand."
    if example:
        yield from ("", f"Wrong, in {example['path']}:", "", *_indented(example["bad"]))
        yield from ("", "It says:", "", *_indented(example["said"]), "", "Right:", "", *_indented(example["good"]))


def _standing(code: Code) -> str:
    if not code.advice:
        return "It is always an error: without it nothing can be generated."
    bad = {Severity.ERROR: "an error", Severity.WARNING: "a warning", Severity.NOTE: "a note"}[code.severity]
    return (
        f'It is {bad}; [tool.treaty.severity] can say otherwise (`{code.id} = "warning"`), and a contract can be '
        f"allowed it (`# treaty: allow {code.id} because …`)."
    )


def _indented(text: str) -> Iterator[str]:
    return (f"    {line}".rstrip() for line in text.splitlines())
