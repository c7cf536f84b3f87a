"""The simulator as an ASGI application: who calls, what for, once only, in one transaction, and how it is answered."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from stripe_simulator import idempotency
from stripe_simulator.answers import Html, Redirect
from stripe_simulator.catalogue import ENDPOINTS
from stripe_simulator.clock import Clock
from stripe_simulator.context import Context
from stripe_simulator.due import run_due
from stripe_simulator.errors import Broken, StripeError, Unauthenticated
from stripe_simulator.faults import AnswerFault, fault_for, suffer
from stripe_simulator.meter_errors import report_errors
from stripe_simulator.objects import answer_of
from stripe_simulator.parameters import Parameters, validated
from stripe_simulator.routing import Endpoint, Router
from stripe_simulator.sender import Sender
from stripe_simulator.storage import Store
from stripe_simulator.transport import Answer, Receive, Request, Scope, Send, hang_up, read, reply

__all__ = ["Application"]

URL = ":/?#[]@!$&'()*+,;=%~"  # what addresses have beside letters and digits
log = logging.getLogger("stripe_simulator")

TICK = 0.25  # seconds between two looks at what is due


class Application:
    """Answers requests one after the other, each in a transaction; delivers webhooks and does what is due besides."""

    def __init__(self, store: Store, address: str) -> None:
        self.store = store
        self.address = address
        self.clock = Clock(store)
        self.sender = Sender(store)
        self.router = Router(ENDPOINTS)
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        request = await read(scope, receive)
        answer = await self.answer(request)
        if answer is None:
            await hang_up(receive)
        else:
            await reply(send, answer, request.id)

    def start(self) -> None:
        """Begin with what happens by itself."""
        self._tasks = [asyncio.create_task(self.sender.run()), asyncio.create_task(self._tick())]

    async def stop(self) -> None:
        """End it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                self.catch_up()
            except Exception:  # the next tick tries again
                log.exception("What is due at %s failed", self.clock.now())

    def catch_up(self) -> None:
        """Do what is due by now, and tell of the meter events that were not taken."""
        run_due(self.store, self.address, self.clock.now())
        context = Context(self.store, self.clock.now(), self.address)
        with self.store.transaction():
            report_errors(context)
            idempotency.forget(context)
        self.sender.wake()

    async def answer(self, request: Request) -> Answer | None:
        """The answer to a request, or nothing where a fault swallows it."""
        fault: AnswerFault | None = None
        try:
            endpoint, values = self.router.find(request.method, request.path)
            if endpoint.access == "key":
                _authenticate(request.bearer)
            if endpoint.access in ("key", "token"):
                fault = fault_for(self.store, request.method, request.path)
            if fault is not None:
                await suffer(fault)
            before = self.clock.now()
            answer = self._once(request, endpoint, values)
            if endpoint.access == "control" and self.clock.now() != before:
                self.catch_up()  # whoever moved the clock finds everything done
            self.sender.wake()
        except StripeError as error:
            return _refused(error, fault)
        except OverflowError:
            return _refused(StripeError("Invalid integer: it has more than 64 bits."), None)
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return _refused(Broken("The simulator has a bug; its output says where."), None)
        return None if fault is not None and fault.answer == "lost" else answer

    def _once(self, request: Request, endpoint: Endpoint, values: list[str]) -> Answer:
        """Do what is asked for, or answer as before when the key says that it was done."""
        repeatable = endpoint.access == "key" and request.method == "POST"
        key = request.headers.get("idempotency-key") if repeatable else None
        context = Context(self.store, self.clock.now(), self.address, request.id, key, request.bearer)
        with self.store.transaction():
            request_print = idempotency.fingerprint(request.method, request.path, request.body)
            before = idempotency.replayed(context, key, request_print) if key else None
            if before is not None:
                return Answer(before[0], before[1], {"Idempotent-Replayed": "true", "Idempotency-Key": str(key)})
            try:
                answer = self._carry_out(context, request, endpoint, values)
            except StripeError as error:
                if not error.keeps:
                    raise
                answer = _refused(error, None)
            if key:
                idempotency.keep(context, key, request_print, answer.status, answer.body)
        return answer

    def _carry_out(self, context: Context, request: Request, endpoint: Endpoint, values: list[str]) -> Answer:
        parameters = validated(endpoint.parameters, request.given())
        if endpoint.access == "control":
            result = endpoint.handler(context, parameters, self.clock, *values)
        else:
            result = endpoint.handler(context, parameters, *values)
        return _answered(context, parameters, result)


def _authenticate(key: str) -> None:
    if not key:
        raise Unauthenticated(
            "You did not provide an API key. You need to provide your API key in the Authorization header,"
            " using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        )
    if not key.startswith(("sk_test_", "rk_test_")):
        raise Unauthenticated(f"Invalid API Key provided: {key[:7]}****. The simulator takes keys that start sk_test_.")


def _answered(context: Context, parameters: BaseModel, result: Any) -> Answer:
    match result:
        case Html():
            return Answer(result.status, result.text, {"Content-Type": "text/html; charset=utf-8"})
        case Redirect():
            return Answer(303, "", {"Location": quote(result.url, safe=URL)})
        case None:
            return Answer(200, "{}", {})
        case _:
            expand = parameters.expand if isinstance(parameters, Parameters) else []
            return Answer(200, json.dumps(answer_of(context, result, expand)), {})


def _refused(error: StripeError, fault: AnswerFault | None) -> Answer:
    headers = {} if fault is None or fault.retry is None else {"Stripe-Should-Retry": str(fault.retry).lower()}
    if error.status < 409:
        headers["Stripe-Should-Retry"] = "false"
    return Answer(error.status, json.dumps(error.body()), headers)
