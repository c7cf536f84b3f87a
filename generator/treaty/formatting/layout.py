"""A tree as text again, in the one layout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from treaty.formatting.scalars import inline, lines, verbatim
from treaty.formatting.tree import Block, CannotFormatError, Entry, Flow, Node, Text, Tree
from treaty.source.remarks import BEGINNING

WIDTH = 120
STEP = 2


def lay_out(tree: Tree, below: Sequence[str | None], order: Sequence[str]) -> str:
    """The whole file; `below` is what stands after its last entry, `order` that of its words."""
    if not isinstance(tree.root, Block):
        if below or not isinstance(tree.root, Flow):
            raise CannotFormatError("a contract in one pair of brackets")
        tree.root = _unfolded(tree.root, None, 0)
    writer = _Writer()
    head: list[str | None] = []
    if tree.root.entries:
        head, tree.root.entries[0].leading = tree.root.entries[0].leading, []
    writer.comments(head, 0)
    writer.block(_ordered(tree.root, order), 0)
    writer.comments(below, 0)
    return writer.text()


def _ordered(block: Block, order: Sequence[str]) -> Block:
    """Top-level words in their order, unless a comment speaks of several of them."""
    if any(None in entry.leading[:-1] or entry.leading[-1:] == [None] != entry.leading for entry in block.entries):
        return block
    places = {word: place for place, word in enumerate(order)}
    known = sorted(block.entries, key=lambda entry: places.get(entry.key.value if entry.key else "", len(places)))
    return Block(block.mapping, known)


@dataclass(slots=True)
class _Writer:
    out: list[str] = field(default_factory=list)
    moved: dict[int, int] = field(default_factory=dict)

    def text(self) -> str:
        while self.out and not self.out[-1]:
            self.out.pop()
        return "\n".join(self.out) + "\n"

    def comments(self, found: Iterable[str | None], indent: int) -> None:
        for comment in found:
            if comment is not None:
                self.out.append(f"{' ' * indent}{comment}")
            elif self.out and self.out[-1]:
                self.out.append("")

    def block(self, block: Block, indent: int, first: str = "") -> None:
        """All entries; `first` is what stands before the first one in its line already, such as `- `."""
        for number, entry in enumerate(block.entries):
            leading = entry.leading
            if number == 0 and indent and leading[:1] == [None]:
                leading = leading[1:]
            self.comments(leading, indent)
            self.entry(entry, indent, first if number == 0 and first else " " * indent)

    def entry(self, entry: Entry, indent: int, start: str) -> None:
        self.moved = {column: new for column, new in self.moved.items() if column < entry.column}
        self.moved[entry.column] = indent
        self._value(entry, indent, start + (f"{inline(entry.key)}:" if entry.key else "-"))
        for comment in entry.after:
            if comment is None:
                self.comments([None], 0)
            else:
                near = [new for column, new in self.moved.items() if column <= comment[0]]
                self.comments([comment[1]], max(near, default=0))

    def _value(self, entry: Entry, indent: int, start: str) -> None:
        value = entry.value
        beside = f"  {entry.beside}" if entry.beside else ""
        if isinstance(value, Block):
            self._nested(entry, value, indent, start, beside)
        elif isinstance(value, Flow):
            self._flow(entry, value, indent, start, beside)
        elif isinstance(value, Text) and value.one_line:
            said = value.source if beside else inline(value)  # a reader must not take the comment for cut-off text
            self.out.append(f"{start} {said}{beside}" if said else f"{start}{beside}")
        elif isinstance(value, Text):
            found = lines(value, indent)
            self.out += [f"{start} {found[0]}", *found[1:]]
            self.out[-1] += beside

    def _nested(self, entry: Entry, value: Block, indent: int, start: str, beside: str) -> None:
        first = value.entries[0]
        if entry.key is None and not beside and not any(first.leading):
            first.leading = []
            self.block(value, indent + STEP, f"{start} ")
            return
        self.out.append(f"{start}{beside}")
        self.block(value, indent + STEP)

    def _flow(self, entry: Entry, value: Flow, indent: int, start: str, beside: str) -> None:
        short = _short(value)
        if short is None and (value.commented or not value.mapping):
            found = verbatim(value, entry.column, indent)
            self.out += [f"{start} {found[0]}", *found[1:]]
            self.out[-1] += beside
            return
        below = " " * (indent + STEP)
        if short is not None and len(f"{start} {short}") <= WIDTH:
            self.out.append(f"{start} {short}{beside}")
        elif short is not None and value.line > entry.line and entry.key and len(below + short) <= WIDTH:
            self.out += [start, f"{below}{short}{beside}"]
        elif short is not None and (not value.mapping or _is_spoken_of(entry)):
            self.out.append(f"{start} {short}{beside}")
        else:
            self._nested(entry, _unfolded(value, entry, entry.column + STEP), indent, start, beside)


def _is_spoken_of(entry: Entry) -> bool:
    """Whether a comment to the generator is about the line of this entry: it has to stay one line."""
    return any((comment or "").startswith(BEGINNING) for comment in (entry.beside, *entry.leading))


def _unfolded(flow: Flow, above: Entry | None, column: int) -> Block:
    """A mapping in brackets as a block."""
    if not flow.mapping or not flow.items or flow.commented:
        raise CannotFormatError("brackets that can't be opened")
    entries = []
    for key, value in flow.items:
        if key is None or not key.one_line:
            raise CannotFormatError("a key of several lines")
        entry = Entry(key, flow.line, column, above, value)
        if isinstance(value, Flow):
            value.line = flow.line
        entries.append(entry)
    return Block(mapping=True, entries=entries)


def _short(node: Node, *, in_list: bool = False) -> str | None:
    """A value in one line between brackets; `None` when it has none.

    Texts of a list keep their quotes, which say that a comma in one of them is meant.
    """
    if isinstance(node, Text):
        return (node.source if in_list else inline(node)) or None if node.one_line else None
    if isinstance(node, Block) or node.commented:
        return None
    parts = []
    for key, value in node.items:
        said = _short(value, in_list=key is None)
        if said is None or (key is not None and not key.one_line):
            return None
        parts.append(said if key is None else f"{inline(key)}: {said}")
    inside = ", ".join(parts)
    return f"{{{inside}}}" if node.mapping else f"[{inside}]"
