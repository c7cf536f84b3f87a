"""Kind `webhook`: what another service tells this one, as its author wrote it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from treaty.contract import patterns
from treaty.contract.base import Contract, Duration, Sentence, Written
from treaty.contract.fields import FieldName, TypeExpression
from treaty.contract.operation import HttpLine, ScenarioSpec

DataPath = Annotated[str, StringConstraints(pattern=patterns.DATA_PATH, max_length=200)]
ProviderEvent = Annotated[str, StringConstraints(pattern=patterns.PROVIDER_EVENT, max_length=200)]


class WebhookTenantSpec(Written):
    """How the tenant of an event is found: `{by: stripeCustomerId, from: $.data.object.customer}`."""

    by: FieldName = Field(description="The field of the tenant's entity that holds it; it is `unique` there.")
    from_: DataPath = Field(alias="from", description="Where the event says it, such as `$.data.object.customer`.")


class HandlesSpec(Written):
    """A job that is done after certain events."""

    events: tuple[ProviderEvent, ...] = Field(min_length=1, description="The types of the events.")
    job: TypeExpression = Field(description="The job that each of them enqueues.")
    input: dict[FieldName, DataPath] = Field(
        default_factory=dict, description="What the job is enqueued with: where the event says it."
    )
    tenant: DataPath | None = Field(
        default=None, description="Where these events say whose they are, when it is not where the others do."
    )


class WebhookAcceptanceSpec(Written):
    """How one shows that events do what they should."""

    scenarios: tuple[ScenarioSpec, ...] = Field(default=(), description="Given/When/Then.")


class WebhookContract(Contract):
    """What another service tells this one: events, verified, stored, and then worked on by jobs."""

    kind: Literal["webhook"] = Field(description="Always `webhook`.")
    goal: Sentence | None = Field(default=None, description="Why it exists; printed in the docs.")
    context: Sentence | None = Field(default=None, description="Who sends, and when; printed in the docs.")
    http: HttpLine = Field(description="Where events are sent to: `POST /webhooks/stripe`.")
    provider: Literal["stripe"] = Field(description="Who sends, and so how events are signed and what they look like.")
    tolerance: Duration = Field(
        default="300s", description="How old a signature may be, and how far ahead of the service's clock."
    )
    tenant: WebhookTenantSpec | None = Field(
        default=None, description="Whose an event is, for jobs that work for a tenant."
    )
    fetch: Annotated[str, StringConstraints(pattern=patterns.HANDLER)] | None = Field(
        default=None,
        description="`package.module:function` that fetches what an event names and does not hold (thin events).",
    )
    handles: tuple[HandlesSpec, ...] = Field(min_length=1, description="What is done after which events.")
    otherwise: Literal["store"] = Field(
        default="store", description="What becomes of all other events: they are stored, counted, and no job is done."
    )
    keep: Duration = Field(default="30d", description="How long an event is kept when it has been dealt with.")
    acceptance: WebhookAcceptanceSpec = Field(
        default_factory=WebhookAcceptanceSpec, description="How one shows that it is kept."
    )
