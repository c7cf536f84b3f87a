"""What a run leaves behind for `freshness`: a record of everything it read and made, or nothing in case of doubt.

A file that changes while a run is under way could be read before and looked at after. So everything is looked at before
the first file is read and after the last was written; what changed in between, and was not written by this run, is a
doubt. So is a change that is so young that a second one would leave the same time behind.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from treaty.freshness import PYPROJECT, Places, Record, generator_places
from treaty.output.compare import Difference
from treaty.output.journal import Journal
from treaty.output.manifest import NAME
from treaty.project import Project

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
        """Look at everything that a run of this project depends on."""
        places = _places(project, journal)
        return cls(project, places, _settled_look(places, str(project.root)))

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
        after = _settled_look(self.places, str(self.project.root))
        if after is not None and self._is_as_it_was(after, generated) and self._is_written(generated):
            with suppress(OSError):
                memory = generated.memory.text() if generated.memory else ""
                Record(self.places, after, _answers(generated, self.project), memory).write(str(self.project.root))

    def _is_as_it_was(self, after: Mapping[str, str], generated: Generated) -> bool:
        """Whether nobody but this run changed anything."""
        before = self.before or {}
        output, difference = self.project.shown(self.project.output), generated.difference
        paths = ("", *difference.missing, *difference.changed, *difference.stale, NAME)
        own = {f"{output}/{path}" for path in paths}
        return all(before.get(path) == after.get(path) for path in (before.keys() | after.keys()) - own)

    def _is_written(self, generated: Generated) -> bool:
        """Whether nobody changed what this run wrote."""
        written = (*generated.difference.missing, *generated.difference.changed)
        try:
            return all((self.project.output / path).read_bytes() == generated.files[path] for path in written)
        except OSError:
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
