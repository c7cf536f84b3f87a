"""The project: where its contracts stand and what comes out where, as `pyproject.toml` says under [tool.treaty]."""

from __future__ import annotations

import keyword
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from treaty.diagnostics import Diagnostic, Location

FILE = "pyproject.toml"


class ProjectError(Exception):
    """The project's settings can't be used; `diagnostic` says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


def _below(value: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError("must be a folder below the project's own")
    return value


def _importable(value: str) -> str:
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in PurePosixPath(value).parts):
        raise ValueError("must be a name that Python can import")
    return value


Folder = Annotated[str, Field(min_length=1), AfterValidator(_below)]


class Settings(BaseModel):
    """The words of [tool.treaty]."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    title: str = Field(min_length=1, description="The service's name, in OpenAPI and on the documentation page.")
    version: str = Field(min_length=1, description="The version of the service's API.")
    description: str = Field(default="", description="What the service is for.")
    contracts: Folder = Field(default="contracts", description="The folder of contracts.")
    features: Folder = Field(default="features", description="The folder of hand-written features.")
    output: Annotated[Folder, AfterValidator(_importable)] = Field(
        default="generated", description="The folder, and package, of what is generated."
    )
    runtime: Folder = Field(default="runtime", description="The folder that implementations are imported from.")
    migrations: Folder = Field(default="runtime/migrations", description="The folder of the Alembic history.")
    severity: dict[str, Literal["error", "warning", "note", "off"]] = Field(
        default_factory=dict, description="How bad the problems of a code are in this project."
    )
    diff: dict[str, Any] = Field(default_factory=dict, description="What `treaty diff` lets pass, and until when.")


@dataclass(frozen=True, slots=True)
class Project:
    """One project: its root and its settings, folders as absolute paths."""

    root: Path
    title: str
    version: str
    description: str
    contracts: Path
    features: Path
    output: Path
    migrations: Path
    severity: Mapping[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def find(cls, path: Path) -> Project:
        """The project that `path` stands in. Raises `ProjectError`."""
        start = path.absolute()
        for folder in (start, *start.parents):
            if _is_file(folder / FILE):
                settings = _read(folder / FILE)
                if settings is not None:
                    return cls._of(folder, settings)
        raise ProjectError(
            Diagnostic(
                Location(str(path / FILE)),
                "project-missing",
                "There is no pyproject.toml with [tool.treaty] here or above.",
                "Add [tool.treaty] with `title` and `version`, or give another folder with --project.",
            )
        )

    @classmethod
    def _of(cls, root: Path, settings: Settings) -> Project:
        return cls(
            root,
            settings.title,
            settings.version,
            settings.description,
            root / settings.contracts,
            root / settings.features,
            root / settings.output,
            root / settings.migrations,
            settings.severity,
        )

    def shown(self, path: Path) -> str:
        """A path as its owner knows it: below the project's folder, with forward slashes."""
        return path.relative_to(self.root).as_posix()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder that may not be entered, a name that is too long
        return False


def _read(file: Path) -> Settings | None:
    """The settings in a pyproject.toml; `None` when it has no [tool.treaty]."""
    try:
        text = file.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ProjectError(_unreadable(file, error)) from None
    tool = data.get("tool", {})
    if not isinstance(tool, dict) or "treaty" not in tool:
        return None
    try:
        return Settings.model_validate(tool["treaty"])
    except ValidationError as error:
        raise ProjectError(_invalid(text, error)) from None


def _unreadable(file: Path, error: Exception) -> Diagnostic:
    place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    line, column = (int(place[1]), int(place[2])) if place else (1, 1)
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return Diagnostic(
        Location(FILE, line, column),
        "project-unreadable",
        f"{file} can't be read: {reason}.",
        "Mend the file; see https://toml.io for its rules.",
    )


def _invalid(text: str, error: ValidationError) -> Diagnostic:
    first = error.errors(include_url=False)[0]
    path = [str(part) for part in first["loc"]] or ["treaty"]
    known = ", ".join(Settings.model_fields)
    return Diagnostic(
        Location(FILE, line_of(text, path[-1]), 1),
        "project-invalid",
        f"[tool.treaty] `{'.'.join(path)}`: {first['msg']}.",
        f"Known words: {known}.",
    )


def line_of(text: str, word: str) -> int:
    """The line below [tool.treaty] that begins with `word`; the table's own when there is none."""
    table = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not table and line.strip().startswith("[tool.treaty"):
            table = number
        elif table and re.match(rf"\s*[\"']?{re.escape(word)}[\"']?\s*=", line):
            return number
    return table or 1
