"""One call of an operation: what is known of it, for the words of the policy, the log and the audit."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.answers import Answer
from treaty_runtime.concerned_rows import ConcernedRows
from treaty_runtime.credentials import Presented
from treaty_runtime.jobs.orders import Order
from treaty_runtime.models import Event
from treaty_runtime.observability.tracing import TRACEPARENT
from treaty_runtime.observation import Observation
from treaty_runtime.operations import Operation
from treaty_runtime.refusals import Unauthenticated
from treaty_runtime.sensitive import texts_at, without
from treaty_runtime.service import Service
from treaty_runtime.unit_of_work import Item, Principal, UnitOfWork
from treaty_runtime.versions import version_headers

__all__ = ["ANONYMOUS", "Call", "latest", "standing"]

ANONYMOUS = Principal(kind="anonymous", id="anonymous")
LONGEST_KEY = 1000  # bytes


@dataclass(slots=True)
class Call:
    """Grows while it is served: `principal` and `tenant_id` come with authentication, `payload` with validation, and in
    queries that answer in pages the `page` that is asked for.

    With the implementation come the `events`, each as it is told, the jobs that it `orders` and the `rows` it concerns.

    The call happens at one moment, `now`, however long it takes. It ends with an `answer`, or with the `setback` that
    keeps it from one; calls that are served together end each in its own way.
    """

    service: Service
    operation: Operation[Any, Any]
    request: Request[Any, Any, Any]
    request_id: str
    address: str
    now: datetime
    traceparent: str | None = None
    principal: Principal = ANONYMOUS
    tenant_id: UUID | None = None
    presented: Presented = field(default_factory=Unauthenticated)
    payload: Any = None
    page: Any = None
    claim: str | None = None
    events: Sequence[tuple[Event, bytes]] = ()
    orders: Sequence[Order] = ()
    rows: ConcernedRows = field(default_factory=ConcernedRows)
    answer: Answer | None = None
    setback: Exception | None = None

    @classmethod
    def of(cls, request: Request[Any, Any, Any], operation: Operation[Any, Any]) -> Call:
        """A call that has just arrived. The log lines of its request will say what is known of it by then."""
        service = Service.of(request)
        observation = Observation.of(request.scope)
        call = cls(
            service,
            operation,
            request,
            observation.request_id,
            _address(request),
            service.clock.now(),
            TRACEPARENT.get(),  # now: it may be served in a task that several share
        )
        observation.reached(operation.identity)
        observation.facts = call.facts
        observation.secrets = call.secrets
        observation.headers = version_headers(operation, request.path_params, request.scope.get("root_path", ""))
        return call

    @property
    def idempotency_key(self) -> str | None:
        """What the call is known by; `None` when the contract asks for no key, or the caller gave none so far."""
        idempotency = self.operation.idempotency
        key = getattr(self.payload, idempotency.field) if idempotency and self.payload else None
        return None if key is None else _indexable(str(key))

    @property
    def is_open(self) -> bool:
        """Whether it is still to be carried out."""
        return self.answer is None and self.setback is None

    def final_answer(self) -> Answer:
        """The answer. Raises `RuntimeError` before it is there."""
        if self.answer is None:
            raise RuntimeError(f"{self.operation.identity} has not been carried out")
        return self.answer

    def start_over(self) -> None:
        """Forget what became of it in a transaction that was rolled back."""
        self.answer = self.setback = self.claim = None
        self.events, self.orders, self.rows = (), (), ConcernedRows()

    @contextmanager
    def own_setback(self) -> Iterator[None]:
        """What is raised within concerns this call only."""
        try:
            yield
        except Exception as error:
            self.setback = error

    def unit_of_work(self, session: AsyncSession) -> UnitOfWork:
        """What the implementation of one request at a time is handed."""
        self.rows = session.info["rows"]
        return UnitOfWork(
            session=session,
            tenant_id=self.tenant_id,
            now=self.now,
            principal=self.principal,
            request_id=self.request_id,
            rows=self.rows,
            settings=self.service.settings,
        )

    def item(self) -> Item[Any]:
        """The call among others, for an implementation that is handed many."""
        self.rows = ConcernedRows()
        return Item(
            payload=self.payload,
            tenant_id=self.tenant_id,
            now=self.now,
            principal=self.principal,
            request_id=self.request_id,
            rows=self.rows,
        )

    def facts(self) -> dict[str, str | None]:
        """What the log may know of it."""
        return {
            "operation": self.operation.identity,
            "tenant": str(self.tenant_id) if self.tenant_id else None,
            "principal": f"{self.principal.kind}:{self.principal.id}",
        }

    def shown_input(self) -> Any:
        """The validated input as JSON data without its sensitive fields; `None` before validation."""
        return without(self._input(), self.operation.sensitive)

    def secrets(self) -> Iterator[str]:
        """The sensitive texts of the input: they are blacked out wherever something is said about the call."""
        return texts_at(self._input(), self.operation.sensitive)

    def _input(self) -> Any:
        return self.payload and self.payload.model_dump(mode="json", by_alias=True, exclude_none=True)


def _indexable(key: str) -> str:
    """The key, or what stands for one that is too long for an index."""
    return key if len(key.encode()) <= LONGEST_KEY else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def latest(calls: Iterable[Call]) -> datetime:
    """The moment at which calls that are served together happen."""
    return max(call.now for call in calls)


def standing(calls: Iterable[Call]) -> list[Call]:
    """The calls that nothing has kept from an answer so far."""
    return [call for call in calls if call.setback is None]


def _address(request: Request[Any, Any, Any]) -> str:
    """Where the call comes from. A proxy may say anything: what is no address is unknown."""
    try:
        return str(ipaddress.ip_address(request.client.host if request.client else ""))
    except ValueError:
        return "unknown"
