"""The three steps that every contract's examples are made of: a request as written, and its answer."""

from __future__ import annotations

import json
from typing import Any

import behave  # type: ignore[import-untyped]

from treaty_runtime.acceptance.comparison import whole_differs
from treaty_runtime.acceptance.decorators import then, when
from treaty_runtime.acceptance.failures import Mistake
from treaty_runtime.acceptance.formats import Formats
from treaty_runtime.acceptance.world import World


def _operation_key(text: str) -> str:
    return text


_operation_key.pattern = r"[A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z][A-Za-z0-9-]*)+(?:@[0-9]+)?"  # type: ignore[attr-defined]
behave.register_type(OperationKey=_operation_key)  # what `parse` calls a pattern is an attribute of the function


@when("{operation:OperationKey} is sent")
async def is_sent(world: World, operation: str) -> None:
    """Send the JSON below the step to an operation, as it is."""
    await world.call(operation, _document(world))


@then("it answers")
async def it_answers(world: World) -> None:
    """The answer is exactly the JSON below the step; a uuid, datetime or url only has to be one."""
    exchange, promised = world.exchange, _document(world)
    if not exchange.succeeded:
        world.broke([f"promised an answer, but {exchange.refusal}"])
    world.broke(list(whole_differs(promised, exchange.body, Formats.of(exchange.output))))


@then("it is refused with {code:w}")
async def it_is_refused(world: World, code: str) -> None:
    """The request was refused with this code."""
    await world.expect(error=code)


def _document(world: World) -> dict[str, Any]:
    try:
        document = json.loads(world.text or "")
    except ValueError as error:
        raise Mistake(f"the step needs a JSON object below it, between lines of three quotes: {error}") from None
    if not isinstance(document, dict):
        raise Mistake("the step needs a JSON object below it, with braces around it")
    return document
