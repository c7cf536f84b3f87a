"""A contract in, the same contract well laid out."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import yaml

from treaty.contract.kinds import KINDS, Defaults
from treaty.contract.words import words
from treaty.diagnostics import Diagnostic
from treaty.formatting.comments import attach, comments
from treaty.formatting.layout import lay_out
from treaty.formatting.tree import CannotFormatError, parse
from treaty.source.document import Document
from treaty.source.folder import DEFAULTS
from treaty.source.reader import read

_OTHER_BREAKS = ("\x85", "\u2028", "\u2029")


@dataclass(frozen=True, slots=True)
class Formatted:
    """A formatted contract. `content` is `None` when it was left alone: for its `problems`, or for `reason`."""

    content: bytes | None
    problems: tuple[Diagnostic, ...] = ()
    reason: str = ""


def format_contract(path: str, content: bytes) -> Formatted:
    """Lay out the contract in `content`; what comes back says the same, or there is none."""
    document, problems = read(path, content)
    if document is None or problems:
        return Formatted(None, tuple(problems))
    text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    try:
        after = _laid_out(text, document)
        if not _same(document, text, after) or _laid_out(after, document) != after:
            return Formatted(None, reason="its layout can't be changed without changing what it says")
    except CannotFormatError as error:
        return Formatted(None, reason=f"{error} can't be laid out")
    except yaml.YAMLError:
        return Formatted(None, reason="it is written in an unusual way")
    return Formatted(after.encode())


def _laid_out(text: str, document: Document) -> str:
    if any(character in text for character in _OTHER_BREAKS):
        raise CannotFormatError("an unusual end of a line")
    tree = parse(text)
    return lay_out(tree, attach(text, tree), _order(document))


def _order(document: Document) -> tuple[str, ...]:
    """The words of the contract's kind, as the language names them: the kind itself first."""
    if document.path.rpartition("/")[2] == DEFAULTS:
        return words(Defaults)
    kind = document.data.get("kind")
    model = KINDS.get(kind) if isinstance(kind, str) else None
    return ("kind", *(word for word in words(model) if word != "kind")) if model else ()


def _same(before: Document, text: str, after: str) -> bool:
    """Whether two texts say the same: data, how numbers are written, comments."""
    document, problems = read(before.path, after.encode())
    if document is None or problems:
        return False
    return _meaning(before) == _meaning(document) and _said(text) == _said(after)


def _meaning(document: Document) -> tuple[Any, ...]:
    data = sorted((word, json.dumps(value)) for word, value in document.data.items())
    remarks = sorted(remark.text for remark in document.remarks)
    notes = (document.as_written, document.cut_off, document.flow_lists, sorted(document.nulls, key=str))
    return data, remarks, notes


def _said(text: str) -> Counter[str]:
    """The comments of a text, block scalars' included, which belong to their first line."""
    return Counter(comment.text for comment in comments(text, sorted(parse(text).spans)))
