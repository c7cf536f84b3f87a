"""behave's hooks: a project's `features/environment.py` imports them all, and plain `behave` works as `treaty verify`.

`from treaty_runtime.acceptance.environment import *`
"""

from __future__ import annotations

from typing import Any

from treaty_runtime.acceptance.history import History
from treaty_runtime.acceptance.json_values import Cell
from treaty_runtime.acceptance.outcomes import outcome_of
from treaty_runtime.acceptance.stage import Stage
from treaty_runtime.acceptance.world import World
from treaty_runtime.composition import load
from treaty_runtime.project import Project

__all__ = ["after_all", "after_scenario", "before_all", "before_scenario", "before_step"]


def before_all(context: Any) -> None:
    """Start the service on an empty database, unless `treaty verify` did."""
    project = Project.find()
    context.stage = getattr(context.config, "treaty_stage", None) or Stage.open(project, load(project))
    context.history = History.open(project)


def before_scenario(context: Any, _scenario: Any) -> None:
    """Every scenario finds empty tables, the same time, and no names."""
    context.stage.run(context.stage.clean())
    context.world = World(context.stage)


def before_step(context: Any, step: Any) -> None:
    """The world learns what the step is, before its phrase runs."""
    table = None
    if step.table is not None:
        table = [dict(zip(row.headings, map(Cell, row.cells), strict=True)) for row in step.table]
    context.world.run(context.world.enter(step.step_type, step.text and str(step.text), table))


def after_scenario(context: Any, scenario: Any) -> None:
    """What came of it goes into the project's history."""
    context.history.add(outcome_of(scenario, context.stage.definition))


def after_all(context: Any) -> None:
    """Stop the service and drop the database, unless `treaty verify` will."""
    if "stage" in context and getattr(context.config, "treaty_stage", None) is None:
        context.stage.close()
