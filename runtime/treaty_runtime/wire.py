"""What an implementation made becomes bytes, and the bytes are held against the contract before anything is committed.

Models check their values when they are built, but not when they are changed or made with `model_construct`, so the
wire form is validated again, exactly as a client would.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json

from treaty_runtime.json_text import unstorable
from treaty_runtime.models import Shape
from treaty_runtime.validation_messages import field_errors

__all__ = ["ContractBroken", "wire", "wire_all"]


class ContractBroken(Exception):
    """An implementation did what its contract does not allow. The message names the contract and says what."""


def wire(key: str, value: Shape) -> bytes:
    """The JSON of a shape, without fields that have no value. Raises `ContractBroken` when it breaks its own schema."""
    return wire_all(key, [value])[0]


def wire_all(key: str, values: Sequence[Shape]) -> list[bytes]:
    """The JSON of each of many shapes, which are held against their schemas at once."""
    texts = [_written(key, value) for value in values]
    for model in {type(value) for value in values}:
        of_model = [text for value, text in zip(values, texts, strict=True) if type(value) is model]
        _check(key, model, b"[%b]" % b",".join(of_model))
    return texts


def _written(key: str, value: Shape) -> bytes:
    try:
        return value.__pydantic_serializer__.to_json(value, by_alias=True, exclude_none=True, warnings=False)
    except (PydanticSerializationError, UnicodeError):
        raise ContractBroken(f"{key} made a {type(value).__name__} with a value that JSON cannot hold.") from None


def _check(key: str, model: type[Shape], text: bytes) -> None:
    """Read a list of what was written, as a client would."""
    wrong = []
    try:
        _many(model).validate_json(text, by_alias=True, by_name=False)
    except ValidationError as error:
        wrong = field_errors(error)
    if b"\\u0000" in text:
        wrong += unstorable(from_json(text))
    if wrong:
        complaints = "; ".join(f"{each.field.partition('.')[2] or 'the whole'} {each.message}" for each in wrong)
        raise ContractBroken(f"{key} made a {model.__name__} that breaks its schema: {complaints}.")


@cache
def _many(model: type[Shape]) -> TypeAdapter[list[Any]]:
    return TypeAdapter(list[model])  # type: ignore[valid-type]  # the type is a value here
