"""When each scenario was last verified, and how it went: one JSON line per scenario and run."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from treaty_runtime.acceptance.outcomes import Outcome
from treaty_runtime.project import Project

__all__ = ["History"]


@dataclass(frozen=True, slots=True)
class History:
    """Appends to a file that git ignores. `commit` and `dirty` say which tree was verified; `None` without git."""

    path: Path
    root: Path
    commit: str | None
    dirty: bool | None

    @classmethod
    def open(cls, project: Project) -> Self:
        """The history of a project, for the tree as it is now."""
        commit = _git(project.root, "rev-parse", "HEAD")
        changes = _git(project.root, "status", "--porcelain")
        dirty = None if changes is None else bool(changes)
        return cls(project.state / "history.jsonl", project.root, commit, dirty)

    def add(self, outcome: Outcome) -> None:
        """Remember what came of a scenario; one that did not run to its end is not remembered."""
        if not outcome.finished:
            return
        entry = {
            "operation": outcome.operation,
            "feature": self._relative(outcome.path),
            "scenario": outcome.scenario,
            "status": outcome.status,
            "when": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "commit": self.commit,
            "dirty": self.dirty,
            "text": outcome.digest,
            "seconds": round(outcome.seconds, 3),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def _relative(self, path: str) -> str:
        full = Path(path).absolute()
        return str(full.relative_to(self.root)) if full.is_relative_to(self.root) else str(full)


def _git(folder: Path, *words: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run([git, "-C", str(folder), *words], capture_output=True, text=True, check=False)  # noqa: S603  fixed words
    return done.stdout.strip() if done.returncode == 0 else None
