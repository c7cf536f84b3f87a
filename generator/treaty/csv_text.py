"""The pages of an operation as CSV: its columns, and what an example looks like. The service writes it the same way."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from treaty.resolve.model import Field, Model, Page, Scalar, TypeRef

__all__ = ["TYPE", "columns", "csv_text", "file_name"]

Kind = Literal["plain", "text", "json"]
TYPE = "text/csv"
_TEXTS = ("string", "url", "email")
# What spreadsheets take for the beginning of a formula, and what keeps them from it.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def file_name(name: str) -> str:
    """What the file of an operation is called that has this name in its namespace."""
    return f"{name.replace('.', '-').replace('@', '-')}.csv"


def columns(page: Page, model: Model) -> Iterator[tuple[Field, Kind]]:
    """The fields of the item, and how each is written: as it is, as a text that somebody wrote, or as JSON."""
    for field in page.item.fields:
        yield field, _kind(field, model)


def _kind(field: Field, model: Model) -> Kind:
    match field.type:
        case Scalar(name="json"):
            return "json"
        case Scalar(name=name):
            return "text" if name in _TEXTS else "plain"
        case TypeRef(key=key):
            return "text" if key in model.types and model.types[key].values else "json"
        case _:
            return "json"


def csv_text(page: Page, model: Model, content: Mapping[str, Any]) -> str:
    """The CSV that says what a page does."""
    known = list(columns(page, model))
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(field.name for field, _ in known)
    for item in content.get(page.of, ()):
        lines.writerow(_cell(kind, item[field.name]) if field.name in item else "" for field, kind in known)
    return text.getvalue()


def _cell(kind: Kind, value: Any) -> str:
    if kind == "text":
        return f"'{value}" if value.startswith(_FORMULAS) else str(value)
    if kind == "plain" and isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
