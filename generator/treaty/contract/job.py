"""Kind `job`: work that nobody waits for, as its author wrote it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from treaty.contract import patterns
from treaty.contract.base import Contract, Duration, Sentence, Written
from treaty.contract.fields import FieldName, Fields, TypeExpression
from treaty.contract.operation import EmitText, OutputText, ScenarioSpec

CronLine = Annotated[str, StringConstraints(pattern=patterns.CRON, max_length=100)]
ZoneName = Annotated[str, StringConstraints(pattern=patterns.ZONE, max_length=60)]


class ScheduleSpec(Written):
    """When it runs by itself, once for all workers."""

    cron: CronLine = Field(description="Minute, hour, day, month and day of the week, such as `15 2 * * *`.")
    zone: ZoneName = Field(default="UTC", description="The time zone that these are read in, such as `Europe/Berlin`.")


class RetrySpec(Written):
    """How often a job is tried that fails, and how long it waits in between."""

    attempts: int = Field(ge=1, le=100, description="How often it is tried, the first time included.")
    backoff: Duration = Field(
        description="The pause after the first failure, such as `30s`; each one is twice as long as the one before."
    )


class JobAcceptanceSpec(Written):
    """How one shows that the job does what it promises."""

    scenarios: tuple[ScenarioSpec, ...] = Field(default=(), description="Given/When/Then.")


class JobContract(Contract):
    """Work that nobody waits for: enqueued by what an operation does, or run by a schedule."""

    kind: Literal["job"] = Field(description="Always `job`.")
    goal: Sentence | None = Field(default=None, description="Why it exists; printed in the docs.")
    context: Sentence | None = Field(default=None, description="Who enqueues it, and when; printed in the docs.")
    schedule: ScheduleSpec | None = Field(default=None, description="When it runs by itself.")
    on: TypeExpression | None = Field(
        default=None, description="The event after each of which it is done; the event's payload is its input."
    )
    tenant: Literal["each", "none"] = Field(
        description="`each`: it works for one tenant, whose rows it sees; a schedule runs it for every tenant. "
        "`none`: it sees what all tenants share."
    )
    input: Fields = Field(default_factory=dict, description="What it is enqueued with.")
    output: OutputText = Field(
        default_factory=dict, description="What it tells when it is done: fields, or the name of a `type`."
    )
    once: FieldName | None = Field(
        default=None, description="The field of the input of whose values at most one job each waits or runs."
    )
    retry: RetrySpec = Field(
        default_factory=lambda: RetrySpec(attempts=5, backoff="30s"),
        description="What happens when it fails; 5 attempts and a backoff of 30 seconds unless said.",
    )
    timeout: Duration = Field(default="5m", description="How long one attempt may take, such as `10m`.")
    emits: tuple[EmitText, ...] = Field(default=(), description="The only events that it may emit.")
    audit: bool = Field(default=False, description="Every attempt leaves an audit record.")
    handler: Annotated[str, StringConstraints(pattern=patterns.HANDLER)] | None = Field(
        default=None, description="`package.module:function` of the implementation, when it is not the usual one."
    )
    acceptance: JobAcceptanceSpec = Field(
        default_factory=JobAcceptanceSpec, description="How one shows that it is kept."
    )
