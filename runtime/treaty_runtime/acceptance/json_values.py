"""Values as JSON: what a row's field, a table's cell and an answer look like on the wire."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

__all__ = ["Cell", "Unique", "Vague", "as_wanted", "plain", "same", "shown"]


class Vague(str):
    """Text whose meaning depends on what is wanted where it goes."""

    __slots__ = ()

    @property
    def readings(self) -> tuple[Any, ...]:
        """What it may mean: the first that fits counts, and the last where nothing is known."""
        return (str(self),)


class Cell(Vague):
    """A cell of a Gherkin table: text, or a number or boolean where one is wanted."""

    __slots__ = ()

    @property
    def readings(self) -> tuple[Any, ...]:
        """The text, then the number or boolean that it spells."""
        try:
            read = json.loads(self)
        except ValueError:
            return (str(self),)
        return (str(self), read) if isinstance(read, int | float) else (str(self),)


class Unique(Vague):
    """A text that occurs once: short where that will do, else a uuid."""

    __slots__ = ()

    @property
    def readings(self) -> tuple[Any, ...]:
        """The text itself, a uuid made of it, and the text again."""
        return (str(self), str(uuid5(NAMESPACE_OID, self)), str(self))


def as_wanted(value: Any, kind: TypeAdapter[Any]) -> tuple[Any, Any]:
    """`value` as JSON and as `kind` reads it. Raises pydantic's `ValidationError` when no reading of it fits."""
    readings = value.readings if isinstance(value, Vague) else (plain(value),)
    for reading in readings[:-1]:
        with suppress(ValidationError):
            return reading, kind.validate_json(json.dumps(reading))
    return readings[-1], kind.validate_json(json.dumps(readings[-1]))


def plain(value: Any) -> Any:
    """`value` as JSON would carry it: an instant in UTC, a decimal as text, an enumeration's member as its value."""
    if isinstance(value, Vague):
        return value.readings[-1]
    if isinstance(value, dt.datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return to_jsonable_python(value)


def same(promised: Any, answered: Any) -> bool:
    """Whether `answered` is what was promised; `true` is not 1, and `1` is `1.0`."""
    if isinstance(promised, Vague):
        return any(same(reading, answered) for reading in promised.readings)
    if isinstance(promised, bool) or isinstance(answered, bool):
        return promised is answered
    if isinstance(promised, dict) and isinstance(answered, dict):
        return promised.keys() == answered.keys() and all(same(promised[key], answered[key]) for key in promised)
    if isinstance(promised, list) and isinstance(answered, list):
        return len(promised) == len(answered) and all(map(same, promised, answered))
    return bool(plain(promised) == answered)


def shown(value: Any) -> str:
    """`value` in one line of JSON."""
    return json.dumps(plain(value), ensure_ascii=False)
