"""Every refusal and every failure as an RFC 9457 problem document: the one place where exceptions become HTTP."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import psycopg
import sqlalchemy.exc
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap
from sqlalchemy.orm.exc import StaleDataError

from treaty_runtime.logging import failure
from treaty_runtime.observation import Observation
from treaty_runtime.refusals import (
    EntitlementRequired,
    Internal,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotFound,
    Refusal,
    Stale,
    Unavailable,
)
from treaty_runtime.sensitive import blackened

__all__ = ["EXCEPTION_HANDLERS", "document", "refusal_of"]

MEDIA_TYPE = "application/problem+json"
# Classes of SQLSTATE that pass: connections, resources, deadlocks, locks, shutdowns and time-outs.
PASSING = ("08", "40", "53", "55", "57", "58")

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.requests")


def refusal_of(error: Exception) -> Refusal:
    """What the caller is told of an exception, whatever it is."""
    match error:
        case Refusal():
            return error
        case HTTPException(status_code=404):
            return NotFound()
        case HTTPException(status_code=405):
            return MethodNotAllowed(headers=_allow(error))
        case HTTPException(status_code=status) if status < 500:
            return Malformed()
        case StaleDataError():
            return Stale()
        case sqlalchemy.exc.TimeoutError():  # no connection became free
            return Unavailable()
        case sqlalchemy.exc.PendingRollbackError(code="8s2b"):  # the connection was lost in a question before this one
            return Unavailable()
        case sqlalchemy.exc.DBAPIError(orig=psycopg.Error() as cause) | (psycopg.Error() as cause):
            return Unavailable() if _passes(cause) else Internal()
        case _:
            return Internal()


def document(refusal: Refusal, request_id: str, secrets: Collection[str] = ()) -> dict[str, Any]:
    """The problem document of a refusal. An implementation's detail shows none of `secrets`."""
    problem: dict[str, Any] = {
        "type": f"urn:treaty:problem:{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "detail": blackened(refusal.detail, secrets),
        "code": refusal.code,
        "requestId": request_id,
    }
    if isinstance(refusal, Invalid):
        problem["errors"] = [{"field": error.field, "message": error.message} for error in refusal.errors]
    if isinstance(refusal, EntitlementRequired) and refusal.upgrade_url:
        problem["upgradeUrl"] = refusal.upgrade_url
    return problem


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The answer to a request that ended in an exception. What the caller is not told goes to the log."""
    observation = Observation.of(request.scope)
    refusal, secrets = refusal_of(error), list(observation.secrets())
    observation.code = refusal.code
    if isinstance(refusal, Internal | Unavailable):
        known = {"request_id": observation.request_id, **observation.facts()}
        log.error("request_failed", **known, **failure(error, secrets))
    return Response(
        json.dumps(document(refusal, observation.request_id, secrets)).encode(),
        status_code=refusal.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **refusal.headers},
    )


EXCEPTION_HANDLERS: ExceptionHandlersMap = {Exception: answer, HTTPException: answer}


def _passes(error: psycopg.Error) -> bool:
    """Whether the database is at fault and trying again may help; without a SQLSTATE, it was not reached."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(PASSING)


def _allow(error: HTTPException) -> dict[str, str]:
    """The header `Allow`, which the framework computes and its own problem documents lose."""
    methods = next((value for name, value in (error.headers or {}).items() if name.lower() == "allow"), "")
    return {"Allow": ", ".join(sorted(method.strip() for method in methods.split(",")))}
