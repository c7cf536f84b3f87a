"""`treaty generate --watch`: one run after the other, each said once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import typer

from treaty.commands.common import report
from treaty.freshness import Record
from treaty.generate import Generated, generate
from treaty.output import report as said
from treaty.output.errors import OutputError
from treaty.project import Project, ProjectError
from treaty.watch import changes

# So many seconds after a run that the disk or somebody's file stopped, it is tried again: that may be over unnoticed.
RETRY = 5.0


@dataclass(slots=True)
class Watching:
    """What was said last, so that it is not said again; when a run that could not be finished is tried again."""

    start: Path
    waiting: Callable[[], None]
    last: object = None
    again: float = math.inf

    def run(self) -> None:
        """Regenerate whenever something changes, until `KeyboardInterrupt`. Raises `OSError` as `changes` does."""
        for changed in changes(self.start):
            if changed or time.monotonic() > self.again:
                self.again = math.inf
                self._once()

    def _once(self) -> None:
        try:
            project = Project.find(self.start)
            if not self._is_settled(project):
                self._tell(project, generate(project, write=True, waiting=self.waiting))
        except ProjectError as error:
            if self._is_new(str(error)):
                report([error.diagnostic])
        except OutputError as error:
            self._fail(str(error))
        except OSError as error:
            self._fail(f"{error.filename or 'The disk'}: {error.strerror}. Nothing was changed.")

    def _is_settled(self, project: Project) -> bool:
        """Whether nothing is to be done, and that was said."""
        record = Record.read(str(project.root))
        return self.last == () and record is not None and record.holds(str(project.root))

    def _tell(self, project: Project, generated: Generated) -> None:
        if shown := (*generated.problems, *generated.warnings):
            if self._is_new(shown):
                report(shown, project.root)
        elif generated.refused:
            lines = tuple(said.refusal(generated, project))
            if self._is_new(lines):
                _say(lines)
        if not generated.problems and not generated.refused:
            is_news = self._is_new(shown) or bool(generated.difference) or generated.manifest_differs
            _say(said.summary(generated, project) if is_news else ())

    def _fail(self, message: str) -> None:
        """Say what kept a run from its end; it is tried again although nothing changes."""
        self.again = time.monotonic() + RETRY
        if self._is_new(message):
            typer.echo(message, err=True)

    def _is_new(self, outcome: object) -> bool:
        before, self.last = self.last, outcome
        return before != outcome


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
