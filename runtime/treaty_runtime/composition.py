"""The generated application of a project: imported by name, with a sentence for each way in which it may be missing."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from litestar import Litestar

from treaty_runtime.clock import Clock
from treaty_runtime.definition import Definition
from treaty_runtime.jobs.descriptor import AnyTask
from treaty_runtime.project import Project, ProjectError
from treaty_runtime.settings import Settings

__all__ = ["Application", "load"]


@dataclass(frozen=True, slots=True)
class Application:
    """What `generated/app.py` offers."""

    definition: Definition
    create_app: Callable[..., Litestar]
    tasks: tuple[AnyTask, ...] = ()

    def create(self, settings: Settings, clock: Clock | None = None) -> Litestar:
        """The service. Raises `ProjectError` when an implementation or a generated file is missing."""
        try:
            return self.create_app(settings, clock=clock)
        except Exception as error:
            raise ProjectError(explained(error)) from error


def load(project: Project) -> Application:
    """Import the composition root. Raises `ProjectError` when it is missing or does not fit the implementations."""
    if not (project.output / "app.py").is_file():
        raise ProjectError(f"There is no {project.output / 'app.py'}. Run `treaty generate` first.")
    for folder in (project.runtime, project.output.parent, project.root):
        if folder.is_dir() and str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    module = _import(f"{project.output.name}.app")
    return Application(module.DEFINITION, module.create_app, module.TASKS)


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except SyntaxError as error:
        raise ProjectError(f"{error.filename}:{error.lineno} is not Python: {error.msg}") from error
    except Exception as error:
        raise ProjectError(explained(error)) from error


def explained(error: BaseException) -> str:
    """Why the application cannot be put together, and what to do."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "importlib" not in frame.filename and __file__ != frame.filename]
    place = f" ({own[-1].filename}:{own[-1].lineno})" if own else ""
    hint = "Run `treaty generate`, and implement what it asks for."
    if isinstance(error, ImportError | AttributeError):
        hint = "Write the function that the contract asks for, or run `treaty generate` if a contract was renamed."
    return f"The application cannot be put together: {str(error) or type(error).__name__}{place}. {hint}"
