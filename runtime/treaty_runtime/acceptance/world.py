"""The world of one scenario: what its phrases do to the service and expect of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from treaty_runtime.acceptance.actors import Actors
from treaty_runtime.acceptance.calls import Calls
from treaty_runtime.acceptance.changes import Moment, Observer
from treaty_runtime.acceptance.deliveries import Signature, delivery_of
from treaty_runtime.acceptance.durations import duration
from treaty_runtime.acceptance.exchanges import Reply
from treaty_runtime.acceptance.expectations import (
    Outcome,
    answer_differs,
    changes_differ,
    deliveries_differ,
    events_differ,
    totals_differ,
)
from treaty_runtime.acceptance.failures import BrokenPromise, Mistake, OnlySimulated
from treaty_runtime.acceptance.json_values import Unique
from treaty_runtime.acceptance.rows import Rows
from treaty_runtime.models import Entity, Event

if TYPE_CHECKING:
    from treaty_runtime.acceptance.stage import Stage

__all__ = ["World"]

T = TypeVar("T")
Values = Mapping[str, Any]
StepType = Literal["given", "when", "then"]


class World:
    """What phrases act on and look at. One for each scenario; the service and the database are real."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._rows = Rows(stage)
        self._actors = Actors(stage, self._rows)
        self._calls = Calls(stage, self._actors)
        self._observer = Observer(stage)
        self._answers: dict[str, Reply] = {}
        self._step_type: StepType = "given"
        self._table: list[Mapping[str, str]] | None = None
        self.text: str | None = None
        self._moment: Moment | None = None
        self._exchange: Reply | None = None
        self._of_when: Reply | None = None
        self._unique = 0

    # What the hooks call.

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` in the event loop that also serves the service."""
        return self.stage.run(work)

    async def enter(self, step_type: StepType, text: str | None, table: list[Mapping[str, str]] | None) -> None:
        """A step begins, with the `text` and `table` below it.

        The first When of a run fixes what "since" means; a Then waits until the worker is idle.
        """
        if step_type == "when" and self._step_type != "when":
            await self.stage.settle()
            self._moment, self._of_when = await self._observer.moment(), None
        if step_type == "then":
            await self.stage.settle()
            self._exchange = self._of_when  # whatever a step before this one asked the service
        self._step_type, self.text, self._table = step_type, text, table

    # What phrases do.

    async def create(
        self, entity: type[Entity], values: Values, *, name: str | None = None, unless_exists: bool = False
    ) -> None:
        """Put a row into a table; `name` keeps it for `value`, and references take such a name."""
        if not (unless_exists and name in self._rows):
            await self._rows.create(entity, values, name)

    async def actor(self, name: str, *, tenant: str | None = None, roles: Sequence[str] = ()) -> None:
        """Let `name` speak from here on: a person, the service key of the tenant row of that name, or `nobody`."""
        await self._actors.enter(name, tenant, roles)

    async def call(self, operation: str, values: Values, *, actor: str | None = None, name: str | None = None) -> None:
        """Send a request; `name` keeps its answer for `value`."""
        self._answered(await self._calls.call(operation, values, actor), name)

    async def repeat(self, overrides: Values | None = None) -> None:
        """Send the last request once more, with some fields changed."""
        self._answered(await self._calls.repeat(overrides or {}), None)

    async def deliver(
        self,
        webhook: str,
        event_type: str,
        data: Values | None = None,
        *,
        event: Values | None = None,
        body: str | None = None,
        signature: Signature = "valid",
    ) -> None:
        """Have an event come to a webhook: about an object that says `data`, or `body` as it is instead."""
        sent = delivery_of(self.stage, webhook, event_type, data or {}, event or {}, body, signature)
        self._answered(await self._calls.send(sent), None)

    async def clock(self, *, at: str | dt.datetime | None = None, advance: str | None = None) -> None:
        """Move the service's clock to an instant (`now`: where it stands), on by `1h` or `40d`, or both."""
        moment = self.stage.clock.now() if at is None or at == "now" else _instant(at)
        await self.stage.move(moment + (duration(advance) if advance else dt.timedelta()))

    async def run_job(
        self, job: str, *, tenant: str | None = None, values: Values | None = None, name: str | None = None
    ) -> None:
        """Run a job now, as its schedule or whoever enqueues it would, and wait for it.

        It runs for the tenant row of that name, or for every tenant; what it tells of the scenario's own is the answer.
        """
        if self.stage.jobs is None:
            raise Mistake(f"there is no job {job}")
        of = None if tenant is None else self._rows.tenant_named(tenant)
        if tenant is not None and of is None:
            raise Mistake(f"{job} cannot run for `{tenant}`: no {self.stage.tenant_word} of this name was created")
        await self.stage.settle()
        outcome = await self.stage.jobs.run(job, values or {}, of, of or self._rows.tenant)
        await self.stage.settle()
        self._answered(outcome, name)

    async def flag(self, name: str, *, tenant: str | None = None, on: bool = True) -> None:
        """Turn a feature flag for everybody, or for the tenant row of that name alone."""
        found = self._rows.tenant_named(tenant) if tenant is not None else None
        if tenant is not None and found is None:
            raise Mistake(
                f"{name} cannot be turned for `{tenant}`: no {self.stage.tenant_word} of this name was created"
            )
        await self.stage.turn(name, found, on=on)

    async def step(self, function: str, values: Values | None = None) -> None:
        """Run `module.function` of `features/steps/`: the one way out of the vocabulary, counted and reported."""
        await self.stage.escapes.run(function, self, values or {})

    async def expect(
        self,
        *,
        outcome: Outcome | None = None,
        error: str | None = None,
        output: Values | None = None,
        events: Sequence[type[Event]] | None = None,
        changes: Mapping[type[Entity], int] | None = None,
        deliveries: Mapping[str, int] | None = None,
        total: Mapping[type[Entity], int] | None = None,
        step: tuple[str, Values] | None = None,
    ) -> None:
        """Check everything that is said about the last When; what is said and empty means none at all."""
        broken: list[str] = []
        if outcome is not None or error is not None or output is not None:
            broken += answer_differs(self.exchange, outcome, error, output)
        if events is not None or changes is not None or deliveries is not None:
            found = await self._observer.since(self._since(), self._rows.versions)
            broken += events_differ(events, found.events) if events is not None else ()
            broken += changes_differ(changes, found, self.stage.definition.entities) if changes is not None else ()
            broken += deliveries_differ(deliveries, found.deliveries) if deliveries is not None else ()
        for entity, number in (total or {}).items():
            broken += totals_differ(entity, number, await self._observer.total(entity))
        self.broke(broken)
        if step is not None:
            await self.step(*step)

    # What phrases ask.

    @property
    def exchange(self) -> Reply:
        """What came of the last request or job of the last When; in a step of a Then that sends one, of that one."""
        if self._exchange is None:
            raise Mistake("the last When sent no request and ran no job, so there is no answer to speak of")
        return self._exchange

    def unique(self) -> str:
        """A text that no other call in this scenario returns."""
        self._unique += 1
        return Unique(f"unique-{self._unique}")

    def value(self, path: str) -> Any:
        """The field of a row or an answer that was kept under a name: `organization.id`."""
        name, _, field = path.partition(".")
        if name in self._answers:
            return self._answers[name].field(field)
        if name in self._rows:
            return self._rows.field(name, field)
        known = ", ".join(sorted([*self._answers, *self._rows.names])) or "none yet"
        raise Mistake(f"{{{path}}} speaks of `{name}`, which no phrase before this one named; names: {known}")

    def needs_simulator(self, what: str) -> None:
        """Raise `OnlySimulated` where Stripe itself is asked, which does no such thing: the scenario is left out."""
        if not self.stage.simulated:
            raise OnlySimulated(f"{what} is for a simulator only")

    def rows(self) -> list[Mapping[str, str]]:
        """The rows of the step's table; a cell that looks like a number is one where a number is wanted."""
        if self._table is None:
            raise Mistake("this phrase runs once for each row of a table: write one below the step")
        return self._table

    def broke(self, promises: Sequence[str]) -> None:
        """Fail with `promises`, the ends of sentences about the operation called last; none: all is well."""
        if promises:
            subject = self._exchange.subject if self._exchange else "the scenario"
            whole = self._exchange.whole if self._exchange else ""
            raise BrokenPromise([f"{subject} {promise}" for promise in promises], whole)

    def _answered(self, exchange: Reply, name: str | None) -> None:
        if self._step_type == "given" and not exchange.succeeded:
            promise = f"{exchange.subject} had to succeed here, but {exchange.refusal}"
            raise BrokenPromise([promise], exchange.whole)
        self._exchange = exchange
        if self._step_type == "when":
            self._of_when = exchange
        if name is not None:
            self._answers[name] = exchange

    def _since(self) -> Moment:
        if self._moment is None:
            raise Mistake("there is no When yet, so nothing can have changed since")
        return self._moment


def _instant(at: str | dt.datetime) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(at) if isinstance(at, str) else at
    except ValueError:
        raise Mistake(f"`{at}` is not a date-time: write one such as 2026-01-31T23:59:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
