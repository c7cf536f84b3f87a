"""What happens to every request, in the order in which the contract language says it does."""

from __future__ import annotations

from typing import Any, TypeVar

from litestar import Request, Response

from treaty_runtime.aftermath import record_setback
from treaty_runtime.audit import audit_answer
from treaty_runtime.authentication import authenticate, read_credentials
from treaty_runtime.calls import Call
from treaty_runtime.carrying_out import carry_out
from treaty_runtime.decoding import decode
from treaty_runtime.failed_attempts import refuse_after_failed_attempts
from treaty_runtime.idempotency import keep_answer, stored_answer
from treaty_runtime.models import Input, Shape
from treaty_runtime.operations import Implementation, Operation
from treaty_runtime.rate_limit import consume_rate_limit
from treaty_runtime.tenancy import enter_tenant, require_role, require_scope

__all__ = ["serve"]

InputT = TypeVar("InputT", bound=Input)
OutputT = TypeVar("OutputT", bound=Shape)


async def serve(
    operation: Operation[InputT, OutputT],
    implementation: Implementation[InputT, OutputT],
    request: Request[Any, Any, Any],
) -> Response[bytes]:
    """Answer one request to `operation` with `implementation`, and enforce every word of its policy.

    Who may call is decided in a transaction of the system role. What the call does, tells and answers is one
    transaction of its tenant. A refusal or a failure rolls that one back, and leaves its traces in another.
    """
    call = Call.of(request, operation)
    database = call.service.database
    try:
        presented = await read_credentials(call)
        async with database.system() as system:
            if operation.auth != "anonymous":
                await refuse_after_failed_attempts(system, call)
                identity = await authenticate(system, call, presented)
                enter_tenant(call, identity)
                require_scope(call, identity)
                require_role(call)
            await consume_rate_limit(system, call)

        payload = call.payload = await decode(operation, request, max_body=call.service.settings.max_body_bytes)

        async with database.transaction(tenant=call.tenant_id, now=call.now) as session:
            answer = await stored_answer(session, call, payload)
            if answer is None:
                answer = await carry_out(call, implementation, payload, session)
                await keep_answer(session, call, payload, answer)
            await audit_answer(session, call, answer)
    except Exception as error:
        await record_setback(call, error)
        raise
    return answer.response()
