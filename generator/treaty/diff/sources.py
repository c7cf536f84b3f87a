"""OLD and NEW as the command names them: folders or revisions, read and understood."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from treaty.check import examine, read
from treaty.diagnostics import Diagnostic
from treaty.diff.allowances import Rule, read_allowances
from treaty.diff.base import Which
from treaty.diff.revision import Repository, RevisionError
from treaty.diff.side import Side
from treaty.project import FILE, Project, ProjectError

WORKING_TREE = "the working tree"


@dataclass(frozen=True, slots=True)
class Source:
    """A side with what is wrong with it, the project's folder, and its allowances.

    `committed` files need not stand in the folder as they are here.
    """

    side: Side
    problems: list[Diagnostic]
    root: Path
    committed: bool = False
    allowances: list[Rule] = field(default_factory=list)


def load(named: str | None, project: Path, which: Which) -> Source:
    """The contracts that `named` is about; `None`: as they stand. Raises `RevisionError` and `ProjectError`."""
    if named is None:
        return _understood(Project.find(project), WORKING_TREE, which)
    try:
        return _named(named, project, which)
    except ProjectError as error:
        said = f"{which.upper()}, {named}: {error.diagnostic.message}"
        raise ProjectError(replace(error.diagnostic, message=said)) from None


def _named(named: str, project: Path, which: Which) -> Source:
    folder = Path(named)
    if _is(folder, Path.is_dir):
        return _understood(_project_of(folder.absolute(), named), named, which)
    if _is(folder, Path.exists):
        raise RevisionError(f"`{named}` is a file.", "Name the folder of a project, or its folder of contracts.")
    repository = Repository.around(Project.find(project).root)
    commit = repository.commit(named)
    with tempfile.TemporaryDirectory(prefix="treaty-diff-") as target:
        repository.write(commit, Path(target))
        found = _understood(_project_at(Path(target), named), named, which)
        return replace(found, root=repository.folder, committed=True)


def _is(path: Path, what: Callable[[Path], bool]) -> bool:
    try:
        return what(path)
    except OSError:  # a name that is too long for one, a folder that may not be entered
        return False


def _understood(project: Project, label: str, which: Which) -> Source:
    """NEW should be right in every way. OLD may break rules that were made since: it only has to be understood."""
    if which == "old":
        book, problems = read(project)
        return Source(Side(label, book), sorted({*problems}), project.root)
    checked = examine(project)
    allowances, complaints = read_allowances(project.root)
    return Source(Side(label, checked.book), [*checked.errors, *complaints], project.root, allowances=allowances)


def _project_at(root: Path, revision: str) -> Project:
    try:
        found = Project.find(root)
    except ProjectError as error:
        if error.diagnostic.code != "project-missing":
            raise
        found = None
    if found is None or found.root != root:
        raise RevisionError(
            f"At `{revision}` there was no project here: no {FILE} with [tool.treaty].", "Name a later revision."
        )
    return found


def _project_of(folder: Path, named: str) -> Project:
    """The project that stands in `folder`, or whose contracts do; without settings, just the contracts."""
    try:
        found = Project.find(folder)
    except ProjectError as error:
        if error.diagnostic.code != "project-missing":
            raise
    else:
        if folder in (found.root, found.contracts):
            return found
    if (folder / "contracts").is_dir():
        return _bare(folder, folder / "contracts")
    if next(folder.rglob("*.yaml"), None) is None:
        raise RevisionError(f"There are no contracts in `{named}`.", "Name a project, or a folder of contracts.")
    return _bare(folder.parent, folder)


def _bare(root: Path, contracts: Path) -> Project:
    return Project(
        root=root,
        title="",
        version="",
        description="",
        contracts=contracts,
        features=contracts.with_name("features") if contracts.name == "contracts" else contracts / ".no-features",
        output=root / "generated",
        migrations=root / "migrations",
    )
