"""Writing that is all or nothing.

New contents are first written into a folder of the run's own. Then one record, there at once as a whole, says what goes
where: without it the output folder is as it was, and from then on it is changed. A run that died before the record
leaves nothing to do; one that died after it is finished by the next.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from treaty.output.errors import OutputError, failure
from treaty.output.manifest import below, digest

PLACE = ".treaty/generating"
HIDDEN = ".treaty-generating"
_RECORD = "record.json"
_MANY = 50


@dataclass(frozen=True, slots=True)
class Change:
    """One file: the digests of what it holds before and after; `None` when it is not there."""

    path: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Journal:
    """The runs of one output folder. `places` are where a run may keep what it has not put in place yet."""

    folder: Path
    places: tuple[Path, ...]

    @classmethod
    def of(cls, root: Path, folder: Path) -> Journal:
        """The journal of a project's output folder: in `.treaty/`, or on the folder's file system, beside or in it."""
        real = Path(os.path.realpath(folder))
        return cls(folder, (root / PLACE, real.with_name(f".{real.name}{HIDDEN}"), real / HIDDEN))

    @property
    def is_unfinished(self) -> bool:
        """Whether a run died after its record."""
        return any(record.is_file() for record in self.records)

    @property
    def records(self) -> tuple[Path, ...]:
        """Where the record of a run may stand."""
        return tuple(place / _RECORD for place in self.places)

    def finish(self) -> None:
        """Finish the run that died after its record, if there is one; discard what others left. Raises `OutputError`.

        When somebody changed one of its files since, it is discarded too: what stands there now is compared anew.
        """
        try:
            for place in self.places:
                changes = _recorded(place)
                if changes and all(self._can_still(place, number, change) for number, change in enumerate(changes)):
                    self._apply(place, changes)
                _discard(place)
        except OSError as error:
            raise failure(error, self.folder, "written") from None

    def write(self, contents: Mapping[str, bytes | None], before: Mapping[str, str], after: Mapping[str, str]) -> None:
        """Put these contents (`None`: nothing any more) in their places, in this order. Raises `OutputError`.

        `before` and `after` are digests: of what stands there, and of what comes there.
        """
        changes = [Change(path, before.get(path), after.get(path)) for path in contents]
        try:
            place = self._place()
            try:
                _stage(place, contents.values())
                self._ask_permission(contents)
                _record(place, changes)
            except BaseException:
                if not (place / _RECORD).exists():
                    _discard(place)
                raise
            self._apply(place, changes)
            _discard(place)
        except OSError as error:
            raise self._broken_off(error) from None

    def _place(self) -> Path:
        """A folder of the run's own on the file system of the output."""
        self.folder.mkdir(parents=True, exist_ok=True)
        device = self.folder.stat().st_dev
        *places, last = self.places
        for place in places:
            with suppress(OSError):
                place.mkdir(parents=True, exist_ok=True)
                if place.stat().st_dev == device:
                    return place
                place.rmdir()
        last.mkdir(exist_ok=True)
        return last

    def _ask_permission(self, paths: Iterable[str]) -> None:
        """Refuse now what would be refused halfway."""
        for parent in {(self.folder / path).parent for path in paths}:
            there = next(folder for folder in (parent, *parent.parents) if folder.exists())
            if not os.access(there, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(there))

    def _can_still(self, place: Path, number: int, change: Change) -> bool:
        found = _digest_of(self.folder / change.path)
        if found == change.new:
            return True
        return found == change.old and (change.new is None or _digest_of(place / str(number)) == change.new)

    def _apply(self, place: Path, changes: list[Change]) -> None:
        folders: set[Path] = set()
        made: set[Path] = set()  # asking for the folder of every file takes longer than moving it
        for number, change in enumerate(changes):
            target, staged = self.folder / change.path, place / str(number)
            folder = target.parent
            folders.add(folder)
            if change.new is None:
                target.unlink(missing_ok=True)
                _remove_empty_folders(folder, self.folder)
                made.clear()
            elif staged.exists():
                if folder not in made:
                    folder.mkdir(parents=True, exist_ok=True)
                    made.add(folder)
                staged.replace(target)
        _sync([folder for folder in folders if folder.exists()])

    def _broken_off(self, error: OSError) -> OutputError:
        if self.is_unfinished:
            return OutputError(
                f"{error.filename or self.folder} can't be written: {error.strerror}. Part of {self.folder} is new "
                "already: make it possible, and run `treaty generate` again, which finishes it."
            )
        said = failure(error, self.folder, "written")
        return OutputError(f"{said} Nothing was changed.")


def _stage(place: Path, contents: Iterable[bytes | None]) -> None:
    written = []
    for number, content in enumerate(contents):
        if content is not None:
            staged = place / str(number)
            staged.write_bytes(content)
            written.append(staged)
    _sync([*written, place])


def _record(place: Path, changes: list[Change]) -> None:
    draft = place / f"{_RECORD}.draft"
    draft.write_text(json.dumps([[change.path, change.old, change.new] for change in changes]), encoding="utf-8")
    _sync([draft])
    draft.replace(place / _RECORD)
    _sync([place])


def _recorded(place: Path) -> list[Change]:
    """What the record says; nothing when there is none."""
    try:
        return [Change(below(path), old, new) for path, old, new in json.loads((place / _RECORD).read_bytes())]
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return []


def _discard(place: Path) -> None:
    """Remove what a run kept, its record first; a file that stands in its place is not ours, and `_place` evades it."""
    with suppress(NotADirectoryError):
        (place / _RECORD).unlink(missing_ok=True)
    shutil.rmtree(place, ignore_errors=True)


def _digest_of(file: Path) -> str | None:
    try:
        return digest(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError:
        return ""  # a folder, or something that can't be read: neither the old nor the new


def _sync(paths: list[Path]) -> None:
    """Wait until the disk has it, so that a power failure does not undo the order of things."""
    if len(paths) > _MANY and hasattr(os, "sync"):
        os.sync()
        return
    for path in paths:
        with suppress(PermissionError):  # folders, on systems that can't
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _remove_empty_folders(folder: Path, top: Path) -> None:
    """Remove `folder` and those above it as long as nothing but compiled modules is in them."""
    while folder != top and folder.is_dir() and all(item.name == "__pycache__" for item in folder.iterdir()):
        for compiled in folder.glob("__pycache__/*.pyc"):
            compiled.unlink()
        for cache in folder.glob("__pycache__"):
            cache.rmdir()
        folder.rmdir()
        folder = folder.parent
