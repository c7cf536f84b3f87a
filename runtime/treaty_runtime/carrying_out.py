"""The implementation's turn: it is called for who is entitled to it, and what it made is held against its contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.calls import Call, latest
from treaty_runtime.encoding import encode, encode_events
from treaty_runtime.entitlements import require_entitlement
from treaty_runtime.models import Input, Shape
from treaty_runtime.operations import BatchImplementation, Implementation, Operation
from treaty_runtime.pages import end_page
from treaty_runtime.refusals import Forbidden, IdempotencyConflict, NotFound, Refusal, Stale
from treaty_runtime.unit_of_work import Telling, Transaction
from treaty_runtime.wire import ContractBroken

__all__ = ["Invoke", "carry_out", "one_by_one", "together"]

InputT = TypeVar("InputT", bound=Input)
OutputT = TypeVar("OutputT", bound=Shape)

Invoke = Callable[[AsyncSession, Sequence[Call]], Awaitable[Sequence[tuple[Telling, Shape | Refusal]]]]
"""Calls an implementation for calls of one tenant: what each of them tells, and what becomes of it, in their order."""

# The pipeline's own that an implementation may refuse with too: only it knows whether a row is there for the caller.
UNDECLARED = (NotFound, Forbidden, Stale)


def one_by_one(implementation: Implementation[InputT, OutputT]) -> Invoke:
    """How an implementation is called that is handed one request at a time."""

    async def invoke(session: AsyncSession, calls: Sequence[Call]) -> list[tuple[Telling, Shape | Refusal]]:
        results: list[tuple[Telling, Shape | Refusal]] = []
        for call in calls:
            uow = call.unit_of_work(session)
            output = await implementation(uow, call.payload, *([] if call.page is None else [call.page]))
            end_page(call, output)
            results.append((uow, output))
        return results

    return invoke


def together(implementation: BatchImplementation[InputT, OutputT]) -> Invoke:
    """How an implementation is called that is handed all of them."""

    async def invoke(session: AsyncSession, calls: Sequence[Call]) -> list[tuple[Telling, Shape | Refusal]]:
        items = [call.item() for call in calls]
        transaction = Transaction(session=session, tenant_id=calls[0].tenant_id, now=latest(calls))
        results = await implementation(transaction, items)
        if len(results) != len(items):
            raise ContractBroken(
                f"{calls[0].operation.identity} was given {len(items)} items, and its implementation returned "
                f"{len(results)} results."
            )
        return list(zip(items, results, strict=True))

    return invoke


async def carry_out(session: AsyncSession, invoke: Invoke, calls: Sequence[Call]) -> None:
    """Give every call that has no answer yet the implementation's; its events and jobs are the call's, to be told.

    What is paid for is refused where the tenant is not entitled to it. Whoever calls this has asked the
    `entitlement_question` when the transaction began.

    Raises `ContractBroken` for an output, an event or a refusal that the contract does not promise. A refusal of a call
    that is alone is raised: then nothing of it stays. Among others, an item that is refused has changed nothing.
    """
    require_entitlement(session, [call for call in calls if call.is_open])
    calls = [call for call in calls if call.is_open]
    if not calls:
        return
    for call, (telling, result) in zip(calls, await _invoke(session, invoke, calls), strict=True):
        if isinstance(result, Refusal):
            call.setback = _promised(call.operation, result)
        else:
            call.answer = encode(call.operation, result, telling)
            call.events, call.orders = encode_events(call.operation, telling.events), telling.orders
    if len(calls) == 1 and calls[0].setback:
        raise calls[0].setback


async def _invoke(
    session: AsyncSession, invoke: Invoke, calls: Sequence[Call]
) -> Sequence[tuple[Telling, Shape | Refusal]]:
    try:
        return await invoke(session, calls)
    except Refusal as refusal:
        raise _promised(calls[0].operation, refusal) from refusal.__cause__


def _promised(operation: Operation[Any, Any], refusal: Refusal) -> Refusal:
    """The refusal. Raises `ContractBroken` for one that the contract does not name."""
    # Once the kept answer is gone, a unique key in the data tells which requests are the same.
    repeatable = (IdempotencyConflict,) if operation.idempotency else ()
    if type(refusal) in (*operation.errors, *UNDECLARED, *repeatable):
        return refusal
    raise ContractBroken(
        f"{operation.identity} refused with {type(refusal).__name__} ({refusal.code}), "
        "which its contract does not name under `errors`."
    ) from refusal
