"""The descriptor that a contract of kind `job` generates, and what belongs to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.models import Event, Shape
from treaty_runtime.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from treaty_runtime.service import Service

__all__ = ["AnyTask", "Implementation", "Job", "Schedule", "SystemTask", "Task"]

InputT = TypeVar("InputT", bound=Shape)
OutputT = TypeVar("OutputT", bound=Shape)

Implementation = Callable[[UnitOfWork, InputT], Awaitable[OutputT]]


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a job runs by itself: five fields of cron, read in a time zone of the IANA database."""

    cron: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Generic[InputT, OutputT]):
    """One job of a contract, as the worker carries it out.

    `each_tenant` says that it works for one tenant at a time, whose rows it sees; `tenant_field` is the attribute of
    the input that holds that tenant, if there is one. What is done `on` an event takes its payload. Of equal values of
    the attribute `once`, one job waits or runs.
    It is tried `attempts` times, after pauses that begin with `backoff` and double; each try may take `timeout`.
    `sensitive` and `sensitive_output` are paths of wire names: what is there is neither logged nor shown nor kept.
    """

    key: str
    version: str
    input: type[InputT]
    output: type[OutputT]
    each_tenant: bool
    attempts: int
    backoff: timedelta
    timeout: timedelta
    tenant_field: str | None = None
    schedule: Schedule | None = None
    on: type[Event] | None = None
    once: str | None = None
    emits: tuple[type[Event], ...] = ()
    audit: bool = False
    sensitive: frozenset[str] = frozenset()
    sensitive_output: frozenset[str] = frozenset()

    @property
    def identity(self) -> str:
        """What tells it from every other contract."""
        return self.key


@dataclass(frozen=True, slots=True)
class Task(Generic[InputT, OutputT]):
    """A job with the function that implements it."""

    job: Job[InputT, OutputT]
    implementation: Implementation[InputT, OutputT]


@dataclass(frozen=True, slots=True)
class SystemTask(Generic[InputT, OutputT]):
    """A job of the runtime's own, in a transaction of the system role: it belongs to no tenant, and tells no events."""

    job: Job[InputT, OutputT]
    implementation: Callable[[Service, AsyncConnection, InputT], Awaitable[OutputT]]


AnyTask = Task[Any, Any] | SystemTask[Any, Any]
