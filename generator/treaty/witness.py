"""What a run leaves behind for `freshness`: a record of everything it read and made, or nothing in case of doubt.

A file that changes while a run is under way could be read before and looked at after. So everything is looked at before
the first file is read, and what the run writes when it is written: what somebody changed in between looks different to
the next run. A change that is so young that a second one would leave the same time behind is waited for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from treaty.freshness import PYPROJECT, THERE, Places, Record, generator_places
from treaty.output.compare import Difference
from treaty.output.journal import Journal
from treaty.output.manifest import NAME
from treaty.project import Project, ProjectError

if TYPE_CHECKING:
    from treaty.generate import Generated

# Longer than between two ticks of any file system's clock; of one that counts whole seconds, nothing is known.
TICK = 0.02
_SECOND = 1_000_000_000
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Witness:
    """One run, seen from before its beginning."""

    project: Project
    places: Places
    before: Mapping[str, str] | None

    @classmethod
    def of(cls, project: Project, journal: Journal) -> Witness:
        """Look at everything that a run of this project depends on; see `is_loaded` for the generator itself."""
        places = _places(project, journal)
        before = _settled_look(places, str(project.root))
        if before is None or not is_loaded(before) or not _is_found_again(project):
            return cls(project, places, None)
        return cls(project, places, before)

    def edited_contracts(self) -> tuple[str, set[str]] | None:
        """What the last run remembered, and the contracts that were edited since, when nothing else changed."""
        record = Record.read(str(self.project.root))
        if record is None or self.before is None or record.places.listed != self.places.listed:
            return None
        changed = record.changes(self.before)
        folder = f"{self.project.shown(self.project.contracts)}/"
        known = all(path.startswith(folder) and path in self.before and path in record.marks for path in changed)
        return (record.memory, changed) if known else None

    def leave_record(self, generated: Generated) -> None:
        """Let the next run know what this one saw and made, when there is no doubt about it."""
        if self.before is None or generated.problems or generated.warnings or generated.refused:
            return
        changed = (*generated.difference.missing, *generated.difference.changed, *generated.difference.stale)
        written = self._look_at_written((*changed, NAME) if changed or generated.manifest_differs else ())
        if written is not None and self._is_written(generated):
            seen = {path: mark for path, mark in {**self.before, **written}.items() if mark or path not in written}
            memory = generated.memory.text() if generated.memory else ""
            with suppress(OSError):
                Record(self.places, seen, _answers(generated, self.project), memory).write(str(self.project.root))

    def _look_at_written(self, paths: Iterable[str]) -> Mapping[str, str] | None:
        """How what this run wrote looks; all else is taken to look as before the run, and seen when it does not."""
        output = self.project.shown(self.project.output)
        own = Places([], [], [f"{output}/{path}" for path in paths])
        written = _settled_look(own, str(self.project.root))
        return None if written is None else {**written, f"{output}/": THERE}

    def _is_written(self, generated: Generated) -> bool:
        """Whether nobody changed what this run wrote."""
        written = (*generated.difference.missing, *generated.difference.changed)
        try:
            return all((self.project.output / path).read_bytes() == generated.files[path] for path in written)
        except OSError:
            return False


def is_loaded(marks: Mapping[str, str] | None = None) -> bool:
    """Whether the generator's files look as they did when this was asked first, soon after they were loaded.

    A process that lasts must not remember what it made for the work of a generator that was installed meanwhile.
    """
    loaded = _loaded(*map(tuple, generator_places()))
    return marks is None or all(marks.get(path) == mark for path, mark in loaded.items())


@cache
def _loaded(own: tuple[str, ...], packages: tuple[str, ...]) -> Mapping[str, str]:
    return Places([], own, packages).look(os.sep)


def _is_found_again(project: Project) -> bool:
    """Whether the settings still say what the project was made of, before it had to wait for another run."""
    try:
        return Project.find(project.root) == project
    except ProjectError:
        return False


def _places(project: Project, journal: Journal) -> Places:
    own, packages = generator_places()
    unfinished = [str(place) for place in journal.records]
    return Places(
        working_folders=[project.shown(project.contracts), project.shown(project.features)],
        folders=[project.shown(project.output), *own],
        files=[PYPROJECT, project.shown(project.migrations / "schema.json"), *unfinished, *packages],
    )


def _settled_look(places: Places, root: str) -> Mapping[str, str] | None:
    """How everything looks, as soon as another change would look different."""
    for _ in range(_ATTEMPTS):
        try:
            marks = places.look(root)
        except OSError:
            return None
        newest = max(_times(marks), default=0)
        age = (time.time_ns() - newest) / _SECOND
        if age < 0 or (newest % _SECOND == 0 and age < 2):
            return None
        if age > TICK:
            return marks
        time.sleep(TICK - age)
    return None


def _times(marks: Mapping[str, str]) -> Iterator[int]:
    """When each file, and what it is a link to, was changed."""
    for mark in marks.values():
        words = mark.split()
        for start in range(0, len(words) - 4, 5):  # neither what is absent nor a folder has a time
            yield max(int(words[start + 3]), int(words[start + 4]))


def _answers(generated: Generated, project: Project) -> dict[str, tuple[int, list[str]]]:
    """What `generate` and `generate --check` say, and how they end, while nothing changes."""
    from treaty.output.report import findings, summary

    same = replace(generated, difference=Difference(), manifest_differs=False)
    return {
        "generate": (0, list(summary(same, project))),
        "check": (int(same.differs), list(findings(same, project))),
    }
