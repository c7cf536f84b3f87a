"""One call of an operation: what is known of it, for the words of the policy, the log and the audit."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.jobs.orders import Order
from treaty_runtime.models import Event, Input
from treaty_runtime.observation import Observation
from treaty_runtime.operations import Operation
from treaty_runtime.sensitive import texts_at, without
from treaty_runtime.service import Service
from treaty_runtime.unit_of_work import Principal, UnitOfWork
from treaty_runtime.versions import version_headers

__all__ = ["ANONYMOUS", "Call"]

ANONYMOUS = Principal(kind="anonymous", id="anonymous")


@dataclass(slots=True)
class Call:
    """Grows while it is served: `principal` and `tenant_id` come with authentication, `payload` with validation.

    With the implementation come the `events`, each as it is told, and the jobs that it `orders`.

    The call happens at one moment, `now`, however long it takes.
    """

    service: Service
    operation: Operation[Any, Any]
    request: Request[Any, Any, Any]
    request_id: str
    address: str
    now: datetime
    principal: Principal = ANONYMOUS
    tenant_id: UUID | None = None
    payload: Input | None = None
    events: Sequence[tuple[Event, bytes]] = ()
    orders: Sequence[Order] = ()

    @classmethod
    def of(cls, request: Request[Any, Any, Any], operation: Operation[Any, Any]) -> Call:
        """A call that has just arrived. The log lines of its request will say what is known of it by then."""
        service = Service.of(request)
        observation = Observation.of(request.scope)
        call = cls(service, operation, request, observation.request_id, _address(request), service.clock.now())
        observation.reached(operation.identity)
        observation.facts = call.facts
        observation.secrets = call.secrets
        observation.headers = version_headers(operation, request.path_params, request.scope.get("root_path", ""))
        return call

    def unit_of_work(self, session: AsyncSession) -> UnitOfWork:
        """What the implementation is handed."""
        return UnitOfWork(session, self.principal, self.tenant_id, self.now, self.request_id)

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


def _address(request: Request[Any, Any, Any]) -> str:
    """Where the call comes from. A proxy may say anything: what is no address is unknown."""
    try:
        return str(ipaddress.ip_address(request.client.host if request.client else ""))
    except ValueError:
        return "unknown"
