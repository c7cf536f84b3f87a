"""The one door through which contract text enters generated files.

Every text that an author wrote passes one of these functions: Python literals, docstrings, Gherkin lines and JSON.
What comes out means the same text, cannot end the place it stands in, and shows no invisible character.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic_core import to_json

LINE_LENGTH = 120
# A literal longer than this is written as several, one under the other.
LITERAL_LENGTH = 88

_LINE_BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
_LIKE_A_KEYWORD = re.compile(r"[\w ]+:")
_WORDS = re.compile(r"[^ ]* |[^ ]+")
_NOT_IN_TAGS = re.compile(r"[\s@#,()\[\]]+")


def literal(text: str) -> str:
    """`text` as a Python string literal; a long one as several in brackets."""
    return _quoted(text) if _is_short(text) else f"({argument(text)})"


def argument(text: str) -> str:
    """Like `literal`, for a place between the brackets of a call, where several literals need none of their own."""
    return _quoted(text) if _is_short(text) else " ".join(_quoted(piece) for piece in split(text))


def pair(key: str, value: str) -> str:
    """An entry of a dictionary, given its value as an expression; a string that is too long gets a line of its own."""
    name = literal(key)
    alone = value[:1] in "'\"f" and value[-1:] in "'\"" and _columns(name + value) > LITERAL_LENGTH
    return f"{name}: ({value})" if alone else f"{name}: {value}"


def inside_f_string(text: str, quote: str) -> str:
    """`text` as a part of an f-string in such quotes."""
    return _escaped(text, quote).replace("{", "{{").replace("}", "}}")


def columns(text: str) -> int:
    """How many columns `text` takes as a literal, without its quotes."""
    return _columns(text) if text.isprintable() else _columns(_visible(text))


def split(text: str) -> Iterator[str]:
    """`text` in pieces that are short enough for a line, cut after spaces; a word without end is cut anywhere."""
    if _is_short(text):
        return iter((text,))
    return _joined(piece for word in _WORDS.findall(text) for piece in _joined(word))


def docstring(*paragraphs: str, indent: int = 0) -> str:
    """A docstring of the given paragraphs, wrapped, quotes included; its lines are not indented yet."""
    lines = list(_wrapped(paragraphs, LINE_LENGTH - indent))
    if lines[0].startswith('"'):
        lines[0] = "\\" + lines[0]  # ruff would put a space between it and the quotes of the docstring
    if len(lines) == 1 and _columns(lines[0]) + indent + 6 <= LINE_LENGTH:
        return '"""' + _before_quotes(lines[0]) + '"""'
    return '"""' + "\n".join([*lines, '"""'])


def one_line(text: str) -> str:
    """`text` without line breaks of any kind."""
    return _LINE_BREAKS.sub(" ", text).strip()


def gherkin(text: str) -> str:
    """`text` fit to follow a keyword of Gherkin: one line, nothing invisible."""
    return _without_controls(one_line(text)).strip()


def gherkin_description(text: str) -> str:
    """`text` as a free line of Gherkin, which must not begin like a keyword, a tag, a comment or a table."""
    line = gherkin(text)
    harmless = line[:1].isalnum() and not _LIKE_A_KEYWORD.match(line)
    return line if harmless or not line else f"— {line}"


def gherkin_tag(text: str) -> str:
    """`text` as a tag, without the `@`: no spaces, nothing that ends a tag."""
    return _NOT_IN_TAGS.sub("-", gherkin(text)).strip("-")


def json_document(value: Any, width: int) -> str:
    """`value` as JSON, readable: on one line when it fits, invisible characters escaped."""
    line = _escaped_json(json.dumps(value, ensure_ascii=False))
    return line if _columns(line) <= width else json_file(value).rstrip("\n")


def json_file(value: Any) -> str:
    """`value` as a JSON file, keys in the given order."""
    # pydantic's writer is ten times as fast as the standard library's with an indent, and lays out the same text.
    return _escaped_json(to_json(value, indent=2).decode()) + "\n"


def _is_short(text: str) -> bool:
    """Whether a literal of `text` needs no second line."""
    return columns(text) <= LITERAL_LENGTH


def _quoted(text: str) -> str:
    quote = "'" if '"' in text and "'" not in text else '"'
    return quote + _escaped(text, quote) + quote


def _escaped(text: str, quote: str) -> str:
    return _visible(text.replace("\\", "\\\\").replace(quote, f"\\{quote}"))


def _joined(parts: Iterable[str]) -> Iterator[str]:
    """As many parts together as fit on a line."""
    piece, size = "", 0
    for part in parts:
        width = columns(part)
        if piece and size + width > LITERAL_LENGTH:
            yield piece
            piece, size = "", 0
        piece, size = piece + part, size + width
    yield piece


def _wrapped(paragraphs: tuple[str, ...], width: int) -> Iterator[str]:
    """The lines of a docstring. Line breaks and indentation of the text stay; long lines are wrapped at spaces."""
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield ""
        for line in paragraph.strip().splitlines() or [""]:
            text = line.strip()
            indent = " " * (len(line) - len(line.lstrip()))
            escaped = _visible(text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"'))
            first, *more = _wrap(escaped, width - 2 * len(indent) - len('"""'))
            yield indent + first if first else ""
            yield from (2 * indent + piece for piece in more)  # what is indented hangs


def _wrap(line: str, width: int) -> Iterator[str]:
    """Lines of at most `width` columns where spaces allow it."""
    if _columns(line) <= width:
        yield line
        return
    current = ""
    for word in line.split(" "):
        longer = f"{current} {word}" if current else word
        if current and _columns(longer) > width:
            yield current.rstrip()
            current = word
        else:
            current = longer
    yield current.rstrip()


def _columns(text: str) -> int:
    """How wide `text` is on a screen: Chinese characters and emoji take two columns."""
    return len(text) if text.isascii() else sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def _before_quotes(line: str) -> str:
    """`line` fit to be followed by three quotes."""
    if not line.endswith('"'):
        return line
    backslashes = len(line) - 1 - len(line[:-1].rstrip("\\"))
    return line if backslashes % 2 else line[:-1] + '\\"'


def _visible(text: str) -> str:
    """Escapes of Python for whatever does not print: controls, bidi marks, zero-width and odd spaces, surrogates."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _python_escape(character) for character in text)


def _python_escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _without_controls(text: str) -> str:
    """Gherkin knows no escapes: what does not print becomes a space."""
    return "".join(character if character.isprintable() else " " for character in text)


def _escaped_json(text: str) -> str:
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
