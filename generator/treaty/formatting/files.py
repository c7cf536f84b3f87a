"""Which files are formatted, and how they are replaced: each at once, or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from treaty.diagnostics import Diagnostic, Location
from treaty.formatting.format import Formatted, format_contract
from treaty.source.folder import printable, read_bytes, walk


@dataclass(frozen=True, slots=True)
class Result:
    """What formatting did to one file. `path` is as its owner knows it."""

    file: Path
    path: str
    before: bytes
    formatted: Formatted

    @property
    def differs(self) -> bool:
        """Whether the file is to be written."""
        return self.formatted.content is not None and self.formatted.content != self.before


def format_files(paths: Sequence[Path], root: Path) -> Iterator[Result | Diagnostic]:
    """Format the contracts that are or stand below `paths`, without writing anything."""
    seen: set[Path] = set()
    for path in paths:
        shown = _shown(path, root)
        problems: list[Diagnostic] = []
        found = _below(path, shown, problems)
        yield from problems
        for folder, below in found:
            file = folder / below
            if file.absolute() not in seen:
                seen.add(file.absolute())
                yield from _one(folder, below, _shown(file, root))


def _below(path: Path, shown: str, problems: list[Diagnostic]) -> list[tuple[Path, str]]:
    if path.is_dir():
        return [(path, below) for below in sorted(walk(path, shown, (".yaml",), problems))]
    if not os.path.lexists(path):
        at = Location(printable(shown))
        problems.append(Diagnostic(at, "file-unreadable", "There is no such file or folder.", "Check the path."))
        return []
    return [(path.parent, path.name)]


def _one(folder: Path, below: str, shown: str) -> Iterator[Result | Diagnostic]:
    content = read_bytes(folder, below, shown)
    if isinstance(content, Diagnostic):
        yield content
    elif content is not None:
        yield Result(folder / below, shown, content, format_contract(printable(shown), content))


def _shown(path: Path, root: Path) -> str:
    absolute = path.absolute()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else absolute.as_posix()


def replace(file: Path, content: bytes) -> None:
    """Put `content` in the place of a file, which is old or new at every moment. Raises `OSError`."""
    replace_all({file: content})


def replace_all(contents: Mapping[Path, bytes]) -> None:
    """Put new contents in the place of files: of all of them, or, with any problem, of none. Raises `OSError`."""
    drafts: dict[Path, Path] = {}
    replaced: dict[Path, bytes] = {}
    try:
        # A link stays one: what it names is replaced.
        for file, content in {file.resolve(): content for file, content in contents.items()}.items():
            drafts[file] = _draft(file, content)
        for file, draft in drafts.items():
            before = file.read_bytes()
            draft.replace(file)
            replaced[file] = before
    except BaseException:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink()
        for file, before in replaced.items():
            with suppress(OSError):
                _draft(file, before).replace(file)
        raise


def _draft(file: Path, content: bytes) -> Path:
    """A file beside another one, ready to take its place."""
    mode = file.stat().st_mode & 0o777
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        draft.chmod(mode)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    return draft
