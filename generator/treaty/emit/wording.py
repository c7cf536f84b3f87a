"""Placeholders of phrases: as parameters of their functions, and as expressions inside the values of acts."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from treaty import names
from treaty.emit.python_types import plain
from treaty.emit.text import LITERAL_LENGTH, columns, inside_f_string, literal, pair, split
from treaty.resolve.references import REFERENCE

# What a format of `parse` makes of the text it matched; text it is otherwise.
_PYTHON_TYPES = {
    **dict.fromkeys(("d", "n", "b", "o", "x"), "int"),
    **dict.fromkeys(("f", "F", "g", "e", "%"), "float"),
    **dict.fromkeys(("ti", "tg", "ta", "te", "th", "tc", "ts"), "datetime"),
    "tt": "time",
}
_RESERVED = frozenset({"world", "row", *dir(builtins)})
_DATES, _TIMES = re.compile("%[aAwdbBmyYjUW]"), re.compile("%[HIpMSfzZ]")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder: its name in the contract, the parameter it becomes, and that parameter's type."""

    name: str
    parameter: str
    type: str


def placeholders(patterns: tuple[str, ...]) -> dict[str, Placeholder]:
    """The placeholders of a phrase's wordings by name."""
    found: dict[str, Placeholder] = {}
    for pattern in patterns:
        for _, name, spec, _ in Formatter().parse(pattern):
            if name and name not in found:
                parameter = names.identifier(names.snake(name), _RESERVED)
                found[name] = Placeholder(name, parameter, _python_type(spec or ""))
    return found


def with_parameters(pattern: str, known: dict[str, Placeholder]) -> str:
    """The pattern with every placeholder under its parameter's name."""
    return "".join(_pieces(pattern, known))


def _pieces(pattern: str, known: dict[str, Placeholder]) -> Iterator[str]:
    for text, name, spec, _ in Formatter().parse(pattern):
        yield text.replace("{", "{{").replace("}", "}}")
        if name is not None:
            parameter = known[name].parameter if name in known else name
            yield "{" + parameter + (f":{spec}" if spec else "") + "}"


def _python_type(spec: str) -> str:
    """What `parse` makes of the text that a format matches."""
    date, time = _DATES.search(spec) is not None, _TIMES.search(spec) is not None
    if date or time:
        return "datetime" if date and time else "date" if date else "time"
    return _PYTHON_TYPES.get(spec.lstrip("0123456789.<>^+-= "), "str")


class Values:
    """Turns the values of acts into expressions. `rows` says whether one of them spoke of a table's row."""

    def __init__(self, known: dict[str, Placeholder]) -> None:
        self._known = known
        self.rows = False

    def expression(self, data: Any) -> str:
        """JSON data as a Python expression, with what stands in braces filled in."""
        match data:
            case str():
                return self._text(data)
            case dict():
                return "{" + ", ".join(pair(key, self.expression(item)) for key, item in data.items()) + "}"
            case list() | tuple():
                return "[" + ", ".join(self.expression(item) for item in data) + "]"
            case _:
                return repr(data)

    def sent(self, data: dict[str, Any], example: Mapping[str, Any] | None = None) -> str:
        """The input of a call: an example's, word for word, under what is said here; `unique` occurs once."""
        written = {key: plain(item) for key, item in (example or {}).items()}
        said = {key: "world.unique()" if item == "unique" else self.expression(item) for key, item in data.items()}
        return "{" + ", ".join(pair(key, item) for key, item in {**written, **said}.items()) + "}"

    def _text(self, text: str) -> str:
        pieces = list(self._split(text))
        references = [piece for is_reference, piece in pieces if is_reference]
        if not references:
            return literal(text)
        if len(pieces) == 1:
            return references[0]
        lines = list(_f_string_lines(pieces))
        return lines[0] if len(lines) == 1 else f"({' '.join(lines)})"

    def _split(self, text: str) -> Iterator[tuple[bool, str]]:
        """Pieces of a text in order: plain ones, and expressions for what stands in braces."""
        position = 0
        for match in REFERENCE.finditer(text):
            expression = self._reference(match[1], match[2])
            if expression is None:
                continue
            if match.start() > position:
                yield False, text[position : match.start()]
            yield True, expression
            position = match.end()
        if position < len(text):
            yield False, text[position:]

    def _reference(self, head: str, field: str | None) -> str | None:
        if head in self._known:
            parameter = self._known[head].parameter
            return parameter if field is None else f'world.value(f"{{{parameter}}}.{field}")'
        if field is None:
            return None
        if head == "row":
            self.rows = True
            return f"row[{literal(field)}]"
        return f"world.value({literal(f'{head}.{field}')})"


def _f_string_lines(pieces: list[tuple[bool, str]]) -> Iterator[str]:
    """Text with expressions inside, in several strings where it is long."""
    line: list[tuple[bool, str]] = []
    size = 0
    for is_reference, piece in pieces:
        for part in [piece] if is_reference else split(piece):
            width = columns(part)
            if line and size + width > LITERAL_LENGTH:
                yield _f_string_line(line)
                line, size = [], 0
            line.append((is_reference, part))
            size += width
    yield _f_string_line(line)


def _f_string_line(pieces: list[tuple[bool, str]]) -> str:
    """One string. In Python 3.11 the expressions inside can't hold the quotes that it stands in."""
    expressions = "".join(piece for is_reference, piece in pieces if is_reference)
    if not expressions:
        return literal("".join(piece for _, piece in pieces))
    quote = "'" if '"' in expressions else '"'
    inside = (f"{{{piece}}}" if is_expression else inside_f_string(piece, quote) for is_expression, piece in pieces)
    return f"f{quote}{''.join(inside)}{quote}"
