"""Text that YAML took apart before anyone could read it: cut off by ` #`, or split at a comma."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from treaty.diagnostics import Diagnostic, Location
from treaty.source.document import Document, Path
from treaty.source.quotes import in_quotes
from treaty.source.remarks import BEGINNING

_KEYWORDS = ("given", "when", "then")


def prose_problems(document: Document) -> Iterator[Diagnostic]:
    """What is not in the data because of how it was written."""
    for path, comment in document.cut_off.items():
        phrase = is_phrase(path)
        if comment.startswith(BEGINNING):
            continue
        glued = not comment.startswith(("# ", "##")) and comment != "#"
        if phrase or glued:
            at = document.value_at(*path)
            yield Diagnostic(
                at,
                "text-cut-off",
                f"{'This phrase' if phrase else 'This text'} ends before ` {_short(comment)}`: ` #` begins a comment.",
                "Put the whole text in quotes"
                + ("; a comment goes on a line of its own." if phrase else ", or write a space after `#`."),
                fix=in_quotes(at, f"{_text_at(document, path)} {comment.rstrip()}") if phrase and glued else None,
            )
    for path in sorted(document.flow_lists, key=str):
        if is_phrase((*path, 0)):
            yield Diagnostic(
                document.value_at(*path),
                "phrases-split",
                "A comma ends a phrase between brackets, so this list may not say what was meant.",
                "Write one phrase per line, each after `- `, or put every phrase in quotes.",
            )


def distrusted_phrases(document: Document) -> set[Location]:
    """Where phrases stand that say less than was written: whether they are known says nothing."""
    lists = [path for path in document.flow_lists if is_phrase((*path, 0))]
    items = [path for path in document.values if path[:-1] in lists] if lists else []
    cut_off = [path for path, said in document.cut_off.items() if is_phrase(path) and not said.startswith(BEGINNING)]
    return {document.value_at(*path) for path in (*items, *cut_off)}


def is_phrase(path: Path) -> bool:
    """Whether a phrase stands at `path`, in scenarios, examples or a vocabulary."""
    match path:
        case ("acceptance", "scenarios" | "examples", int(), str() as word, int()):
            return word in _KEYWORDS
        case ("phrases", int(), str() as word):
            return word in _KEYWORDS
        case ("phrases", int(), "also", int()):
            return True
    return False


def _text_at(document: Document, path: Path) -> Any:
    data: Any = document.data
    for part in path:
        data = data[part]
    return data


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:30]}…"
