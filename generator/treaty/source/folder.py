"""The contracts folder: which files are contracts, and their documents."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from treaty.diagnostics import Diagnostic, Location
from treaty.progress import counted
from treaty.source.document import Document
from treaty.source.reader import MAX_BYTES, read

DEFAULTS = "_defaults.yaml"
NO_DRAFTS: Mapping[str, bytes] = MappingProxyType({})
_KIND = re.compile(rb"^kind: *([a-z]+)", re.MULTILINE)


@dataclass(slots=True)
class Folder:
    """What stands in a contracts folder: documents by path below it (`saas/billing/usage.record.yaml`).

    `unreadable` files are no documents; of each the kind that its text seems to say (`None`: the text is unknown).
    """

    documents: dict[str, Document] = field(default_factory=dict)
    unreadable: dict[str, str | None] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


def read_folder(folder: Path, shown_as: str, drafts: Mapping[str, bytes] = NO_DRAFTS) -> Folder:
    """Read every contract below `folder`; diagnostics call it `shown_as`.

    `drafts` are what some files, by the path that is shown, would hold.
    """
    found = Folder()
    if not _is_folder(folder):
        found.problems.append(
            Diagnostic(
                Location(printable(shown_as)),
                "folder-missing",
                "There is no such folder of contracts.",
                "Create it, or set `contracts` under [tool.treaty] in pyproject.toml.",
            )
        )
        return found
    for path in counted(sorted(walk(folder, shown_as, (".yaml", ".yml"), found.problems, any_case=True))):
        _read_file(folder, path, shown_as, drafts, found)
    return found


def read_files(folder: Path, shown_as: str, paths: Iterable[str]) -> Folder:
    """Read only these contracts below `folder`, as far as there are such."""
    found = Folder()
    for path in paths:
        _read_file(folder, path, shown_as, NO_DRAFTS, found)
    return found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def printable(path: str) -> str:
    """A path that can be printed, whatever bytes the file system allows in names."""
    if path.isascii() and path.isprintable():
        return path
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def read_bytes(folder: Path, below: str, shown_as: str) -> bytes | Diagnostic | None:
    """The first bytes of an ordinary file (one more than is allowed, so that the reader sees when it is too large).

    `None`: it was removed while the folder was read.
    """
    at, path = Location(printable(shown_as)), folder / below
    try:
        is_file = path.is_file()
        if not is_file and not os.path.lexists(path):
            return None
        if is_file and path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            return Diagnostic(
                at, "path-link", "This is a link to a file elsewhere.", "Put the file itself here, and commit it."
            )
        if not is_file:
            return Diagnostic(
                at, "file-unreadable", "This is not an ordinary file.", "Replace it by one, or delete it."
            )
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Diagnostic(at, "file-unreadable", f"This can't be read: {reason}.", "Check its permissions.")


def walk(
    folder: Path, shown_as: str, endings: tuple[str, ...], problems: list[Diagnostic], *, any_case: bool = False
) -> Iterator[str]:
    """The paths below `folder` of files with one of `endings`; what is hidden by a dot is left alone."""

    def unreadable(error: OSError) -> None:
        below = Path(error.filename).relative_to(folder).as_posix()
        if not isinstance(error, FileNotFoundError):
            at = Location(printable(f"{shown_as}/{below}".removesuffix("/.")))
            message = f"This folder can't be read: {error.strerror}."
            problems.append(Diagnostic(at, "folder-unreadable", message, "Check its permissions."))

    for where, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        problems += [_linked(f"{shown_as}/{_below(folder, where, name)}") for name in folders if _is_link(where, name)]
        for name in files:
            if (name.lower() if any_case else name).endswith(endings) and not name.startswith("."):
                yield _below(folder, where, name)


def _below(folder: Path, where: str, name: str) -> str:
    return (Path(where) / name).relative_to(folder).as_posix()


def _is_link(where: str, name: str) -> bool:
    return os.path.islink(os.path.join(where, name))  # noqa: PTH114, PTH118 (asked for every folder: no objects)


def _linked(shown: str) -> Diagnostic:
    return Diagnostic(
        Location(printable(shown)),
        "path-link",
        "This is a link to a folder, and links to folders are not followed.",
        "Put the folder itself here, and commit it.",
    )


def _read_file(folder: Path, path: str, shown_as: str, drafts: Mapping[str, bytes], found: Folder) -> None:
    shown = f"{shown_as}/{path}"
    if not path.endswith(".yaml"):
        right = f"{path.rpartition('.')[0]}.yaml"
        found.problems.append(
            Diagnostic(
                Location(printable(shown)),
                "file-extension",
                "Contracts end in `.yaml`.",
                f"Rename it to `{printable(right)}`.",
            )
        )
        found.unreadable[right] = None
        return
    content = drafts[shown] if shown in drafts else read_bytes(folder, path, shown)
    if content is None:
        return
    if isinstance(content, Diagnostic):
        found.problems.append(content)
        found.unreadable[path] = None
        return
    document, problems = read(printable(shown), content)
    found.problems += problems
    if document is None:
        kind = _KIND.search(content)
        found.unreadable[path] = kind[1].decode() if kind else ""
    else:
        found.documents[path] = document
