"""`treaty fix`: the mends that are certain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treaty.commands.common import ProjectOption, find_project, report, show
from treaty.commands.following import followed
from treaty.diagnostics import Severity

if TYPE_CHECKING:
    from treaty.fixing.plan import Mending
    from treaty.project import Project


def fix(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Contracts, or folders of them; all of the project when left out.")
    ] = None,
    dry_run: Annotated[  # noqa: FBT002 (an option of the command line)
        bool, typer.Option("--dry-run", help="Write nothing; show what would change.")
    ] = False,
    project: ProjectOption = Path(),
) -> None:
    """Mend what can mean only one thing, and say what is left."""
    from treaty.fixing.files import meant
    from treaty.fixing.plan import mend

    found = find_project(project)
    is_meant, missing = meant(paths or [], found)
    if missing:
        report(missing, found.root)
        raise typer.Exit(1)
    with followed(stats=False):
        mending = mend(found, is_meant)
    show(_differences(mending))
    if not dry_run:
        _write(mending, found)
    show(_mended(mending, dry_run=dry_run))
    left = [problem for problem in mending.checked.problems if is_meant(problem.at.path)]
    if left:
        report(left, found.root, drafts=mending.after)
        show(_dropped(mending))
    elif not mending.mended:
        typer.echo("Nothing to mend.")
    unfinished = dry_run and any(problem.severity is Severity.ERROR for problem in mending.mended)
    if unfinished or any(problem.severity is Severity.ERROR for problem in left):
        raise typer.Exit(1)


def _differences(mending: Mending) -> Iterator[str]:
    from treaty.reporting.differences import difference

    for path, content in sorted(mending.after.items()):
        yield from difference(mending.before[path], content, f"a/{path}", f"b/{path}")


def _write(mending: Mending, project: Project) -> None:
    """Write what was mended: all of it, or nothing."""
    from treaty.fixing.files import ChangedMeanwhileError, write

    try:
        write(mending, project)
    except ChangedMeanwhileError as error:
        typer.echo(f"{error} was changed meanwhile. Nothing was written; run `treaty fix` again.", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"{error.filename or 'The disk'}: {error.strerror}. All contracts are as they were.", err=True)
        raise typer.Exit(1) from None


def _mended(mending: Mending, *, dry_run: bool) -> Iterator[str]:
    if not mending.mended:
        return
    for problem in mending.mended:
        title = problem.fix.title if problem.fix else ""
        yield f"{problem.at} {problem.code}: {title}."
    would = " would be mended; nothing was written" if dry_run else " mended"
    yield f"{_counted(mending.mended)}{would}."


def _dropped(mending: Mending) -> Iterator[str]:
    """The mends that were tried in vain."""
    from treaty.fixing.plan import identity

    for problem in mending.checked.problems:
        reason = mending.dropped.get(identity(problem))
        if reason:
            yield f"{problem.at} {problem.code} is left to you: {reason.removesuffix('.')}."


def _counted(problems: Sequence[object]) -> str:
    return f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
