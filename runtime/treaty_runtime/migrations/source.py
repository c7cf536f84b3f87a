"""Python source for revisions: calls laid out the way `ruff format` does, texts as literals that mean the same text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Call", "call", "has_parameter", "literal", "statement"]

LINE_LENGTH = 120
PARAMETER = re.compile(r"(?<![:\w]):\w")  # what SQLAlchemy reads as a parameter


@dataclass(frozen=True, slots=True)
class Call:
    """A call: on one line if it fits and is not to be `spread`, else with one argument on each."""

    name: str
    arguments: tuple[str | Call, ...]
    spread: bool = False

    def lines(self, indent: int, before: str = "", after: str = "") -> Iterator[str]:
        """The source, `before` and `after` on its first and last line."""
        margin = " " * indent
        short = f"{margin}{before}{self}{after}"
        if not self.spread and len(short) <= LINE_LENGTH:
            yield short
            return
        yield f"{margin}{before}{self.name}("
        together = f"{margin}    {', '.join(map(str, self.arguments))}"
        if not self.spread and len(together) <= LINE_LENGTH:
            yield together
        else:
            for argument in self.arguments:
                if isinstance(argument, Call):
                    yield from argument.lines(indent + 4, after=",")
                else:
                    yield f"{margin}    {argument},"
        yield f"{margin}){after}"

    def __str__(self) -> str:
        """The source on one line."""
        return f"{self.name}({', '.join(map(str, self.arguments))})"


def call(function: str, /, *arguments: str | Call, **named: str) -> Call:
    """A call of a function; what is not a call is source already."""
    return Call(function, (*arguments, *(f"{key}={value}" for key, value in named.items())))


def literal(text: str) -> str:
    """A text in double quotes, escaped; in single quotes when that spares escapes, as `ruff format` has it."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(character, quote) for character in text) + quote


def has_parameter(sql: str) -> bool:
    """Whether SQLAlchemy would read a part of the text as a parameter, `:word`."""
    return PARAMETER.search(sql) is not None


def statement(sql: str) -> Iterator[str]:
    """`op.execute` of SQL; several lines of it stay several lines."""
    lines = sql.splitlines()
    if has_parameter(sql):
        # Taken as it is, but for `%`, which is doubled.
        yield from call("op.execute", call("sa.DDL", literal(sql.replace("%", "%%")))).lines(4)
        return
    if len(lines) == 1:
        yield from call("op.execute", literal(sql)).lines(4)
        return
    yield '    op.execute("""'
    yield from (f"        {line}" for line in lines)
    yield '    """)'


def _escaped(character: str, quote: str) -> str:
    if character in {quote, "\\"}:
        return f"\\{character}"
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
