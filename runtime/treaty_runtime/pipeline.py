"""What happens to every request, in the order in which the contract language says it does.

Each step takes many calls: a request is served alone, and requests to an operation that says `batch: true` are served
together with those that come at the same time. What is decided of one call never depends on the others with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, TypeVar

from litestar import Request, Response

from treaty_runtime.aftermath import record_setback
from treaty_runtime.audit import audit_answers
from treaty_runtime.authentication import authenticate, read_credentials
from treaty_runtime.caching import fit_to_callers
from treaty_runtime.calls import Call, latest, standing
from treaty_runtime.carrying_out import Invoke, carry_out, one_by_one, together
from treaty_runtime.database import ending
from treaty_runtime.decoding import decode
from treaty_runtime.entitlements import entitlement_question
from treaty_runtime.flags import require_flag
from treaty_runtime.grouping import Join, alone
from treaty_runtime.idempotency import keep_answers, replay_answers
from treaty_runtime.jobs.orders import enqueue
from treaty_runtime.models import Input, Shape
from treaty_runtime.operations import BatchImplementation, Implementation, Operation
from treaty_runtime.outbox import put_into_outbox
from treaty_runtime.pages import page_of
from treaty_runtime.rate_limit import consume_rate_limit
from treaty_runtime.tenancy import enter_tenant, require_role, require_scope

__all__ = ["enter", "serve", "serve_batch"]

InputT = TypeVar("InputT", bound=Input)
OutputT = TypeVar("OutputT", bound=Shape)


async def serve(
    operation: Operation[InputT, OutputT],
    implementation: Implementation[InputT, OutputT],
    request: Request[Any, Any, Any],
) -> Response[bytes]:
    """Answer one request to `operation` with `implementation`, and enforce every word of its policy."""
    return await _serve(Call.of(request, operation), one_by_one(implementation), alone)


async def serve_batch(
    operation: Operation[InputT, OutputT],
    implementation: BatchImplementation[InputT, OutputT],
    request: Request[Any, Any, Any],
) -> Response[bytes]:
    """The same, together with the other requests to `operation` of the same tenant that come meanwhile."""
    call = Call.of(request, operation)
    return await _serve(call, together(implementation), call.service.groups.join)


async def _serve(call: Call, invoke: Invoke, join: Join) -> Response[bytes]:
    """Who may call is looked up by the system role. What calls do, tell and answer is one transaction of their tenant,
    whose end travels together. A refusal or a failure rolls it back, and leaves its traces in another.
    """
    try:
        await enter(call, join)
        await join((call.operation.identity, call.tenant_id), call, partial(fulfil, invoke))
    except Exception as error:
        await record_setback(call, error)
        raise
    return call.final_answer().response()


async def enter(call: Call, join: Join) -> None:
    """Let the caller in, if it may come in, and read what it asks for."""
    operation = call.operation
    call.presented = await read_credentials(call)
    await join(operation.identity, call, admit)
    call.payload = await decode(operation, call.request, max_body=call.service.settings.max_body_bytes)
    call.page = page_of(call)


async def admit(calls: Sequence[Call]) -> None:
    """Decide who calls, for which tenant, whether that is there and allowed, and whether it is too often."""
    first = calls[0]
    async with first.service.database.lookups() as system:
        if first.operation.auth != "anonymous":
            for call, identity in await authenticate(system, calls):
                with call.own_setback():
                    enter_tenant(call, identity)
        for call in standing(calls):
            with call.own_setback():
                await require_flag(system, call)
                require_scope(call)
                require_role(call)
                await consume_rate_limit(system, call)


async def fulfil(invoke: Invoke, calls: Sequence[Call]) -> None:
    """Do what calls of one tenant ask for, unless it has been done or is not paid for, and keep what was answered."""
    first = calls[0]
    async with first.service.database.transaction(
        tenant=first.tenant_id, now=latest(calls), question=entitlement_question(first)
    ) as session:
        await replay_answers(session, calls)
        await carry_out(session, invoke, calls)
        async with ending(session):
            await put_into_outbox(session, [(call, *event) for call in calls for event in call.events])
            await enqueue(session, [order for call in calls for order in call.orders])
            await keep_answers(session, calls)
            fit_to_callers(calls)
            await audit_answers(session, calls)
