"""CSV as RFC 4180 has it, which spreadsheets open without carrying anything out.

A program that opens the file takes a cell that begins with one of `= + - @`, a tab or a line break for a formula, which
may send the rest of the sheet elsewhere. So a text that does gets an apostrophe in front, and so does one that begins
with an apostrophe: whoever takes one away from every text that has one gets what there was.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from treaty_runtime.operations import CsvColumn

__all__ = ["head", "lines"]

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def head(columns: Sequence[CsvColumn]) -> bytes:
    """The first line: the names of the columns."""
    return _written([[column.name for column in columns]])


def lines(columns: Sequence[CsvColumn], items: Iterable[Mapping[str, Any]]) -> bytes:
    """A line for each item, given as JSON data; a cell without a value is empty."""
    return _written(
        [_cell(column, item[column.name]) if column.name in item else "" for column in columns] for item in items
    )


def _written(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cell(column: CsvColumn, value: Any) -> str:
    if column.kind == "text":
        return f"'{value}" if value.startswith(FORMULAS) else str(value)
    if column.kind == "plain" and isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
