"""What is left of a call that was refused or failed: its own transaction is gone, so these are another one's rows."""

from __future__ import annotations

import structlog

from treaty_runtime.audit import audit_refusal
from treaty_runtime.calls import Call
from treaty_runtime.failed_attempts import record_failed_attempt
from treaty_runtime.logging import failure
from treaty_runtime.problems import refusal_of
from treaty_runtime.refusals import Unauthenticated

__all__ = ["record_setback"]

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.requests")


async def record_setback(call: Call, error: Exception) -> None:
    """Count a guessed credential, audit the refusal. When that fails too, the caller still hears of `error`."""
    refusal = refusal_of(error)
    guessed = isinstance(refusal, Unauthenticated) and refusal.guessed
    if not guessed and not call.operation.audit:
        return
    try:
        async with call.service.database.system() as system:
            if guessed:
                await record_failed_attempt(system, call)
            await audit_refusal(system, call, refusal)
    except Exception as second:
        log.error("setback_not_recorded", request_id=call.request_id, **failure(second))  # noqa: TRY400 - it is all there
