"""What `treaty new` leaves to its caller: `<say …>` in place of a text, until somebody says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from treaty.diagnostics import Diagnostic
from treaty.source.document import PLACEHOLDER, Document, Path

CODE = "still-to-say"
_PLACEHOLDER = re.compile(r"<say (.+)>")


def unsaid(document: Document) -> Iterator[Diagnostic]:
    """Every text that is a placeholder, and what it asks for."""
    for path, text in _texts(document.data) if document.has_placeholders else ():
        if asked := _PLACEHOLDER.fullmatch(text):
            yield Diagnostic(
                document.value_at(*path),
                CODE,
                f"{_subject(path)} is still to be said: {asked[1]}.",
                "Write it in place of `<say …>`, or delete what is not needed.",
            )


def without_consequences(problems: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The problems without those that only say that a placeholder is none of the things that may stand in its place."""
    found = list(problems)
    open_places = {problem.at for problem in found if problem.code == CODE}
    return [problem for problem in found if problem.code == CODE or problem.at not in open_places]


def _texts(value: Any) -> Iterator[tuple[Path, str]]:
    """The placeholders in some data; a path is put together only where there is one."""
    if isinstance(value, str):
        if value.startswith(PLACEHOLDER):
            yield (), value
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            for path, text in _texts(inner):
                yield (key, *path), text


def _subject(path: Path) -> str:
    named = [str(part) for part in path if isinstance(part, str)]
    return f"`{named[-1]}`" if named else "This"
