"""What an implementation made becomes bytes, and the bytes are held against the contract before anything is committed.

Models check their values when they are built, but not when they are changed or made with `model_construct`, so the
wire form is validated again, exactly as a client would.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from treaty_runtime.answers import Answer
from treaty_runtime.models import Event, Shape
from treaty_runtime.operations import Operation
from treaty_runtime.unit_of_work import Telling
from treaty_runtime.validation_messages import field_errors

__all__ = ["ContractBroken", "encode", "encode_events", "wire"]


class ContractBroken(Exception):
    """An implementation did what its contract does not allow. The message names the contract and says what."""


def encode(operation: Operation[Any, Any], output: Shape, telling: Telling) -> Answer:
    """The answer to a call that went well. Raises `ContractBroken` when the output is not what was promised."""
    if type(output) is not operation.output:
        raise ContractBroken(
            f"{operation.identity} promises {operation.output.__name__}, and its implementation returned "
            f"{type(output).__name__}."
        )
    body = wire(operation.identity, output)
    if operation.status == HTTPStatus.NO_CONTENT:
        return Answer(operation.status, b"")
    return Answer(HTTPStatus.OK if telling.repeated else operation.status, body)


def encode_events(operation: Operation[Any, Any], events: list[Event]) -> list[tuple[Event, bytes]]:
    """The events that were emitted with their payloads. Raises `ContractBroken` for one that was not promised."""
    for event in events:
        if type(event) not in operation.emits:
            raise ContractBroken(
                f"{operation.identity} emitted {type(event).__name__}, which its contract does not name under `emits`."
            )
    return [(event, wire(operation.identity, event)) for event in events]


def wire(key: str, value: Shape) -> bytes:
    """The JSON of a shape, without fields that have no value. Raises `ContractBroken` when it breaks its own schema."""
    model = type(value)
    try:
        text = value.model_dump_json(by_alias=True, exclude_none=True, warnings=False)
        model.model_validate_json(text, by_alias=True, by_name=False)
    except ValidationError as error:
        wrong = "; ".join(f"{each.field or 'the whole'} {each.message}" for each in field_errors(error))
        raise ContractBroken(f"{key} made a {model.__name__} that breaks its schema: {wrong}.") from None
    except (PydanticSerializationError, UnicodeError):
        raise ContractBroken(f"{key} made a {model.__name__} with a value that JSON cannot hold.") from None
    return text.encode()
