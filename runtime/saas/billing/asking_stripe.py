"""Asking Stripe while a caller waits: in time, once for each key, and with its refusals as those of the contract."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
import stripe
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from stripe import RequestOptions, StripeClient

from saas.billing import organization
from saas.billing.stripe_client import stripe_client
from treaty_runtime.operations import Operation
from treaty_runtime.refusals import IdempotencyConflict, Refusal
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["Asking", "asking"]

EACH = 4.0  # seconds that Stripe has for one answer
WHOLE = 10.0  # seconds for all that an operation asks: its transaction is open meanwhile, and holds a connection

log: structlog.stdlib.BoundLogger = structlog.get_logger("saas.billing.stripe")

_under_way: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Asking:
    """Stripe, as one operation asks it for one request."""

    client: StripeClient
    operation: Operation[Any, Any]
    tenant: str
    key: str | None

    def once(self, step: str) -> RequestOptions:
        """Have Stripe do this step once, however often the request comes: the key follows from the request's own."""
        said = f"{self.operation.identity}/{self.tenant}/{self.key}/{step}"
        return {"idempotency_key": hashlib.sha256(said.encode()).hexdigest()}

    def refusal(self, code: str, detail: str | None = None) -> Refusal:
        """The operation's declared error of this code."""
        return _declared(self.operation, code, detail)


@asynccontextmanager
async def asking(
    uow: UnitOfWork, operation: Operation[Any, Any], key: str | None = None, *, alone: bool = False
) -> AsyncIterator[Asking]:
    """Ask Stripe for a request to `operation` that came with `key`.

    `alone` waits until nobody else changes the organization's things at Stripe, and keeps others waiting: whoever reads
    there, and writes by what was read, would undo what another one does meanwhile.

    What Stripe refuses, and that it does not answer, is raised as an error that the operation declares: `stripe_failed`
    unless it has a better one. Nothing but Stripe is to be waited for inside: what takes too long is broken off.
    """
    loop = asyncio.get_running_loop()
    under_way = _under_way.get(loop, 0)
    if under_way >= max(1, uow.settings.database_pool_size // 2):
        # When Stripe is slow, what has nothing to do with it still finds a connection of the database.
        raise _declared(operation, "stripe_failed", "Too many requests wait for Stripe already. Ask again later.")
    _under_way[loop] = under_way + 1
    try:
        if alone:
            await _alone(uow, operation)
        async with asyncio.timeout(WHOLE):
            client = await stripe_client(uow.settings, patience=EACH)
            yield Asking(client, operation, str(uow.tenant), key)
    except TimeoutError as error:
        raise _unanswered(operation) from error
    except stripe.StripeError as error:
        _tell(uow, operation, error)
        raise _translated(operation, error) from error
    finally:
        _under_way[loop] -= 1


async def _alone(uow: UnitOfWork, operation: Operation[Any, Any]) -> None:
    """Wait for whoever else asks Stripe for the organization, as long as such a one may take, and no longer."""
    connection = await uow.session.connection()
    patience = {"patience": f"{round(WHOLE * 1000)}ms"}
    await connection.execute(text("SELECT set_config('lock_timeout', :patience, true)"), patience)
    try:
        await organization.serialize(uow)
    except DBAPIError as error:
        if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
            raise
        busy = "Another request of the organization waits for Stripe. Ask again later."
        raise _declared(operation, "stripe_failed", busy) from error


def _translated(operation: Operation[Any, Any], error: stripe.StripeError) -> Refusal:
    match error:
        case stripe.CardError() if _declares(operation, "card_declined"):
            return _declared(operation, "card_declined", error.user_message)
        case stripe.IdempotencyError() if error.http_status != 409:
            return IdempotencyConflict()
        case stripe.RateLimitError():
            return _declared(operation, "stripe_failed", "Stripe takes no more requests now. Ask again later.")
        case stripe.APIConnectionError() | stripe.IdempotencyError():
            return _unanswered(operation)
        case _:
            return _declared(operation, "stripe_failed", None)


def _unanswered(operation: Operation[Any, Any]) -> Refusal:
    return _declared(
        operation, "stripe_failed", "Stripe did not answer in time. Ask again with the same key: nothing is done twice."
    )


def _tell(uow: UnitOfWork, operation: Operation[Any, Any], error: stripe.StripeError) -> None:
    """For the log: which refusal it was, and where Stripe's own log has it. Messages may quote what was sent."""
    log.warning(
        "stripe_refused",
        request_id=uow.request_id,
        operation=operation.identity,
        error=type(error).__name__,
        status=error.http_status,
        code=error.code,
        stripe_request_id=error.request_id,
    )


def _declares(operation: Operation[Any, Any], code: str) -> bool:
    return any(refusal.code == code for refusal in operation.errors)


def _declared(operation: Operation[Any, Any], code: str, detail: str | None) -> Refusal:
    return next(refusal for refusal in operation.errors if refusal.code == code)(detail)
