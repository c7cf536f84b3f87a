"""`treaty generate`: everything that the contracts say."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treaty.commands.common import ProjectOption, find_project, report, show
from treaty.commands.following import StatsOption, followed

if TYPE_CHECKING:
    from treaty.generate import Generated
    from treaty.project import Project

INTERRUPTED = 130


def generate(
    project: ProjectOption = Path(),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when anything differs.")] = False,  # noqa: FBT002 (an option of the command line)
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; show what would change.")] = False,  # noqa: FBT002 (an option of the command line)
    force: Annotated[bool, typer.Option("--force", help="Overwrite generated files that were edited by hand.")] = False,  # noqa: FBT002 (an option of the command line)
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and write again whenever something changes.")] = False,  # noqa: FBT002 (an option of the command line)
    stats: StatsOption = False,  # noqa: FBT002 (an option of the command line)
) -> None:
    """Write everything that the contracts say; with any problem in them, nothing."""
    from treaty.output import report as said

    if watch:
        _watch(project, alone=not (check or dry_run or force or stats))
        return
    found = find_project(project)
    with followed(stats=stats):
        generated = _run(found, write=not (check or dry_run), force=force)
    if shown := generated.problems or generated.warnings:
        report(shown, found.root)
    if generated.problems:
        raise typer.Exit(1)
    if generated.refused:
        show(said.refusal(generated, found))
        raise typer.Exit(1)
    if check:
        _say(said.findings(generated, found))
        raise typer.Exit(int(generated.differs))
    if dry_run:
        show(said.differences(generated, found))
        _say(said.outlook(generated, found))
    else:
        _say(said.summary(generated, found))


def _run(project: Project, *, write: bool, force: bool) -> Generated:
    """The run; whatever keeps it from its end is said in a sentence."""
    from treaty import generate as run
    from treaty.output.errors import OutputError

    try:
        return run.generate(project, write=write, force=force, waiting=_waiting)
    except OutputError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except OSError as error:  # reading and formatting come before the first change
        typer.echo(f"{error.filename or 'The disk'}: {error.strerror}. Nothing was changed.", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        if not _was_halfway(project):
            typer.echo("Interrupted.", err=True)
        raise typer.Exit(INTERRUPTED) from None


def _was_halfway(project: Project) -> bool:
    """Whether an interrupted run had begun to change the output folder; says so."""
    from treaty.output.journal import Journal

    is_unfinished = Journal.of(project.root, project.output).is_unfinished
    if is_unfinished:
        typer.echo("Interrupted halfway: the next `treaty generate` finishes it.", err=True)
    return is_unfinished


def _watch(start: Path, *, alone: bool) -> None:
    """Regenerate whenever something changes. Ctrl-C is how that ends, and no failure."""
    from treaty.commands.watching import Watching

    if not alone:
        typer.echo("`--watch` writes what changes, again and again: leave the other options out.", err=True)
        raise typer.Exit(2)
    project = find_project(start)
    typer.echo(f"Watching {project.root}; Ctrl-C ends it.", err=True)
    try:
        Watching(start, _waiting).run()
    except OSError as error:
        typer.echo(f"Changes can't be watched: {error}. Run `treaty generate` after each.", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        if _was_halfway(project):
            raise typer.Exit(INTERRUPTED) from None


def _waiting() -> None:
    typer.echo("Another `treaty generate` is at work here; waiting until it has finished.", err=True)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
