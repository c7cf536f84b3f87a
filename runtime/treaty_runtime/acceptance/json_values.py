"""Values as JSON: what a row's field, a table's cell and an answer look like on the wire."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_jsonable_python

__all__ = ["Cell", "plain", "same", "shown"]


class Cell(str):
    """A cell of a Gherkin table: text that stands for a number or a boolean where one is wanted."""

    __slots__ = ()

    @property
    def readings(self) -> tuple[Any, ...]:
        """What the cell may mean, the text itself first."""
        try:
            read = json.loads(self)
        except ValueError:
            return (str(self),)
        return (str(self), read) if isinstance(read, int | float) else (str(self),)


def plain(value: Any) -> Any:
    """`value` as JSON would carry it: an instant in UTC, a decimal as text, an enumeration's member as its value."""
    if isinstance(value, Cell):
        return value.readings[-1]
    if isinstance(value, dt.datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return to_jsonable_python(value)


def same(promised: Any, answered: Any) -> bool:
    """Whether two JSON values are equal; `true` is not 1, and `1` is `1.0`."""
    if isinstance(promised, Cell):
        return any(same(reading, answered) for reading in promised.readings)
    if isinstance(promised, bool) or isinstance(answered, bool):
        return promised is answered
    if isinstance(promised, dict) and isinstance(answered, dict):
        return promised.keys() == answered.keys() and all(same(promised[key], answered[key]) for key in promised)
    if isinstance(promised, list) and isinstance(answered, list):
        return len(promised) == len(answered) and all(map(same, promised, answered))
    return bool(promised == answered)


def shown(value: Any) -> str:
    """`value` in one line of JSON."""
    return json.dumps(plain(value), ensure_ascii=False)
