"""`treaty verify`: play every scenario, every example and every feature file against the real service."""

from __future__ import annotations

import io
import traceback
import warnings
from collections.abc import Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from difflib import get_close_matches
from pathlib import Path

from behave.exception import InvalidFilenameError  # type: ignore[import-untyped]
from behave.parser import ParserError  # type: ignore[import-untyped]
from behave.runner_util import collect_feature_locations, parse_features  # type: ignore[import-untyped]
from behave.step_registry import AmbiguousStep  # type: ignore[import-untyped]
from pydantic import SecretStr
from rich.console import Console

from treaty_runtime.acceptance.report import Report
from treaty_runtime.acceptance.runner import ProjectRunner
from treaty_runtime.acceptance.stage import SIMULATED, Stage
from treaty_runtime.composition import load
from treaty_runtime.definition import Definition
from treaty_runtime.project import Project, ProjectError

__all__ = ["verify"]


def verify(
    project: Project,
    console: Console,
    operations: Sequence[str] = (),
    paths: Sequence[str] = (),
    stripe_key: SecretStr = SIMULATED,
) -> bool:
    """Whether everything that ran holds, and something ran. Raises `OperatorError` when nothing can be played.

    `stripe_key` is one of Stripe's test mode, where scenarios are to be played against Stripe itself.
    """
    places = _places(project, paths)
    application = load(project)
    tags = _tags(application.definition, operations)
    with (
        console.status("starting the service") as status,
        closing(Stage.open(project, application, stripe_key)) as stage,
    ):
        report = Report(console, project.root)
        report.follow(status)
        failed, noise = _play(ProjectRunner(project, places, tags, stage, report))
        escapes = dict(stage.escapes.used)
    report.print(escapes)
    if failed and not report.failures:
        console.print(noise.strip() or "behave stopped before the end", markup=False, style="red")
    return bool(report.outcomes) and not failed and not report.failures


def _play(runner: ProjectRunner) -> tuple[bool, str]:
    noise = io.StringIO()  # behave prints hook errors wherever it is; the report has them
    try:
        with redirect_stdout(noise), redirect_stderr(noise), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # behave's own
            return runner.run(), noise.getvalue()
    except AmbiguousStep as error:
        raise ProjectError(f"Two phrases match one sentence: {error}") from error
    except Exception as error:
        raise ProjectError(f"The hooks and steps in {runner.base_dir} cannot be used: {_where(error)}") from error


def _where(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno} is not Python: {error.msg}"
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({last.filename}:{last.lineno})"


def _check_glue(project: Project) -> None:
    if not (project.features / "environment.py").is_file():
        raise ProjectError(
            f"There is no {project.features / 'environment.py'}. Write one with this line: "
            "from treaty_runtime.acceptance.environment import *"
        )
    if not any((project.features / "steps").glob("*.py")):
        raise ProjectError(
            f"There are no steps in {project.features / 'steps'}. Write a file contracts.py there with these lines: "
            "import generated.steps, and: import treaty_runtime.acceptance.builtin_steps"
        )


def _places(project: Project, paths: Sequence[str]) -> list[str]:
    _check_glue(project)
    for path in paths:
        if not Path(path.partition(":")[0]).exists():
            raise ProjectError(f"There is no {path}. Name feature files, folders of them, or a line: some.feature:12")
    folders = (project.features, project.output / "features")
    places = list(paths) or [str(folder) for folder in folders if folder.is_dir()]
    try:
        parse_features(collect_feature_locations(places))
    except (ParserError, UnicodeError, InvalidFilenameError) as error:
        raise ProjectError(f"A feature file cannot be read: {error}") from error
    return places


def _tags(definition: Definition, operations: Sequence[str]) -> str | None:
    keys = [contract.identity for contract in definition.played]
    for key in operations:
        if key not in keys:
            near = get_close_matches(key, keys, n=1)
            known = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(keys)}"
            raise ProjectError(f"There is no operation or job {key}. {known}")
    return " or ".join(f"@{key.replace('@', '.v')}" for key in operations) or None
