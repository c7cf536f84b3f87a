"""Which problems can be mended: everything is tried in memory and checked, and what makes other problems is dropped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from treaty.check import Checked, examine
from treaty.diagnostics import Diagnostic
from treaty.fixing.edits import Change, Text
from treaty.project import Project

Identity = tuple[str, str, str]
_PLACE = re.compile(r"\bline \d+|:\d+:\d+")
_WRITTEN_OTHERWISE = "it is written in an unusual way"
_ROUNDS = 8


def identity(problem: Diagnostic) -> Identity:
    """What tells a problem from others while lines move."""
    return problem.at.path, problem.code, _PLACE.sub("", problem.message)


@dataclass(slots=True)
class Mending:
    """What was mended, and what the files that it concerns hold before and after.

    `dropped`: mends that can't be made, each with the reason. `checked` is the project as it is after all of it.
    """

    checked: Checked
    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)
    mended: list[Diagnostic] = field(default_factory=list)
    dropped: dict[Identity, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Some mends in place: the project after them, and the problems that it had not before."""

    drafts: dict[str, bytes]
    applied: list[Diagnostic]
    checked: Checked
    fresh: list[Diagnostic]


def mend(project: Project, is_meant: Callable[[str], bool]) -> Mending:
    """Mend what can be mended in the files that are meant, by the path that is shown, without writing anything."""
    return _Mender(project, is_meant).run()


class _Mender:
    def __init__(self, project: Project, is_meant: Callable[[str], bool]) -> None:
        self._project, self._is_meant = project, is_meant
        self._result = Mending(examine(project))

    def run(self) -> Mending:
        """Until nothing more is mended: one mend may make the next possible, or unnecessary."""
        result = self._result
        while True:
            count = len(result.mended)
            result.dropped.clear()
            while ids := {identity(problem) for problem in self._able() if identity(problem) not in result.dropped}:
                self._settle(sorted(ids))
            if len(result.mended) == count:
                break
        result.after = {path: content for path, content in result.after.items() if content != result.before[path]}
        return result

    def _able(self) -> list[Diagnostic]:
        return [problem for problem in self._result.checked.problems if problem.fix and self._is_meant(problem.at.path)]

    def _settle(self, ids: list[Identity]) -> None:
        """Make these mends; when they make other problems, half of them at a time, until it is known which."""
        wanted = [problem for problem in self._able() if identity(problem) in set(ids)]
        attempt = self._with_consequences(wanted)
        if attempt is None:
            return
        result = self._result
        if not attempt.fresh:
            result.after, result.checked = attempt.drafts, attempt.checked
            result.mended += attempt.applied
        elif len(ids) == 1:
            result.dropped[ids[0]] = f"then there would be {attempt.fresh[0]}"
        else:
            self._settle(ids[: len(ids) // 2])
            self._settle(ids[len(ids) // 2 :])

    def _with_consequences(self, wanted: list[Diagnostic]) -> _Attempt | None:
        """These mends, and those of the problems that only come to light by them."""
        attempt = self._attempt(self._result.after, [], wanted)
        for _ in range(_ROUNDS):
            if attempt is None or not attempt.fresh:
                break
            able = [problem for problem in attempt.fresh if problem.fix and self._is_meant(problem.at.path)]
            further = self._attempt(attempt.drafts, attempt.applied, able)
            if further is None:
                break
            attempt = further
        return attempt

    def _attempt(
        self, drafts: dict[str, bytes], already: list[Diagnostic], wanted: Iterable[Diagnostic]
    ) -> _Attempt | None:
        """Put mends into drafts, as far as they do not meet; `None` when there is none."""
        drafts, applied = self._edited(drafts, wanted)
        if not applied:
            return None
        checked = examine(self._project, drafts)
        known = Counter(map(identity, self._result.checked.problems)) - Counter(map(identity, (*already, *applied)))
        fresh = Counter(map(identity, checked.problems)) - known
        new = [problem for problem in checked.problems if identity(problem) in fresh]
        return _Attempt(drafts, [*already, *applied], checked, new)

    def _edited(
        self, drafts: dict[str, bytes], wanted: Iterable[Diagnostic]
    ) -> tuple[dict[str, bytes], list[Diagnostic]]:
        """The drafts with these mends, and those of them that were made."""
        edited, applied = dict(drafts), []
        by_path: dict[str, list[Diagnostic]] = {}
        for problem in wanted:
            by_path.setdefault(problem.at.path, []).append(problem)
        for path, problems in by_path.items():
            text = self._text(path, drafts)
            changes, made = self._changes(text, problems)
            applied += made
            if text and made:
                edited[path] = text.changed(changes)
        return edited, applied

    def _changes(self, text: Text | None, problems: Iterable[Diagnostic]) -> tuple[list[Change], list[Diagnostic]]:
        """The changes of one file, without those that meet earlier ones: their turn comes later."""
        taken: list[Change] = []
        made = []
        for problem in problems:
            changes = text.changes(problem.fix) if text and problem.fix else None
            if not changes:
                self._result.dropped[identity(problem)] = _WRITTEN_OTHERWISE
            elif all(change in taken or not any(map(change.meets, taken)) for change in changes):
                taken += changes
                made.append(problem)
        return taken, made

    def _text(self, path: str, drafts: dict[str, bytes]) -> Text | None:
        """What a file holds now; `None` when it is no text, gone, or a link, which is mended where it leads."""
        file = self._project.root / path
        try:
            if path in drafts:
                return Text(drafts[path])
            if file.is_symlink():
                return None
            return Text(self._result.before.setdefault(path, file.read_bytes()))
        except (OSError, ValueError):
            return None
