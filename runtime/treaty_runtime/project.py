"""Where a project keeps what it is made of, as `[tool.treaty]` of its pyproject.toml says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from treaty_runtime.errors import OperatorError

__all__ = ["Project", "ProjectError"]


class ProjectError(OperatorError):
    """The project has no `[tool.treaty]`, or one that cannot be read."""


@dataclass(frozen=True, slots=True)
class Project:
    """The folders of one project."""

    root: Path
    features: Path
    output: Path
    runtime: Path
    migrations: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Self:
        """The project that `start` (the present folder) lies in."""
        start = (start or Path.cwd()).absolute()
        for root in (start, *start.parents):
            words = _treaty_words(root / "pyproject.toml")
            if words is not None:
                return cls(
                    root=root,
                    features=root / words.get("features", "features"),
                    output=root / words.get("output", "generated"),
                    runtime=root / words.get("runtime", "runtime"),
                    migrations=root / words.get("migrations", "runtime/migrations"),
                )
        raise ProjectError(
            f"No pyproject.toml with a section [tool.treaty] in {start} or above it. Go to the project's folder."
        )

    @property
    def state(self) -> Path:
        """The folder for what is kept between runs, ignored by git."""
        return self.root / ".treaty"


def _treaty_words(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise ProjectError(f"{path} cannot be read: {error}") from error
    words = document.get("tool", {}).get("treaty")
    return words if isinstance(words, dict) else None
