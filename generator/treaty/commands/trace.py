"""`treaty trace`: from a generated line to the contract's, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from treaty.commands.common import ProjectOption, find_project, report
from treaty.commands.completion import contract_keys

if TYPE_CHECKING:
    from treaty.project import Project
    from treaty.trace.trace import Trace


def trace(
    target: Annotated[
        str,
        typer.Argument(
            metavar="FILE:LINE|CONTRACT[:LINE]",
            help="A line of a generated file, or a contract by its key or file.",
            show_default=False,
            autocompletion=contract_keys,
        ),
    ],
    project: ProjectOption = Path(),
) -> None:
    """Name the contract line that a generated line comes from, or the generated lines that a contract leads to."""
    found = find_project(project)
    name, line = _parts(target)
    known = _load(found)
    path = _below(found, name)
    output = f"{found.shown(found.output)}/"
    lines = (
        _origin(known, found, path.removeprefix(output), line)
        if path and path.startswith(output)
        else _results(known, found, path or name, name, line)
    )
    for said in lines:
        typer.echo(said)


def _parts(target: str) -> tuple[str, int | None]:
    name, colon, line = target.rpartition(":")
    return (name, int(line)) if colon and line.isdecimal() else (target, None)


def _load(project: Project) -> Trace:
    from treaty.check import examine
    from treaty.format import Formatter
    from treaty.generate import MEMORY, made
    from treaty.trace.trace import Trace

    checked = examine(project)
    if checked.errors:
        report(checked.problems, project.root)
        raise typer.Exit(1)
    return Trace(checked.book, made(checked.model, project, Formatter.remembering(project.root / MEMORY)))


def _below(project: Project, name: str) -> str | None:
    """The path below the project's folder, given from there or from here."""
    for start in (Path.cwd(), project.root):
        with suppress(OSError):  # a name that is too long
            file = start / name
            if file.exists() and file.is_relative_to(project.root):
                return file.relative_to(project.root).as_posix()
    output = project.shown(project.output)
    return name if name.startswith(f"{output}/") else None


def _origin(trace: Trace, project: Project, path: str, line: int | None) -> Iterator[str]:
    from treaty.trace.report import origin_lines

    if path not in trace.files:
        _end(f"{path} is not generated: no contract makes it. A line is named as `generated/app.py:12`.")
    content = trace.files[path]
    if line is None or not 1 <= line <= len(content.splitlines()):
        _end(f"Say which line, from 1 to {len(content.splitlines())}: `treaty trace FILE:LINE`.")
    file = project.output / path
    if not file.is_file() or file.read_bytes() != content:
        yield "The file is not what the contracts say now; this is about what `treaty generate` would write."
    yield from origin_lines(trace, project, path, line)


def _results(trace: Trace, project: Project, path: str, name: str, line: int | None) -> Iterator[str]:
    from treaty.trace.report import result_lines

    contracts = trace.book.contracts
    written = (*contracts.parsed.values(), *contracts.defaults.values())
    parsed = next((item for item in written if path == item.document.path or name == item.key), None)
    if parsed is None:
        _end(f"`{name}` is neither a generated file nor a contract. Say a contract's key or file, or FILE:LINE.")
    last = len((project.root / parsed.document.path).read_text(encoding="utf-8").splitlines())
    if line is not None and not 1 <= line <= last:
        _end(f"{parsed.document.path} has the lines 1 to {last}.")
    key = parsed.key if parsed.key in contracts.parsed else None
    return result_lines(trace, project, parsed.document, key, line)


def _end(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
