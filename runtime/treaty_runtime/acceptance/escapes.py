"""Functions of `features/steps/` that phrases fall back on: the one way out of the vocabulary, counted."""

from __future__ import annotations

import importlib.util
import inspect
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from treaty_runtime.acceptance.failures import Mistake

if TYPE_CHECKING:
    from treaty_runtime.acceptance.world import World

__all__ = ["Escapes"]


class Escapes:
    """Finds and runs such functions; `used` says how often each was."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._modules: dict[str, ModuleType] = {}
        self.used: Counter[str] = Counter()

    async def run(self, name: str, world: World, values: Mapping[str, Any]) -> None:
        """Call `module.function(world, values)`; it may be a coroutine function."""
        function = self._find(name)
        self.used[name] += 1
        result = function(world, values)
        if inspect.isawaitable(result):
            await result

    def _find(self, name: str) -> Callable[..., Any]:
        module_name, _, function_name = name.rpartition(".")
        path = self._folder.joinpath(*module_name.split(".")).with_suffix(".py")
        if module_name not in self._modules:
            self._modules[module_name] = _loaded(module_name, path, name)
        function = getattr(self._modules[module_name], function_name, None)
        if not callable(function):
            raise Mistake(f"the step {name} needs a function `{function_name}` in {path}")
        return function  # type: ignore[no-any-return]  # any callable will do


def _loaded(module_name: str, path: Path, step: str) -> ModuleType:
    """The module, once: its functions may share what they remember."""
    specification = importlib.util.spec_from_file_location(f"features.steps.{module_name}", path)
    if specification is None or specification.loader is None or not path.is_file():
        raise Mistake(f"the step {step} needs {path}, which is not there")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
