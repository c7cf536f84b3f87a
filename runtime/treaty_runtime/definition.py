"""The whole service as generated: what the contracts define, for the parts that look at all of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from treaty_runtime.jobs.descriptor import Job
from treaty_runtime.models import Entity, Event
from treaty_runtime.operations import Operation
from treaty_runtime.webhooks.descriptor import Webhook, routing_of

__all__ = ["Definition", "Entitlements", "Memberships"]


@dataclass(frozen=True, slots=True)
class Memberships:
    """The entity that lists who belongs to which tenant: the attributes that hold the person and the role."""

    entity: type[Entity]
    person: str
    role: str


@dataclass(frozen=True, slots=True)
class Entitlements:
    """The entity that says what tenants are entitled to: the attributes that hold a feature, and since when it is not
    paid for any more.
    """

    entity: type[Entity]
    feature: str
    lapsed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """Everything that one set of contracts defines. `openapi`, `asyncapi` and `schema` are the generated files."""

    title: str
    version: str
    openapi: Path
    schema: Path
    operations: tuple[Operation[Any, Any], ...]
    asyncapi: Path | None = None
    entities: tuple[type[Entity], ...] = ()
    events: tuple[type[Event], ...] = ()
    jobs: tuple[Job[Any, Any], ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    tenant: type[Entity] | None = None
    memberships: Memberships | None = None
    entitlements: Entitlements | None = None

    @property
    def implemented(self) -> tuple[Operation[Any, Any] | Job[Any, Any], ...]:
        """What functions implement."""
        return (*self.operations, *self.jobs)

    @property
    def queued(self) -> tuple[Job[Any, Any], ...]:
        """What may stand in the queue."""
        return (*self.jobs, *map(routing_of, self.webhooks))

    @property
    def played(self) -> tuple[Operation[Any, Any] | Job[Any, Any] | Webhook, ...]:
        """What has scenarios of its own."""
        return (*self.implemented, *self.webhooks)
