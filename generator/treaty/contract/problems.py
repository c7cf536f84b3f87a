"""What pydantic found wrong, said as an author needs to hear it: one plain message per mistake."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from treaty.contract.base import Written
from treaty.contract.fixes import choices, fix_of
from treaty.contract.patterns import EXPLAINED
from treaty.contract.spelling import respelling, suggestion
from treaty.contract.words import models_at, without_tags, words
from treaty.diagnostics import Diagnostic
from treaty.source.document import Document, Path

Error = Mapping[str, Any]


def problems(
    model: type[Written], document: Document, error: ValidationError, *, only: Collection[Path] | None = None
) -> list[Diagnostic]:
    """One diagnostic for each place at which `document` is not what `model` wants (`only`: of those places)."""
    found: dict[Path, Diagnostic] = {}
    items = error.errors(include_url=False, include_input=True)
    for item in items:
        if (only is not None and item["loc"] not in only) or _only_by_others(item, items):
            continue
        path = without_tags(part for part in item["loc"] if part != "[key]")
        found.setdefault(path, _diagnostic(model, document, item, path))
    return list(found.values())


def _only_by_others(item: Error, items: Iterable[Error]) -> bool:
    """Whether a list is only too short because pydantic does not count its wrong entries."""
    depth = len(item["loc"])
    return item["type"] == "too_short" and any(
        len(other["loc"]) > depth and other["loc"][:depth] == item["loc"] for other in items
    )


def _diagnostic(model: type[Written], document: Document, error: Error, path: Path) -> Diagnostic:
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown_word(model, document, error["loc"], path)
    if kind == "missing":
        return Diagnostic(
            document.key_at(*path[:-1]),
            "word-missing",
            f"`{path[-1]}` is missing{_inside(path[:-1])}.",
            f"Add `{path[-1]}:`; the language reference says what it means.",
        )
    at_key = error["loc"][-1] == "[key]"
    at = document.key_at(*path) if at_key else document.value_at(*path)
    code, message, hint = _wrong(error, document, path)
    fix = fix_of(error, at, document.as_written.get(path))
    return Diagnostic(at, code, f"{_subject(path, is_key=at_key)} {message}", hint, fix=fix)


def _unknown_word(model: type[Written], document: Document, loc: Path, path: Path) -> Diagnostic:
    known = sorted({word for found in models_at(model, loc[:-1]) for word in words(found)})
    meant = suggestion(str(path[-1]), known)
    hint = f"Did you mean `{meant}`?" if meant else f"Known here: {', '.join(known)}."
    at = document.key_at(*path)
    return Diagnostic(
        at,
        "word-unknown",
        f"The language has no word `{_short(path[-1])}`{_inside(path[:-1])}.",
        hint,
        fix=respelling(at, str(path[-1]), known),
    )


def _inside(path: Path) -> str:
    named = [str(part) for part in path if isinstance(part, str)]
    return f" in `{'.'.join(named)}`" if named else ""


def _subject(path: Path, *, is_key: bool) -> str:
    if is_key:
        return f"The name `{_short(path[-1])}`"
    named = [part for part in path if isinstance(part, str)]
    if path and isinstance(path[-1], int):
        return f"Item {path[-1] + 1} of `{named[-1] if named else ''}`"
    return f"`{_short(path[-1])}`" if path else "The contract"


def _short(part: str | int) -> str:
    text = str(part)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _wrong(error: Error, document: Document, path: Path) -> tuple[str, str, str]:
    if error["type"] == "shape":
        return "value-type", f"must be {error['msg']}.", "The language reference shows how it is written."
    say = _WORDING.get(error["type"])
    if say is None:
        return "value-invalid", f"can't be used: {error['msg']}.", "See the language reference."
    code, message, hint = say(error)
    return code, message, (_quote_hint(error, document, path) if error["type"] == "string_type" else None) or hint


def _quote_hint(error: Error, document: Document, path: Path) -> str | None:
    """Text was wanted, and something stands there that YAML did not read as text."""
    if path in document.as_written:
        return f"Put it in quotes: '{document.as_written[path]}'."
    if isinstance(error.get("input"), dict):
        return "If this was meant as one text, put it in quotes: `: ` makes a mapping of it."
    return None


def _pattern(error: Error) -> tuple[str, str, str]:
    pattern = error["ctx"]["pattern"]
    message, hint = EXPLAINED.get(pattern, (f"does not match {pattern}.", "Write it differently."))
    return "value-invalid", message, hint


def _type(wanted: str) -> Callable[[Error], tuple[str, str, str]]:
    return lambda _: ("value-type", f"must be {wanted}.", f"Write {wanted} here.")


def _choice(error: Error) -> tuple[str, str, str]:
    options = choices(error)
    meant = suggestion(str(error.get("input")), options)
    hint = f"Did you mean `{meant}`?" if meant else "Choose one of them."
    choice = ", ".join(f"`{option}`" for option in options)
    return "value-invalid", f"must be {'one of ' if len(options) > 1 else ''}{choice}.", hint


def _bound(text: str, key: str, hint: str) -> Callable[[Error], tuple[str, str, str]]:
    return lambda error: ("value-invalid", text.format(error["ctx"][key]), hint)


_WORDING: dict[str, Callable[[Error], tuple[str, str, str]]] = {
    "string_type": _type("text"),
    "int_type": _type("a whole number"),
    "int_from_float": _type("a whole number"),
    "int_parsing_size": _type("a smaller whole number"),
    "float_type": _type("a number"),
    "bool_type": _type("`true` or `false`"),
    "tuple_type": _type("a list"),
    "dict_type": _type("a mapping"),
    "model_type": _type("a mapping"),
    "model_attributes_type": _type("a mapping"),
    "string_pattern_mismatch": _pattern,
    "literal_error": _choice,
    "enum": _choice,
    "string_too_short": _bound(
        "must have at least {} character.", "min_length", "Write something here, or delete the line."
    ),
    "string_too_long": _bound("must have at most {} characters.", "max_length", "Shorten it."),
    "too_short": _bound("must have at least {} entry.", "min_length", "Write something here, or delete the line."),
    "too_long": _bound("must have at most {} entries.", "max_length", "Take some away."),
    "greater_than_equal": _bound("must be at least {}.", "ge", "Write a greater number."),
    "less_than_equal": _bound("must be at most {}.", "le", "Write a smaller number."),
}
