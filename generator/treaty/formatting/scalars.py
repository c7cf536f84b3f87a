"""Single texts: which quotes they need, and their lines when they have several."""

from __future__ import annotations

import re

from treaty.formatting.tree import Flow, Text

# Words that mean themselves for every reader of YAML, whichever version it knows, between brackets too.
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]*[A-Za-z0-9_./])*")
_NOT_TEXT = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_EXPLICIT = re.compile(r"[|>][-+]?([1-9])")


def inline(text: Text) -> str:
    """A text of one line, without quotes that it plainly does not need."""
    if text.style in ("'", '"') and _PLAIN.fullmatch(text.value) and text.value.lower() not in _NOT_TEXT:
        return text.value
    return text.source


def lines(text: Text, indent: int) -> list[str]:
    """A text of several lines, the first of which follows its key; it stands in something indented by `indent`."""
    first, *rest = text.source.split("\n")
    if text.style not in ("|", ">"):
        return [_end(first), *(_end(" " * (indent + 2) + line.lstrip(" \t")) if line.strip() else "" for line in rest)]
    while rest and not rest[-1].strip() and "+" not in first:
        rest.pop()
    if "+" in first and rest and not rest[-1]:
        rest.pop()
    explicit = _EXPLICIT.match(first)
    own = max(text.around, 0) + int(explicit[1]) if explicit else _indentation(rest)
    new = indent + (int(explicit[1]) if explicit else 2)
    return [first.rstrip(), *(f"{' ' * new}{line[own:]}" if line.strip() or line[own:] else "" for line in rest)]


def verbatim(flow: Flow, before: int, indent: int) -> list[str]:
    """Brackets over several lines as they are, moved from one indentation to another."""
    first, *rest = flow.source.split("\n")
    moved = [first.rstrip()]
    for line in rest:
        bare = line.strip(" \t")
        deep = max(len(line) - len(line.lstrip(" \t")) - before + indent, indent + (0 if bare in ("}", "]") else 2))
        moved.append(_end(" " * deep + line.lstrip(" \t")) if bare else "")
    return moved


def _indentation(rest: list[str]) -> int:
    return next((len(line) - len(line.lstrip(" ")) for line in rest if line.strip()), 0)


def _end(line: str) -> str:
    """A line without blanks at its end, unless the last is escaped."""
    bare = line.rstrip(" \t")
    return line if bare.endswith("\\") and bare != line else bare
