"""`treaty diff`: what changed in the contracts, and for whom it breaks something."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treaty.commands.common import ProjectOption, report

if TYPE_CHECKING:
    from treaty.diff.run import Result
    from treaty.diff.sources import Source


class FailOn(StrEnum):
    """From which severity on the command fails."""

    BREAKING = "breaking"
    RISKY = "risky"


def diff(
    old: Annotated[
        str | None,
        typer.Argument(metavar="OLD", help="A folder or a git revision; `main...` is where HEAD left main.", show_default="HEAD"),
    ] = None,
    new: Annotated[
        str | None, typer.Argument(metavar="NEW", help="A folder or a git revision.", show_default="the working tree")
    ] = None,
    project: ProjectOption = Path(),
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="The least severity that makes the command fail.")
    ] = FailOn.BREAKING,
    everything: Annotated[bool, typer.Option("--all", help="Show changes of texts, owners and tags, too.")] = False,  # noqa: FBT002 (an option of the command line)
) -> None:
    """Say what changed from OLD to NEW, and for which readers it is breaking, risky or safe."""
    from datetime import UTC, datetime

    from treaty.diff import run
    from treaty.diff.base import Severity
    from treaty.diff.revision import RevisionError
    from treaty.diff.text import lines
    from treaty.project import ProjectError

    try:
        result = run.diff(old, new, project, datetime.now(UTC).date())
    except RevisionError as error:
        typer.echo(f"{error} {error.hint}", err=True)
        raise typer.Exit(1) from None
    except ProjectError as error:
        report([error.diagnostic])
        raise typer.Exit(1) from None
    _problems("OLD", result.old)
    _problems("NEW", result.new)
