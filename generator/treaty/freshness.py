"""Whether anything changed since the last run: decided by looking at files, without reading them.

A run without problems leaves a record: how every file that it read or made looks to the file system, and what a run
that changes nothing would say. While all of them look the same, that is the answer. Any doubt is settled by a full run.

This module decides in a few milliseconds, so it imports next to nothing: no dataclasses, no pathlib.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping

PYPROJECT = "pyproject.toml"
RECORD = os.path.join(".treaty", "seen.json")
_FORMAT = 1
_ABSENT = ""
THERE = "there"


class Places:
    """What a run depends on: `folders` with all that is in them, and single `files`; relative ones below the root.

    Of folders that people work in, hidden files are left out, as editors keep theirs there.
    """

    __slots__ = ("files", "folders", "working_folders")

    def __init__(self, working_folders: Iterable[str], folders: Iterable[str], files: Iterable[str]) -> None:
        self.working_folders = list(working_folders)
        self.folders = list(folders)
        self.files = list(files)

    @property
    def listed(self) -> list[list[str]]:
        """The folders and files, as they are made from them."""
        return [self.working_folders, self.folders, self.files]

    def look(self, root: str) -> dict[str, str]:
        """How each file looks to the file system, by its path. Raises `OSError` when one vanishes meanwhile."""
        found = {file: _mark(os.path.join(root, file)) for file in self.files}
        for folder in (*self.working_folders, *self.folders):
            found[f"{folder}/"] = THERE if os.path.isdir(os.path.join(root, folder)) else _ABSENT
        for folder in self.working_folders:
            found.update(_below(root, folder, hidden=False))
        for folder in self.folders:
            found.update(_below(root, folder, hidden=True))
        return found


class Record:
    """What a run left behind: where it looked, what it saw, and what to say while that is so.

    `memory` is for the next run that has something to do: what this one knew of each contract.
    """

    __slots__ = ("answers", "marks", "memory", "places")

    def __init__(
        self, places: Places, marks: Mapping[str, str], answers: Mapping[str, tuple[int, list[str]]], memory: str
    ) -> None:
        self.places = places
        self.marks = dict(marks)
        self.answers = dict(answers)
        self.memory = memory

    @classmethod
    def read(cls, root: str) -> Record | None:
        """The record of the last run, if it left one that can be understood."""
        try:
            with open(os.path.join(root, RECORD), "rb") as stream:
                first, _, memory = stream.read().partition(b"\n")
            data = json.loads(first)
            if data["format"] != _FORMAT or data["python"] != sys.version:
                return None
            answers = {word: (int(code), list(map(str, lines))) for word, (code, lines) in data["answers"].items()}
            return cls(Places(*data["places"]), data["marks"], answers, memory.decode("ascii"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def write(self, root: str) -> None:
        """Keep it for the next run, as a whole or not at all. Raises `OSError`."""
        places = self.places.listed
        about = {"format": _FORMAT, "python": sys.version, "places": places, "answers": self.answers}
        text = json.dumps(about | {"marks": self.marks})
        file = os.path.join(root, RECORD)
        draft = f"{file}.draft"
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(draft, "w", encoding="ascii") as stream:
            stream.write(f"{text}\n{self.memory}")
        os.replace(draft, file)

    def changes(self, marks: Mapping[str, str]) -> set[str]:
        """What looks different now."""
        return {path for path in marks.keys() | self.marks.keys() if marks.get(path) != self.marks.get(path)}

    def holds(self, root: str) -> bool:
        """Whether everything looks as it did then."""
        try:
            return self.places.look(root) == self.marks
        except OSError:
            return False


def generator_places() -> tuple[list[str], list[str]]:
    """The generator's own folders, and those whose times change when a package is installed or removed."""
    own = os.path.dirname(os.path.abspath(__file__))
    packages = [entry for entry in sys.path if os.path.basename(entry) in ("site-packages", "dist-packages")]
    return [own], packages


def answer_at_once(arguments: list[str]) -> int | None:
    """Answer `treaty generate` when nothing changed: the exit code, or `None` when only a run can tell."""
    asked = _asked(arguments)
    root = _root(asked[1]) if asked else None
    record = Record.read(root) if root else None
    if asked is None or root is None or record is None or asked[0] not in record.answers or not record.holds(root):
        return None
    code, lines = record.answers[asked[0]]
    sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode(sys.stdout.encoding, "backslashreplace"))
    return code


def _asked(arguments: list[str]) -> tuple[str, str] | None:
    """Which of the answers is wanted, and where; `None` when something else is."""
    if arguments[:1] != ["generate"]:
        return None
    word, folder = "generate", "."
    rest = iter(arguments[1:])
    for argument in rest:
        if argument == "--check":
            word = "check"
        elif argument == "--project":
            folder = next(rest, "")
        else:
            return None
    return word, folder


def _root(folder: str) -> str | None:
    """The nearest folder with a `pyproject.toml`."""
    place = os.path.abspath(folder)
    while not os.path.isfile(os.path.join(place, PYPROJECT)):
        place, before = os.path.dirname(place), place
        if place == before:
            return None
    return place


def _below(root: str, folder: str, *, hidden: bool) -> Iterator[tuple[str, str]]:
    """Every file below a folder and how it looks; compiled modules are nobody's."""
    try:
        entries = list(os.scandir(os.path.join(root, folder)))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.name == "__pycache__" or (entry.name.startswith(".") and not hidden):
            continue
        path = f"{folder}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _below(root, path, hidden=hidden)
        else:
            yield path, _described(entry.stat(follow_symlinks=False), entry.path)


def _mark(path: str) -> str:
    try:
        return _described(os.lstat(path), path)
    except OSError:
        return _ABSENT


def _described(seen: os.stat_result, path: str) -> str:
    """Everything that a change leaves a trace in."""
    marks = f"{seen.st_mode} {seen.st_ino} {seen.st_size} {seen.st_mtime_ns} {seen.st_ctime_ns}"
    if not stat.S_ISLNK(seen.st_mode):
        return marks
    try:
        return f"{marks} {_described(os.stat(path), path)}"
    except OSError:
        return f"{marks} broken"
