"""Scenarios and examples, played against the real service: what generated phrases and hand-written steps import."""

from treaty_runtime.acceptance.decorators import given, then, when
from treaty_runtime.acceptance.failures import BrokenPromise, Mistake
from treaty_runtime.acceptance.world import World

__all__ = ["BrokenPromise", "Mistake", "World", "given", "then", "when"]
