"""A project from nothing: put together beside its place, and moved there when it is whole."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import entry_points, version
from pathlib import Path

from treaty.beginning import BeginningError
from treaty.beginning.naming import Name, name_of, named
from treaty.emit.render import render, templates_below
from treaty.emit.text import json_file
from treaty.generate import generate
from treaty.language_schema import language_schema
from treaty.project import Project

TEMPLATES = "project"
SCHEMA = "contracts/contract.schema.json"
FIRST_MIGRATION = "initial"
UNFINISHED = ".treaty-unfinished"
# Somebody may have run `git init` before.
_MAY_BE_THERE = frozenset({".git"})


@dataclass(frozen=True, slots=True)
class Begun:
    """A new project: how many files it has, and whether its first migration could be written."""

    name: Name
    files: int
    migrated: bool


def begin_project(target: Path, package: str | None = None) -> Begun:
    """Make a project in `target`, an empty folder or none yet. Raises `BeginningError`; then nothing is there."""
    target = target.absolute()
    _refuse_taken(target)
    name = named(package) if package is not None else name_of(target.name)
    try:
        with _workshop(target) as draft:
            _write(draft, files(name))
            _generate(draft)
            migrated = _migrate(draft)
            shutil.rmtree(draft / ".treaty", ignore_errors=True)  # what is remembered there is of another place
            count = sum(1 for path in draft.rglob("*") if path.is_file())
            _move(draft, target)
    except OSError as error:
        raise BeginningError(
            f"{error.filename or target} can't be written: {error.strerror or error}. Nothing was made."
        ) from None
    return Begun(name, count, migrated)


def files(name: Name) -> dict[str, str]:
    """What a person would write, by path below the project's folder."""
    view = {
        "package": name.package,
        "namespace": name.namespace,
        "distribution": name.namespace,
        "title": name.title,
        "treaty_version": version("treaty"),
    }
    texts = {_path(template, name): render(template, **view) for template in templates_below(TEMPLATES)}
    return {**texts, SCHEMA: json_file(language_schema())}


def _path(template: str, name: Name) -> str:
    path = template.removeprefix(f"{TEMPLATES}/").removesuffix(".jinja")
    return path.replace("NAMESPACE", name.namespace).replace("PACKAGE", name.package)


def _refuse_taken(target: Path) -> None:
    wanted = "Name a folder that is empty or does not exist yet."
    if target.is_symlink() and not target.exists():
        raise BeginningError(f"{target} is a link that leads nowhere. {wanted}")
    if not target.exists():
        return
    try:
        there = sorted(item.name for item in target.iterdir() if item.name not in _MAY_BE_THERE)
    except OSError as error:
        raise BeginningError(f"{target} can't be used: {error.strerror}. {wanted}") from None
    if there:
        shown = ", ".join(there[:3]) + (f" and {len(there) - 3} more" if len(there) > 3 else "")
        raise BeginningError(f"{target} is not empty: it holds {shown}. {wanted}")


@contextmanager
def _workshop(target: Path) -> Iterator[Path]:
    """A folder beside `target` to work in. Whatever happens, nothing of it stays, nor of a run that was killed."""
    made = [folder for folder in target.parents if not folder.exists()]
    draft = target.with_name(f".{target.name}{UNFINISHED}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.exists():
            for folder in made:
                with suppress(OSError):
                    folder.rmdir()


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="\n")


def _generate(folder: Path) -> None:
    """What `treaty generate` writes: a new project is complete without a further command."""
    outcome = generate(Project.find(folder), write=True)
    if outcome.problems:
        raise AssertionError("\n".join(map(str, outcome.problems)))  # the templates are ours: a bug


def _migrate(folder: Path) -> bool:
    """The first migration, by the command that another distribution adds; without it, its users write it later."""
    if not entry_points(group="treaty.commands"):
        return False
    command = [sys.executable, "-m", "treaty", "migrate", FIRST_MIGRATION]
    # S603: our own arguments.
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603
    return done.returncode == 0


def _move(draft: Path, target: Path) -> None:
    """Put the finished project in its place: at once where there is nothing, entry by entry into an empty folder."""
    if not target.exists():
        draft.rename(target)
        return
    moved: list[Path] = []
    try:
        for item in sorted(draft.iterdir()):
            place = target / item.name
            item.rename(place)
            moved.append(place)
    except BaseException:
        for place in moved:
            shutil.rmtree(place, ignore_errors=True) if place.is_dir() else place.unlink(missing_ok=True)
        raise
