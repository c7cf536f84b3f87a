"""Contracts of a git revision, written to a folder: exactly the bytes that were committed, and nothing else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from treaty.project import FILE, Project

_FILES = (b"100644", b"100755")
_SUFFIXES = (".yaml", ".yml", ".feature")


class RevisionError(Exception):
    """A revision can't be read; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository that a folder stands in; `prefix` is the folder's path in it, ending in `/`, or empty."""

    folder: Path
    prefix: str

    @classmethod
    def around(cls, folder: Path) -> Repository:
        """The repository around `folder`. Raises `RevisionError`."""
        try:
            prefix = _git(folder, "rev-parse", "--show-prefix")
        except _GitError as error:
            raise RevisionError(
                f"{folder} is in no git repository ({error}).", "Compare two folders: `treaty diff OLD NEW`."
            ) from None
        return cls(folder, os.fsdecode(prefix).removesuffix("\n"))

    def commit(self, revision: str) -> str:
        """The commit that a revision names; `main...` is where HEAD branched off from main. Raises `RevisionError`."""
        if revision.endswith("..."):
            return self._branched_off(revision.removesuffix("..."))
        try:
            found = _git(self.folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        except _GitError:
            raise RevisionError(
                f"`{revision}` is neither a folder nor a revision of this repository.",
                "Name a folder, a branch, a tag or a commit; a shallow clone has only some of them.",
            ) from None
        return found.decode().strip()

    def _branched_off(self, revision: str) -> str:
        try:
            return _git(self.folder, "merge-base", self.commit(revision), self.commit("HEAD")).decode().strip()
        except _GitError:
            raise RevisionError(
                f"HEAD and `{revision}` have no commit in common.", "Fetch the whole history, or name a commit."
            ) from None

    def write(self, commit: str, target: Path) -> None:
        """Write the project's settings, contracts and features as they are in `commit` below `target`."""
        self._write(commit, target, [FILE])
        if (target / FILE).is_file():
            project = Project.find(target)
            self._write(commit, target, [project.shown(project.contracts), project.shown(project.features)])

    def _write(self, commit: str, target: Path, paths: Sequence[str]) -> None:
        blobs = dict(self._blobs(commit, [f"{self.prefix}{path}" for path in paths]))
        for path, content in zip(blobs, self._contents(list(blobs.values())), strict=True):
            file = target / PurePosixPath(path).relative_to(self.prefix or ".")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    def _blobs(self, commit: str, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """The ordinary files below `paths`, each with the id of its content."""
        listed = _git(self.folder, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths)
        for entry in listed.split(b"\0"):
            if not entry:
                continue
            (mode, _, blob), path = entry.partition(b"\t")[0].split(), os.fsdecode(entry.partition(b"\t")[2])
            if mode in _FILES and (path.endswith(_SUFFIXES) or path == f"{self.prefix}{FILE}"):
                yield path, blob

    def _contents(self, blobs: Sequence[bytes]) -> Iterator[bytes]:
        """The content of each blob, all from one process."""
        said = _git(self.folder, "cat-file", "--batch", given=b"".join(blob + b"\n" for blob in blobs))
        position = 0
        for _ in blobs:
            start = said.index(b"\n", position) + 1
            end = start + int(said[position:start].split()[2])  # `id type size`, then the content and a newline
            yield said[start:end]
            position = end + 1


class _GitError(Exception):
    """git could not do it; the text is what it said."""


def _git(folder: Path, *arguments: str, given: bytes | None = None) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and options end before what the caller wrote
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - git is looked up as the caller's shell would
            input=given,
            capture_output=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except OSError as error:
        raise RevisionError("git can't be run, and it knows the revisions.", "Install git, or name folders.") from error
    if done.returncode != 0:
        raise _GitError(done.stderr.decode("utf-8", "replace").strip().splitlines()[0] if done.stderr.strip() else "")
    return done.stdout
