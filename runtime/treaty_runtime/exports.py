"""Exports: every page of a query in one CSV file, as of one moment, in the memory that one page takes.

The pages are those that callers get one by one, read in one transaction that sees one moment of the database. The next
one is read when the caller has taken the one before. What fails before the first byte is answered like any request;
what fails later breaks the transfer off, so that nobody takes a part for the whole: the last chunk is never sent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime import csv_text
from treaty_runtime.aftermath import record_setback
from treaty_runtime.answers import NOT_KEPT
from treaty_runtime.audit import audit_export
from treaty_runtime.calls import Call
from treaty_runtime.carrying_out import Invoke, carry_out, one_by_one
from treaty_runtime.entitlements import entitlement_question
from treaty_runtime.grouping import alone
from treaty_runtime.logging import failure
from treaty_runtime.models import Input, Shape
from treaty_runtime.observation import Observation
from treaty_runtime.operations import Csv, CsvColumn, Implementation, Operation
from treaty_runtime.pages import page_after
from treaty_runtime.pipeline import enter
from treaty_runtime.problems import refusal_of
from treaty_runtime.refusals import Unavailable
from treaty_runtime.wire import ContractBroken

__all__ = ["serve_csv"]

MEDIA_TYPE = "text/csv; charset=utf-8"
WITH = "Treaty-With"

InputT = TypeVar("InputT", bound=Input)
OutputT = TypeVar("OutputT", bound=Shape)

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.requests")


class _CallerLost(Exception):
    """Nobody takes what is sent."""


def serve_csv(
    operation: Operation[InputT, OutputT],
    implementation: Implementation[InputT, OutputT],
    request: Request[Any, Any, Any],
) -> ASGIApp:
    """The answer to a request for all pages of `operation`, which is as its `as_csv` says."""

    async def respond(_scope: Scope, receive: Receive, send: Send) -> None:
        export = _Export(Call.of(request, operation), one_by_one(implementation), send)
        try:
            await export.serve(receive)
        except Exception as error:
            if not export.begun and not isinstance(error, _CallerLost):
                await record_setback(export.call, error)
                raise
            await export.broke(error)
        except asyncio.CancelledError:
            if export.begun:
                await export.broke(Unavailable("The service was stopped meanwhile."))
            raise

    return respond


class _Export:
    """One transfer. `begun` tells that the caller may have a part of it."""

    def __init__(self, call: Call, invoke: Invoke, send: Send) -> None:
        """`call` has just arrived."""
        self.call = call
        self.begun = False
        self._invoke = invoke
        self._send = send

    async def serve(self, receive: Receive) -> None:
        """Answer the call. Raises whatever keeps it from being answered, or from being answered to the end."""
        call, settings = self.call, self.call.service.settings
        await enter(call, alone)
        async with (
            _while_caller_is_there(receive, settings.export_timeout),
            call.service.database.snapshot(
                tenant=call.tenant_id, now=call.now, question=entitlement_question(call)
            ) as session,
            aclosing(_pages(session, self._invoke, call)) as pages,
        ):
            await self._transfer(pages)
        await self._record("success")
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def broke(self, error: Exception) -> None:
        """Remember that the caller has a part only: who reads the log, the metrics or the audit must not think else."""
        observation = Observation.of(self.call.request.scope)
        known = {"request_id": self.call.request_id, **self.call.facts()}
        outcome, status = "aborted", int(HTTPStatus.OK)
        if isinstance(error, _CallerLost):
            observation.status = None
            log.warning("export_not_taken", **known, message=str(error))
        else:
            refusal = refusal_of(error)
            outcome, status = refusal.code, refusal.status
            observation.status, observation.code = status, outcome
            log.error("export_broken_off", **known, **failure(error, list(self.call.secrets())))
        try:
            await self._record(outcome, status)
        except Exception as second:
            log.error("setback_not_recorded", request_id=self.call.request_id, **failure(second))  # noqa: TRY400 - it is all there

    async def _transfer(self, pages: AsyncIterator[Mapping[str, Any]]) -> None:
        """Send the pages, and for HEAD what the first one says of all of them."""
        columns = self._columns()
        async for content in pages:
            text = csv_text.lines(columns, content[self._csv.of])
            if not self.begun:
                await self._begin(content)
                text = csv_text.head(columns) + text
            if self.call.request.method == "HEAD":
                return
            await self._take({"type": "http.response.body", "body": text, "more_body": True})

    async def _begin(self, first: Mapping[str, Any]) -> None:
        await self._record("begun")  # what leaves the house is known before, whatever happens next
        self.begun = True
        beside = {name: first[name] for name in self._csv.beside if name in first}
        headers = {
            "Content-Type": MEDIA_TYPE,
            "Content-Disposition": f'attachment; filename="{self._csv.file_name}"',
            **NOT_KEPT,
            **({WITH: json.dumps(beside, separators=(",", ":"))} if self._csv.beside else {}),
        }
        said = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await self._take({"type": "http.response.start", "status": int(HTTPStatus.OK), "headers": said})

    async def _take(self, message: Any) -> None:
        """Send, and wait until the caller has taken most of it. Raises `_CallerLost` when it takes nothing."""
        seconds = self.call.service.settings.statement_timeout
        try:
            async with asyncio.timeout(seconds):
                await self._send(message)
        except TimeoutError:
            raise _CallerLost(f"The caller took nothing for {seconds} seconds.") from None

    async def _record(self, outcome: str, status: int = HTTPStatus.OK) -> None:
        if self.call.operation.audit:
            async with self.call.service.database.system() as system:
                await audit_export(system, self.call, outcome, status)

    @property
    def _csv(self) -> Csv:
        csv: Csv | None = self.call.operation.csv
        if csv is None:
            raise RuntimeError(f"{self.call.operation.identity} has no `formats`")
        return csv

    def _columns(self) -> list[CsvColumn]:
        """The columns that the caller may see."""
        roles, of = self.call.principal.roles, self._csv.of
        hidden = {path for path, readers in self.call.operation.read_roles.items() if not readers & roles}
        return [column for column in self._csv.columns if f"{of}.*.{column.name}" not in hidden]


async def _pages(session: AsyncSession, invoke: Invoke, call: Call) -> AsyncGenerator[Mapping[str, Any]]:
    """What callers get page by page. Raises what one of them would be refused with, or `ContractBroken`."""
    while True:
        await carry_out(session, invoke, [call])
        if call.events or call.orders:
            raise ContractBroken(f"{call.operation.identity} emitted an event or enqueued a job, and it only reads.")
        answer = call.final_answer().readable_by(call.principal.roles, call.operation.read_roles)
        content = json.loads(answer.body)
        yield content
        if "next" not in content:
            return
        call.answer, call.page = None, page_after(call, content["next"])
        session.expunge_all()
        call.rows.thin_out()


@asynccontextmanager
async def _while_caller_is_there(receive: Receive, seconds: float) -> AsyncIterator[None]:
    """Give what is done in the block up when the caller hangs up, and after `seconds`.

    Raises `_CallerLost` or `Unavailable` then.
    """
    is_there = True

    async def watch() -> None:
        nonlocal is_there
        while (await receive())["type"] != "http.disconnect":
            pass
        is_there = False
        allowed.reschedule(asyncio.get_running_loop().time())

    try:
        async with asyncio.timeout(seconds) as allowed:
            watching = asyncio.create_task(watch())
            try:
                yield
            finally:
                watching.cancel()
    except TimeoutError:
        if not allowed.expired():
            raise
        if is_there:
            raise Unavailable(f"The export took longer than {seconds} seconds.") from None
        raise _CallerLost("The caller hung up.") from None
