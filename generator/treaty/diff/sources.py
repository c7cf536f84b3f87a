"""OLD and NEW as the command names them: folders or revisions, read and understood."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from treaty.check import read
from treaty.diagnostics import Diagnostic
from treaty.diff.allowances import Rule, read_allowances
from treaty.diff.base import Which
from treaty.diff.revision import Repository, RevisionError
from treaty.diff.side import Side
from treaty.project import FILE, Project, ProjectError
from treaty.rules.registry import run

WORKING_TREE = "the working tree"


@dataclass(frozen=True, slots=True)
class Source:
    """A side with what is wrong with it, and the allowances of its project."""

    side: Side
    problems: list[Diagnostic]
    allowances: list[Rule] = field(default_factory=list)


def load(named: str | None, project: Path, which: Which) -> Source:
    """The contracts that `named` is about; `None`: as they stand. Raises `RevisionError` and `ProjectError`."""
    if named is None:
        return _understood(Project.find(project), WORKING_TREE, which)
    folder = Path(named)
    if folder.is_dir():
        return _understood(_project_of(folder.absolute(), named), named, which)
    if folder.exists():
        raise RevisionError(f"`{named}` is a file.", "Name the folder of a project, or its folder of contracts.")
    repository = Repository.around(Project.find(project).root)
    commit = repository.commit(named)
    with tempfile.TemporaryDirectory(prefix="treaty-diff-") as target:
        repository.write(commit, Path(target))
        return _understood(_project_at(Path(target), named), named, which)


def _understood(project: Project, label: str, which: Which) -> Source:
    """NEW should be right in every way. OLD may break rules that were made since: it only has to be understood."""
    book, problems = read(project)
    if which == "new":
        problems += run(book)
    allowances: list[Rule] = []
    if which == "new":
        allowances, complaints = read_allowances(project.root)
        problems += complaints
    return Source(Side(label, book), sorted({*problems}), allowances)


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
