"""A contract as its author wrote it: entries with their places, values with their very characters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml


class CannotFormatError(Exception):
    """Something stands in the text that the formatter does not lay out."""


@dataclass(slots=True)
class Text:
    """A scalar: what it says, and its characters in the file. `around`: the column of what it stands in."""

    value: str
    style: str
    source: str
    line: int
    end_line: int
    around: int

    @property
    def one_line(self) -> bool:
        """Whether it stands in one line."""
        return "\n" not in self.source and self.style not in ("|", ">")


@dataclass(slots=True)
class Flow:
    """`{…}` or `[…]`; keys are `None` in a list. `commented`: a comment stands between its brackets."""

    mapping: bool
    items: list[tuple[Text | None, Node]]
    line: int
    end_line: int = 0
    source: str = ""
    commented: bool = False


@dataclass(slots=True)
class Entry:
    """`key: value` or `- value` of a block, with the comments that go with it (`None`: a blank line)."""

    key: Text | None
    line: int
    column: int
    above: Entry | None
    value: Node | None = None
    end_line: int = 0
    leading: list[str | None] = field(default_factory=list)
    after: list[tuple[int, str] | None] = field(default_factory=list)
    beside: str = ""


@dataclass(slots=True)
class Block:
    """Entries below each other."""

    mapping: bool
    entries: list[Entry] = field(default_factory=list)


Node = Text | Flow | Block


@dataclass(slots=True)
class Tree:
    """The whole file: its root, all entries from top to bottom, and where texts and brackets stand."""

    root: Node
    entries: list[Entry]
    spans: list[tuple[int, int]]
    flows: list[tuple[int, int, Flow]]


def parse(text: str) -> Tree:
    """The tree of a text that the reader takes. Raises `CannotFormatError`."""
    events: Any = yaml.parse(text, Loader=yaml.CSafeLoader)
    return _Builder(text, iter(list(events))).build()


@dataclass(slots=True)
class _Builder:
    text: str
    events: Iterator[Any]
    lines: list[str] = field(default_factory=list)
    tree: Tree = field(default_factory=lambda: Tree(Block(mapping=True), [], [], []))

    def build(self) -> Tree:
        self.lines = self.text.split("\n")
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.tree.root = self._node(next(self.events), None, -1)
        return self.tree

    def _node(self, event: Any, above: Entry | None, around: int) -> Node:
        if event.anchor is not None:
            raise CannotFormatError("an anchor")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, around)
        if event.flow_style:
            return self._flow(event)
        block = Block(isinstance(event, yaml.MappingStartEvent))
        if block.mapping:
            self._mapping(block, above)
        else:
            self._sequence(block, event.start_mark, above)
        return block

    def _scalar(self, event: Any, around: int) -> Text:
        start, end = event.start_mark, event.end_mark
        source = self.text[start.index : end.index]
        end_line = end.line
        if event.style in ("|", ">"):
            end_line = start.line + source.rstrip("\n ").count("\n")
        if source:
            self.tree.spans.append((start.index, end.index))
        return Text(event.value, event.style or "", source, start.line, end_line, around)

    def _flow(self, event: Any) -> Flow:
        start = event.start_mark
        flow = Flow(isinstance(event, yaml.MappingStartEvent), [], start.line)
        for inner in self.events:
            if isinstance(inner, yaml.CollectionEndEvent):
                return self._closed(flow, start.index, inner)
            key = self._scalar(inner, -1) if flow.mapping else None
            flow.items.append((key, self._node(next(self.events) if key else inner, None, -1)))
        raise CannotFormatError("brackets that do not close")

    def _closed(self, flow: Flow, start: int, event: Any) -> Flow:
        end = event.end_mark
        flow.end_line = end.line
        flow.source = self.text[start : end.index]
        self.tree.flows.append((start, end.index, flow))
        return flow

    def _mapping(self, block: Block, above: Entry | None) -> None:
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            mark = event.start_mark
            key = self._node(event, None, -1)
            if not isinstance(key, Text) or not key.one_line:
                raise CannotFormatError("a key of several lines")
            entry = Entry(key, mark.line, mark.column, above)
            self._fill(block, entry, next(self.events))

    def _sequence(self, block: Block, mark: Any, above: Entry | None) -> None:
        line = mark.line
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            if block.entries:
                line = self._dash(line + 1, mark.column)
            self._fill(block, Entry(None, line, mark.column, above), event)

    def _fill(self, block: Block, entry: Entry, event: Any) -> None:
        block.entries.append(entry)
        self.tree.entries.append(entry)
        entry.value = self._node(event, entry, entry.column)
        entry.end_line = entry.line
        if isinstance(entry.value, Flow) or (isinstance(entry.value, Text) and entry.value.source):
            entry.end_line = entry.value.end_line

    def _dash(self, line: int, column: int) -> int:
        """The line of the next `-` in this column."""
        for number in range(line, len(self.lines)):
            text = self.lines[number]
            if text[column : column + 1] == "-" and not text[:column].strip():
                return number
        raise CannotFormatError("a list that is written in an unusual way")
