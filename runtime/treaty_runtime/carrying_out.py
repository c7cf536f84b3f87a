"""The implementation's turn: it is called, and what it made is held against its contract before the commit."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.answers import Answer
from treaty_runtime.calls import Call
from treaty_runtime.encoding import encode, encode_events
from treaty_runtime.models import Input, Shape
from treaty_runtime.operations import Implementation, Operation
from treaty_runtime.pages import Page, end_page, page_of
from treaty_runtime.refusals import Forbidden, IdempotencyConflict, NotFound, Refusal, Stale
from treaty_runtime.unit_of_work import UnitOfWork
from treaty_runtime.wire import ContractBroken

__all__ = ["carry_out"]

InputT = TypeVar("InputT", bound=Input)
OutputT = TypeVar("OutputT", bound=Shape)

# The pipeline's own that an implementation may raise too: only it knows whether a row is there for the caller.
UNDECLARED = (NotFound, Forbidden, Stale)


async def carry_out(
    call: Call, implementation: Implementation[InputT, OutputT], payload: InputT, session: AsyncSession
) -> Answer:
    """The answer of the implementation; its events and the jobs that it enqueued are the call's, to be told.

    Raises `ContractBroken` for an output, an event or a refusal that the contract does not promise.
    """
    uow = call.unit_of_work(session)
    page = page_of(call, payload)
    output = await _call(call, implementation, uow, payload, *([page] if page else []))
    if page:
        end_page(call, page, payload, output)
    answer = encode(call.operation, output, uow)
    call.events, call.orders = encode_events(call.operation, uow.events), uow.orders
    return answer


async def _call(
    call: Call, implementation: Implementation[InputT, OutputT], uow: UnitOfWork, payload: InputT, *page: Page[Any]
) -> OutputT:
    try:
        return await implementation(uow, payload, *page)
    except Refusal as refusal:
        if _may_refuse_with(call.operation, type(refusal)):
            raise
        raise ContractBroken(
            f"{call.operation.identity} refused with {type(refusal).__name__} ({refusal.code}), "
            "which its contract does not name under `errors`."
        ) from refusal


def _may_refuse_with(operation: Operation[Any, Any], refusal: type[Refusal]) -> bool:
    # Once the kept answer is gone, a unique key in the data tells which requests are the same.
    repeatable = (IdempotencyConflict,) if operation.idempotency else ()
    return refusal in (*operation.errors, *UNDECLARED, *repeatable)
