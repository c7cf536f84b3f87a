"""Values made from schemas: always the same, always valid, for what no example says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import jsonschema_rs

from treaty import json_schema
from treaty.resolve.model import (
    Constraints,
    EntityRef,
    Field,
    FieldType,
    Inline,
    ListOf,
    MapOf,
    Model,
    Scalar,
    TypeRef,
)
from treaty.rules.fit import Fit

_FIXED: Mapping[str, Any] = {
    "boolean": True,
    "datetime": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "duration": "PT1H",
    "url": "https://example.com/",
    "email": "ann@example.com",
    "json": {},
}
# Tried in turn where a text has a pattern, after all texts in examples.
_TEXTS = (
    "a",
    "A",
    "1",
    "aa",
    "AA",
    "abc",
    "ABC",
    "123",
    "a1",
    "A1",
    "1234",
    "12345678",
    "ABC-123",
    "abc-123",
    "2026-01",
)


class NoSample(Exception):
    """No value could be made; the message says of what."""


class Samples:
    """Makes outputs of the operations of one model."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._texts = (*dict.fromkeys(_texts_in(model)), *_TEXTS)

    def output(self, fields: Iterable[Field], known: Mapping[str, Any]) -> dict[str, Any]:
        """An object of `fields`; what is `known` under the same name and fits is told again. Raises `NoSample`."""
        made: dict[str, Any] = {}
        for field in fields:
            if field.name in known and not self._misfits(field, known[field.name]):
                made[field.name] = known[field.name]
            else:
                self._add(made, field, ())
        return made

    def _misfits(self, field: Field, value: Any) -> bool:
        return bool(Fit(self._model, (field,)).misfits({field.name: value}))

    def _add(self, made: dict[str, Any], field: Field, inside: tuple[str, ...]) -> None:
        if field.has_default:
            made[field.name] = field.default
            return
        try:
            made[field.name] = self._value(field.type, field.constraints, field.name, inside)
        except NoSample:
            if not field.optional:
                raise

    def _value(self, type_: FieldType, said: Constraints, name: str, inside: tuple[str, ...]) -> Any:
        match type_:
            case Scalar(name=scalar):
                return self._scalar(scalar, said, name)
            case ListOf(item=item):
                return self._list(item, said, name, inside)
            case MapOf(value=value):
                return {"key": self._value(value, said, name, inside)}
            case Inline(fields=fields):
                return self._object(fields, inside)
            case TypeRef(key=key):
                return self._shared(key, inside)
            case EntityRef():
                return _uuid(name)

    def _shared(self, key: str, inside: tuple[str, ...]) -> Any:
        type_ = self._model.types[key]
        if type_.values:
            return type_.values[0].value
        if key in inside:
            raise NoSample(f"`{key}` holds itself")
        return self._object(type_.fields, (*inside, key))

    def _object(self, fields: Iterable[Field], inside: tuple[str, ...]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for field in fields:
            self._add(made, field, inside)
        return made

    def _list(self, item: FieldType, said: Constraints, name: str, inside: tuple[str, ...]) -> list[Any]:
        count = max(1, said.min_items or 0)
        if said.max_items is not None:
            count = min(count, said.max_items)
        try:
            return [self._value(item, said, name, inside) for _ in range(count)]
        except NoSample:
            if said.min_items:
                raise
            return []

    def _scalar(self, scalar: str, said: Constraints, name: str) -> Any:
        match scalar:
            case "string":
                return self._text(said, name)
            case "uuid":
                return _uuid(name)
            case "integer":
                return int(_number(said, name))
            case "number":
                return float(_number(said, name, whole=False))
            case "decimal":
                return format(_number(said, name, whole=False), "f")
            case "url" | "email":
                return self._fitting(scalar, said, name, (_FIXED[scalar],))
            case _:
                return _FIXED[scalar]

    def _text(self, said: Constraints, name: str) -> str:
        if said.enum:
            return said.enum[0]
        plain = name * (-(-(said.min_length or 1) // len(name)))
        return self._fitting("string", said, name, (plain[: said.max_length],))

    def _fitting(self, scalar: str, said: Constraints, name: str, first: tuple[str, ...]) -> str:
        """The first text that fits."""
        schema = json_schema.type_schema(Scalar(scalar), said)  # type: ignore[arg-type]  # one of the names in `_scalar`
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        for text in (*first, *self._texts):
            if validator.is_valid(text):
                return text
        raise NoSample(f"`{name}` has a pattern that no example shows a text for")


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"urn:treaty:mock:{name}"))


def _number(said: Constraints, name: str, *, whole: bool = True) -> Decimal:
    """The number nearest to 1 that the bounds allow."""
    step = Decimal(said.multiple_of or 1)
    lowest, highest = _bound(said.minimum), _bound(said.maximum)
    above, below = _bound(said.exclusive_minimum), _bound(said.exclusive_maximum)
    candidates = [step, *(edge for edge in (lowest, highest) if edge is not None)]
    for edge, away in ((above, 1), (below, -1)):
        if edge is not None:
            candidates += [edge + away * size for size in (step, *(() if whole else (Decimal("0.1"), Decimal("1e-9"))))]
    if whole:
        candidates = [-(-number // step) * step for number in candidates] + [
            number // step * step for number in candidates
        ]
    for number in candidates:
        if (
            (lowest is None or number >= lowest)
            and (highest is None or number <= highest)
            and (above is None or number > above)
            and (below is None or number < below)
        ):
            return number
    raise NoSample(f"`{name}` has bounds with nothing between them that could be found")


def _bound(said: int | float | str | None) -> Decimal | None:
    return None if said is None else Decimal(str(said))


def _texts_in(model: Model) -> Iterator[str]:
    """Every text in an example."""
    for operation in model.operations.values():
        for example in operation.examples:
            yield from _leaves(example.output)
            yield from _leaves(example.input)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
