"""Which parts of an answer are compared by type: those that the output model calls uuid, datetime or url."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import TypeAdapter

from treaty_runtime.fields import Url
from treaty_runtime.models import Shape

__all__ = ["Formats"]


URL_PATTERN = TypeAdapter[str](Url).json_schema()["pattern"]


def _is_uuid(value: str) -> bool:
    return bool(UUID(value))


def _is_datetime(value: str) -> bool:
    return dt.datetime.fromisoformat(value).tzinfo is not None


def _is_url(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


CHECKS = {"uuid": ("a uuid", _is_uuid), "date-time": ("a datetime", _is_datetime), "uri": ("a url", _is_url)}


@dataclass(frozen=True, slots=True)
class Formats:
    """A place in an output's JSON Schema; `None` as schema means that nothing is known there."""

    schema: Mapping[str, Any] = field(default_factory=dict)
    definitions: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, model: type[Shape]) -> Formats:
        """The formats of everything that `model` can answer."""
        schema = model.model_json_schema(by_alias=True, mode="serialization")
        return cls(schema, schema.get("$defs", {}))

    def at(self, name: str) -> Formats:
        """The formats of the field `name`, or of a map's values."""
        for schema in self.alternatives():
            if name in schema.get("properties", {}):
                return Formats(schema["properties"][name], self.definitions)
            if isinstance(values := schema.get("additionalProperties"), dict):
                return Formats(values, self.definitions)
        return Formats()

    def item(self) -> Formats:
        """The formats of a list's items."""
        items = (schema["items"] for schema in self.alternatives() if isinstance(schema.get("items"), dict))
        return Formats(next(items, {}), self.definitions)

    @property
    def by_type(self) -> str | None:
        """`uuid`, `date-time` or `uri` when the type alone is compared here."""
        for schema in self.alternatives():
            if schema.get("pattern") == URL_PATTERN:
                return "uri"
            if (name := schema.get("format")) in CHECKS:
                return str(name)
        return None

    def alternatives(self) -> Iterator[Mapping[str, Any]]:
        """What the value may be here, references followed."""
        reference = self.schema.get("$ref")
        schema = self.definitions[reference.rsplit("/", 1)[-1]] if reference else self.schema
        yield schema
        for alternative in schema.get("anyOf", ()):
            yield from Formats(alternative, self.definitions).alternatives()


def is_of(name: str, value: Any) -> bool:
    """Whether `value` is text of the format `name`."""
    try:
        return isinstance(value, str) and CHECKS[name][1](value)
    except ValueError:
        return False


def described(name: str) -> str:
    """The format in words: `a uuid`."""
    return CHECKS[name][0]
