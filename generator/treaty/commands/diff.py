"""`treaty diff`: what changed in the contracts, and for whom it breaks something."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treaty.commands.common import FormatOption, ProjectOption, report
from treaty.reporting.formats import Format

if TYPE_CHECKING:
    from treaty.diff.run import Result


class FailOn(StrEnum):
    """From which severity on the command fails."""

    BREAKING = "breaking"
    RISKY = "risky"


_OLD = "A folder, or a git revision; `main...` is where HEAD left main."
_NEW = "A folder, or a git revision."


def diff(
    old: Annotated[str | None, typer.Argument(metavar="OLD", help=_OLD, show_default="HEAD")] = None,
    new: Annotated[str | None, typer.Argument(metavar="NEW", help=_NEW, show_default="the working tree")] = None,
    project: ProjectOption = Path(),
    fail_on: Annotated[FailOn, typer.Option("--fail-on", help="The least severity to fail for.")] = FailOn.BREAKING,
    form: FormatOption = Format.TEXT,
    everything: Annotated[bool, typer.Option("--all", help="Show changes of texts, owners and tags, too.")] = False,  # noqa: FBT002 (an option of the command line)
) -> None:
    """Say what changed from OLD to NEW, and for which readers it is breaking, risky or safe."""
    from treaty.diff.base import Severity

    result = _compared(old, new, project, form)
    _print(result, form, everything=everything)
    if result.fails(Severity(fail_on.value)):
        raise typer.Exit(1)


def _compared(old: str | None, new: str | None, project: Path, form: Format) -> Result:
    """The result; ends the program when one of the sides is not there."""
    from datetime import UTC, datetime

    from treaty.diff.revision import RevisionError
    from treaty.diff.run import diff as compare
    from treaty.project import ProjectError
    from treaty.reporting.lines import printable

    try:
        return compare(old, new, project, datetime.now(UTC).date())
    except RevisionError as error:
        typer.echo(f"{printable(str(error))}\n    {error.hint}", err=True)
    except ProjectError as error:
        report([error.diagnostic], form=form)
    raise typer.Exit(1)


def _print(result: Result, form: Format, *, everything: bool) -> None:
    from treaty.diff.machine import codes, diagnostics, document

    if form is Format.TEXT:
        _print_text(result, everything=everything)
    elif form is Format.JSON:
        typer.echo(document(result))
    else:
        report(list(diagnostics(result, everything=everything)), result.new.root, form, codes())


def _print_text(result: Result, *, everything: bool) -> None:
    from treaty.diff.text import lines
    from treaty.reporting.lines import printable

    for which, source in (("OLD", result.old), ("NEW", result.new)):
        if source.problems:
            label = printable(source.side.label)
            typer.echo(f"{which}, {label}, does not check. What can't be understood is not compared.")
            report(source.problems, None if source.committed else source.root)
            typer.echo("")
    for line in lines(result.changes, result.old.side.label, result.new.side.label, everything=everything):
        typer.echo(printable(line))
    if result.notices:
        typer.echo("")
        report(result.notices, None if result.new.committed else result.new.root)
