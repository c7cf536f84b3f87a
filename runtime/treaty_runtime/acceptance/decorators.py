"""`given`, `when`, `then`: behave's decorators for typed coroutine functions that take a `World`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

import behave  # type: ignore[import-untyped]

from treaty_runtime.acceptance.failures import OnlySimulated
from treaty_runtime.acceptance.world import World

__all__ = ["given", "then", "when"]

PhraseT = TypeVar("PhraseT", bound=Callable[..., Coroutine[Any, Any, None]])


def given(pattern: str) -> Callable[[PhraseT], PhraseT]:
    """Run the function for a Given that matches `pattern` (the `parse` language)."""
    return lambda phrase: _register(behave.given, pattern, phrase)


def when(pattern: str) -> Callable[[PhraseT], PhraseT]:
    """Run the function for a When that matches `pattern` (the `parse` language)."""
    return lambda phrase: _register(behave.when, pattern, phrase)


def then(pattern: str) -> Callable[[PhraseT], PhraseT]:
    """Run the function for a Then that matches `pattern` (the `parse` language)."""
    return lambda phrase: _register(behave.then, pattern, phrase)


def _register(keyword: Callable[[str], Callable[..., Any]], pattern: str, phrase: PhraseT) -> PhraseT:
    @wraps(phrase)  # behave shows where the phrase itself is defined
    def run(context: Any, /, *args: Any, **placeholders: Any) -> None:
        world: World = context.world
        try:
            world.run(phrase(world, *args, **placeholders))
        except OnlySimulated as reason:
            context.scenario.skip(str(reason))

    keyword(pattern)(run)
    return phrase
