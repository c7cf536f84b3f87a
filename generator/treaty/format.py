"""Generated Python in ruff's format: one batch over what changed, with settings that no project can change."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from ruff.__main__ import find_ruff_bin  # type: ignore[import-untyped]

from treaty.emit.text import LINE_LENGTH

MEMORY_FOLDER = "/dev/shm"  # noqa: S108 (only a folder with a random name is made in it)
PAGE = 4096
_REFUSED = re.compile(r"\(os error (\d+)\)")
COMMAND = ("format", "--isolated", "--no-cache", "--quiet", "--target-version=py311", f"--line-length={LINE_LENGTH}")


@dataclass(slots=True)
class Formatter:
    """Formats modules, and remembers in `memory` what became of which text, so that only changed ones are formatted.

    The memory is a convenience: without it, or with a damaged one, everything is formatted again.
    """

    memory: Path
    known: dict[str, list[str]] = field(default_factory=dict)
    learned: bool = False

    @classmethod
    def remembering(cls, memory: Path) -> Formatter:
        """A formatter with the memory of the last run."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            remembered = json.loads(memory.read_bytes())
            if remembered["settings"] == _settings():
                return cls(memory, dict(remembered["files"]))
        return cls(memory)

    def format(self, texts: Mapping[str, str], folder: Path) -> dict[str, str]:
        """The formatted text of each module, by path below `folder`, where the last run's results stand."""
        kept = {path: text for path in texts if (text := self._kept(path, texts[path], folder / path)) is not None}
        changed = format_python({path: text for path, text in texts.items() if path not in kept})
        formatted = {path: kept[path] if path in kept else changed[path] for path in texts}
        known = {path: [_digest(texts[path]), _digest(formatted[path])] for path in texts}
        self.known, self.learned = known, known != self.known
        return formatted

    def remember(self) -> None:
        """Keep for the next run what this one learned, if it can be kept."""
        if not self.learned:
            return
        with suppress(OSError):
            self.memory.parent.mkdir(exist_ok=True)
            self.memory.write_text(json.dumps({"settings": _settings(), "files": self.known}), encoding="utf-8")

    def _kept(self, path: str, text: str, file: Path) -> str | None:
        """What stands in `file`, if that is known to be `text` formatted."""
        known = self.known.get(path)
        if known is None or known[0] != _digest(text):
            return None
        with suppress(OSError, ValueError):
            present = file.read_bytes().decode("utf-8")
            return present if known[1] == _digest(present) else None
        return None


def format_python(texts: Mapping[str, str]) -> dict[str, str]:
    """The formatted text of each module. Raises `RuntimeError` when one is not Python, which is a bug of ours."""
    if not texts:
        return {}
    with tempfile.TemporaryDirectory(prefix="treaty-", dir=_in_memory(texts)) as name:
        folder = Path(name)
        # Numbers as names: ruff leaves out folders with names such as `build` and `dist`.
        files = {path: folder / f"{number}.py" for number, path in enumerate(texts)}
        for path, file in files.items():
            file.write_text(texts[path], encoding="utf-8", newline="\n")
        _run(folder, {file.name: path for path, file in files.items()})
        return {path: file.read_bytes().decode("utf-8") for path, file in files.items()}


def _in_memory(texts: Mapping[str, str]) -> str | None:
    """A folder that is no disk's, where the system has one with space: making a file there costs a tenth."""
    needed = 2 * sum(len(text) + PAGE for text in texts.values())
    with suppress(OSError, AttributeError):  # Windows knows no statvfs
        space = os.statvfs(MEMORY_FOLDER)
        if space.f_bavail * space.f_frsize > needed and os.access(MEMORY_FOLDER, os.W_OK):
            return MEMORY_FOLDER
    return None


def _run(folder: Path, paths: Mapping[str, str]) -> None:
    # S603: our own arguments; ruff is a dependency of this distribution.
    done = subprocess.run(  # noqa: S603
        [find_ruff_bin(), *COMMAND, "."], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        said = done.stderr
        if refused := _REFUSED.search(said):  # a full disk, for example
            raise OSError(int(refused[1]), os.strerror(int(refused[1])), str(folder))
        for name, path in paths.items():
            said = said.replace(f" {name}:", f" {path}:")
        raise RuntimeError(f"treaty generated something that is not Python:\n{said}")


def _settings() -> list[str]:
    """What the results depend on beside the texts."""
    return [version("ruff"), *COMMAND]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
