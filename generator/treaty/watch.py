"""Waiting for changes of what a run reads and makes: contracts, features, output, settings."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import watchfiles

from treaty.project import FILE, Project, ProjectError

# So long nothing may happen until changes that belong together are taken for all of them; in milliseconds.
QUIET = 20
TOGETHER = 200
# So often somebody looks for what is not told: folders that come and go, settings, and a disk with space again.
PATIENCE = 500


@dataclass(frozen=True, slots=True)
class Watched:
    """The folders that are watched, and how they and the settings looked then."""

    folders: tuple[str, ...]
    look: tuple[object, ...]

    @classmethod
    def of(cls, start: Path) -> Watched:
        """What there is to watch for the project that `start` stands in; nothing while its settings can't be read."""
        try:
            project = Project.find(start)
        except ProjectError:
            return cls((), (_settings_look(start),))
        places = (project.contracts, project.features, project.output, project.migrations)
        folders = [str(place) for place in places if place.is_dir()]
        return cls(tuple(folders), (_settings_look(start), *map(_identity, folders)))


def changes(start: Path) -> Iterator[bool]:
    """At once, and whenever something may have changed; `False` when only some time went by.

    Ends with `KeyboardInterrupt`. Raises `OSError` when the system can't watch any more folders.
    """
    while True:
        watched = Watched.of(start)
        yield True
        for changed in _told(watched):
            now = Watched.of(start)
            yield bool(changed) or now != watched
            if now != watched:
                break


def _told(watched: Watched) -> Iterator[bool]:
    """What the system tells of these folders, and that some time went by."""
    if not watched.folders:
        while True:
            time.sleep(PATIENCE / 1000)
            yield False
    told = watchfiles.watch(
        *watched.folders,
        watch_filter=None,
        step=QUIET,
        debounce=TOGETHER,
        rust_timeout=PATIENCE,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )
    for number, changed in enumerate(told):
        yield bool(changed) or number == 0  # it listens only once it is asked: what happened before is not told


def _settings_look(start: Path) -> tuple[object, ...]:
    """How every file of settings looks that may be the project's."""
    return tuple(_identity(str(folder / FILE)) for folder in (start.absolute(), *start.absolute().parents))


def _identity(path: str) -> tuple[int, ...] | None:
    """What tells a folder from another one of that name, and a file from itself before a change."""
    try:
        seen = Path(path).stat()
    except OSError:
        return None
    if stat.S_ISDIR(seen.st_mode):  # its time changes with what is in it
        return seen.st_dev, seen.st_ino
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns
