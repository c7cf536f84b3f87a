"""`treaty fmt`: contracts in one layout."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treaty.commands.common import ProjectOption, find_project, report
from treaty.diagnostics import Diagnostic

if TYPE_CHECKING:
    from treaty.formatting.files import Result


def fmt(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Contracts, or folders of them; all of the project when left out.")
    ] = None,
    check: Annotated[  # noqa: FBT002 (an option of the command line)
        bool, typer.Option("--check", help="Write nothing; list what would change, and fail if anything would.")
    ] = False,
    project: ProjectOption = Path(),
) -> None:
    """Lay out contracts in one way. What they say and their comments stay."""
    from treaty.formatting.files import format_files

    found = find_project(project)
    results = list(format_files(paths or [found.contracts], found.root))
    problems = [result for result in results if isinstance(result, Diagnostic)]
    files = [result for result in results if not isinstance(result, Diagnostic)]
    problems += [problem for result in files for problem in result.formatted.problems]
    changed = [result for result in files if result.differs]
    left = [result for result in files if result.formatted.reason]
    written = [_settle(result, check=check) for result in changed]
    for result in left:
        typer.echo(f"{result.path}: left as it is: {result.formatted.reason}.")
    if problems:
        report(sorted(problems), found.root)
    typer.echo(_count(len(changed), len(files), check=check) if all(written) else "Not all could be written.")
    if problems or left or not all(written) or (check and changed):
        raise typer.Exit(1)


def _settle(result: Result, *, check: bool) -> bool:
    """Write one file, or only name it; whether that succeeded."""
    from treaty.formatting.files import replace
    from treaty.source.folder import printable

    path = printable(result.path)
    if check:
        typer.echo(f"{path}: would be formatted.")
        return True
    try:
        replace(result.file, result.formatted.content or b"")
    except OSError as error:
        typer.echo(f"{path} can't be written: {error.strerror}. It is as it was.")
        return False
    typer.echo(f"{path}: formatted.")
    return True


def _count(changed: int, files: int, *, check: bool) -> str:
    contracts = f"{files} contract{'' if files == 1 else 's'}"
    if not changed:
        return f"{contracts}, nothing to format."
    return f"{contracts}, {changed} {'would be ' if check else ''}formatted."
