"""What goes wrong in a scenario, as sentences: one hierarchy, shown without a traceback.

- `OnlySimulated`: the scenario needs what only a simulator can be told, and none is there.
- `AssertionError`
    - `Mistake`: the scenario or feature file asks for something that cannot be done.
    - `BrokenPromise`: the service did not do what its contract says.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["BrokenPromise", "Mistake", "OnlySimulated"]


class OnlySimulated(Exception):
    """The scenario is left out: what it does can only be done to a simulator, such as moving its clock."""


class Mistake(AssertionError):
    """The scenario cannot be played as written; the sentence says what to write instead."""


class BrokenPromise(AssertionError):
    """What was promised and what came instead; `answer` is all that the service said."""

    def __init__(self, promises: Sequence[str], answer: str = "") -> None:
        super().__init__("\n".join([*promises, *([answer] if answer else [])]))
        self.promises = tuple(promises)
        self.answer = answer
