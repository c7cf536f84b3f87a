"""What an implementation made is held against the contract before anything is committed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Protocol

from treaty_runtime.answers import Answer
from treaty_runtime.models import Event, Shape
from treaty_runtime.operations import Operation
from treaty_runtime.unit_of_work import Telling
from treaty_runtime.wire import ContractBroken, wire, wire_all

__all__ = ["check_output", "encode", "encode_events"]


class Promising(Protocol):
    """What a contract promises of whatever implements it: an operation's descriptor, or a job's."""

    @property
    def identity(self) -> str:
        """What tells it from every other contract."""

    @property
    def output(self) -> type[Shape]:
        """What the implementation returns."""

    @property
    def emits(self) -> tuple[type[Event], ...]:
        """The only events that it may emit."""


def encode(operation: Operation[Any, Any], output: Shape, telling: Telling) -> Answer:
    """The answer to a call that went well. Raises `ContractBroken` when the output is not what was promised."""
    body = check_output(operation, output)
    if operation.status == HTTPStatus.NO_CONTENT:
        return Answer(operation.status, b"")
    return Answer(HTTPStatus.OK if telling.repeated else operation.status, body)


def check_output(promising: Promising, output: Shape) -> bytes:
    """The output as JSON. Raises `ContractBroken` when it is not what was promised."""
    if type(output) is not promising.output:
        raise ContractBroken(
            f"{promising.identity} promises {promising.output.__name__}, and its implementation returned "
            f"{type(output).__name__}."
        )
    return wire(promising.identity, output)


def encode_events(promising: Promising, events: list[Event]) -> list[tuple[Event, bytes]]:
    """The events that were emitted with their payloads. Raises `ContractBroken` for one that was not promised."""
    for event in events:
        if type(event) not in promising.emits:
            raise ContractBroken(
                f"{promising.identity} emitted {type(event).__name__}, which its contract does not name under `emits`."
            )
    return list(zip(events, wire_all(promising.identity, events), strict=True))
