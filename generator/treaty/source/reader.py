"""YAML text to a `Document`: one pass over libyaml's events, with limits, so that no file can hurt.

Events instead of nodes: no tree to build and drop, and a file that nests too deeply or uses aliases is refused
before anything grows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from treaty.diagnostics import Diagnostic, Location
from treaty.source.document import PLACEHOLDER, Document, Mark, Path
from treaty.source.remarks import remarks
from treaty.source.scalars import Scalar, UnusableNumberError, read_plain
from treaty.source.syntax import syntax_problem

MAX_DEPTH = 32
MAX_BYTES = 1_000_000

_COMMENT = re.compile(r"[ \t]+(#.*)")


def read(path: str, content: bytes) -> tuple[Document | None, list[Diagnostic]]:
    """The document in `content`, as far as it could be read, and what is wrong with it."""
    if len(content) > MAX_BYTES:
        return None, [
            Diagnostic(
                Location(path),
                "file-too-large",
                f"This file is larger than {MAX_BYTES:,} bytes.",
                "Split it: one contract per file.",
            )
        ]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [_not_utf8(path, content, error)]
    return _Reader(path, text).read()


def _not_utf8(path: str, content: bytes, error: UnicodeDecodeError) -> Diagnostic:
    before = content[: error.start].decode("utf-8-sig", "replace")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return Diagnostic(
        Location(path, line, column),
        "not-utf8",
        f"This is not UTF-8: byte 0x{content[error.start]:02x} means nothing here.",
        "Save the file as UTF-8.",
    )


@dataclass(slots=True)
class _Frame:
    """A mapping or a list that is being read; `here` is the path of the key whose value comes next."""

    path: Path
    container: dict[str, Any] | list[Any]
    flow: bool
    here: Path | None = None
    plain_items: int = 0

    @property
    def wants_key(self) -> bool:
        return self.here is None and isinstance(self.container, dict)

    def next_path(self) -> Path:
        return self.here or (*self.path, len(self.container))


class _StopReadingError(Exception):
    """The rest of the file can't be read; the diagnostic is recorded."""


@dataclass(slots=True)
class _Reader:
    path: str
    text: str
    problems: list[Diagnostic] = field(default_factory=list)
    keys: dict[Path, Mark] = field(default_factory=dict)
    values: dict[Path, Mark] = field(default_factory=dict)
    as_written: dict[Path, str] = field(default_factory=dict)
    cut_off: dict[Path, str] = field(default_factory=dict)
    flow_lists: set[Path] = field(default_factory=set)
    nulls: list[Path] = field(default_factory=list)
    stack: list[_Frame] = field(default_factory=list)
    documents: int = 0
    root: Any = None
    has_comments: bool = field(init=False)

    def __post_init__(self) -> None:
        self.has_comments = "#" in self.text

    def read(self) -> tuple[Document | None, list[Diagnostic]]:
        loader: Any = None
        try:
            loader = yaml.CSafeLoader(self.text)
            take = self._handlers()
            for event in iter(loader.get_event, None):
                take[type(event)](event)
        except _StopReadingError:
            return None, self.problems
        except yaml.YAMLError as error:
            self.problems.append(syntax_problem(self.path, self.text, error))
            return None, self.problems
        finally:
            if loader is not None:
                loader.dispose()
        return self._document(), self.problems

    def _document(self) -> Document | None:
        if not isinstance(self.root, dict):
            at = Location(self.path, *self.values.get((), (1, 1)))
            if self.root is None:
                self._add(at, "file-empty", "This file says nothing.", "Write a contract, or delete the file.")
            else:
                self._add(
                    at,
                    "not-a-mapping",
                    "A contract is a mapping of words to values.",
                    "Begin with `kind: command` (or another kind).",
                )
            return None
        return Document(
            self.path,
            self.root,
            self.keys,
            self.values,
            self.as_written,
            self.cut_off,
            frozenset(self.flow_lists),
            tuple(self.nulls),
            remarks(self.text),
            PLACEHOLDER.strip() in self.text,  # a break in the text may stand for its space
        )

    def _handlers(self) -> dict[type[yaml.Event], Callable[[Any], None]]:
        """What to do with each kind of event: a table, because there is one for every word of every contract."""
        return {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._start,
            yaml.DocumentEndEvent: _nothing,
            yaml.StreamStartEvent: _nothing,
            yaml.StreamEndEvent: _nothing,
        }

    def _alias(self, event: yaml.AliasEvent) -> None:
        self._stop(
            event,
            "yaml-alias",
            f"Aliases (`*{event.anchor}`) are not read.",
            "Write the value out, or share a contract of kind `type`.",
        )

    def _start(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop(
                event,
                "yaml-several-documents",
                "A second document begins here.",
                "Keep one contract per file: move this one into a file of its own.",
            )

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if event.tag is not None:
            self._refuse_tag(event)
        frame = self.stack[-1] if self.stack else None
        if frame is None:
            self._put(None, (), event, self._value(event, ()))
            return
        container, path = frame.container, frame.here
        if path is None:
            if isinstance(container, dict):
                self._key(frame, container, event)
                return
            path = (*frame.path, len(container))
        if not event.style:
            frame.plain_items += 1
        self._put(frame, path, event, self._value(event, path))

    def _value(self, event: yaml.ScalarEvent, path: Path) -> Scalar:
        if "\x00" in event.value:
            self._add(
                self._at(event),
                "text-nul",
                "This text contains the character NUL.",
                "Leave it out: nothing can store it.",
            )
            return event.value.replace("\x00", "")
        if event.style:
            return event.value
        if self.has_comments:
            self._note_comment(event, path)
        try:
            value = read_plain(event.value)
        except UnusableNumberError as error:
            self._add(
                self._at(event),
                "number-unusable",
                f"The number {error} can't be used: no JSON can carry it.",
                "Write a finite number, or put the text in quotes.",
            )
            return 0
        if value is None:
            self.nulls.append(path)
        elif not isinstance(value, str):
            self.as_written[path] = event.value
        return value

    def _note_comment(self, event: yaml.ScalarEvent, path: Path) -> None:
        """Remember what follows ` #`: in a phrase it was meant to be read."""
        end = event.end_mark
        if end and event.value and (comment := _COMMENT.match(self.text, end.index)):
            self.cut_off[path] = comment[1]

    def _key(self, frame: _Frame, container: dict[str, Any], event: yaml.ScalarEvent) -> None:
        frame.here = path = (*frame.path, event.value)
        if event.value not in container:
            self.keys[path] = _mark(event)
            return
        line = self.keys.get(path, (1, 1))[0]
        self._add(
            self._at(event),
            "key-duplicate",
            f"`{_short(event.value)}` is written twice (first in line {line}).",
            "Keep one of the two.",
        )

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self._stop(
                event,
                "yaml-too-deep",
                f"This is nested more than {MAX_DEPTH} levels deep.",
                "Flatten it, or share a contract of kind `type`.",
            )
        if event.tag is not None:
            self._refuse_tag(event)
        frame = self.stack[-1] if self.stack else None
        if frame and frame.wants_key:
            self._stop(
                event,
                "key-not-text",
                "A list or a mapping stands where a key is expected.",
                "Quote text that begins with `{`, `[` or `?`.",
            )
        container: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        path = frame.next_path() if frame else ()
        self._put(frame, path, event, container)
        self.stack.append(_Frame(path, container, bool(event.flow_style)))

    def _put(self, frame: _Frame | None, path: Path, event: yaml.Event, value: Any) -> None:
        if frame is None:
            self.root = value
        elif isinstance(frame.container, list):
            frame.container.append(value)
        else:
            frame.container.setdefault(str(path[-1]), value)
            frame.here = None
        self.values.setdefault(path, _mark(event))

    def _close(self, _: yaml.CollectionEndEvent) -> None:
        frame = self.stack.pop()
        if frame.flow and isinstance(frame.container, list) and len(frame.container) > 1 and frame.plain_items:
            self.flow_lists.add(frame.path)

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        self._add(
            self._at(event),
            "yaml-tag",
            f"Tags (`{_short(str(event.tag))}`) are not read.",
            "Leave it out; put text in quotes.",
        )

    def _stop(self, event: yaml.Event, code: str, message: str, hint: str) -> None:
        self._add(self._at(event), code, message, hint)
        raise _StopReadingError

    def _add(self, at: Location, code: str, message: str, hint: str) -> None:
        self.problems.append(Diagnostic(at, code, message, hint))

    def _at(self, event: yaml.Event) -> Location:
        return Location(self.path, *_mark(event))


def _nothing(_: yaml.Event) -> None:
    """For events that say nothing about the data."""


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def _mark(event: yaml.Event) -> Mark:
    start = event.start_mark
    return (start.line + 1, start.column + 1) if start else (1, 1)
