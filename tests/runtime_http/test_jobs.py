"""Jobs: enqueued with what asks for them, done once for their tenant, tried again, rescued, scheduled, given up."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
import typer
from sqlalchemy.exc import DBAPIError
from sqlmodel import select
from typer.testing import CliRunner

from tests.runtime_http.conftest import NOON, Notes
from tests.runtime_http.notes import Note, NoteBurnt, NoteWritten
from treaty_runtime import commands
from treaty_runtime.fields import Integer, Text
from treaty_runtime.jobs.attempts import next_try
from treaty_runtime.jobs.descriptor import AnyTask, Job, Schedule, Task
from treaty_runtime.jobs.orders import enqueue as enqueue_orders
from treaty_runtime.jobs.queue import Queue
from treaty_runtime.jobs.rescuing import rescue
from treaty_runtime.jobs.schedules import Scheduler, last_time
from treaty_runtime.models import Input, Output
from treaty_runtime.pruning import prune
from treaty_runtime.relay import Relay
from treaty_runtime.service import Service, open_service
from treaty_runtime.sinks import OutgoingEvent
from treaty_runtime.unit_of_work import Principal, UnitOfWork
from treaty_runtime.wire import ContractBroken

SECRET = "4111-1111"


class CopyInput(Input):
    organization_id: UUID
    title: Text
    card: Text | None = None


class CopyOutput(Output):
    notes: Integer
    card: Text | None = None


COPY = Job(
    key="notes.copy",
    version="1.0.0",
    input=CopyInput,
    output=CopyOutput,
    each_tenant=True,
    attempts=3,
    backoff=dt.timedelta(seconds=30),
    timeout=dt.timedelta(seconds=20),
    tenant_field="organization_id",
    once="title",
    emits=(NoteWritten,),
    audit=True,
    sensitive=frozenset({"card"}),
    sensitive_output=frozenset({"card"}),
)


class CountInput(Input):
    organization_id: UUID


class CountOutput(Output):
    notes: Integer


NIGHTLY = Job(
    key="notes.count",
    version="1.0.0",
    input=CountInput,
    output=CountOutput,
    each_tenant=True,
    attempts=1,
    backoff=dt.timedelta(seconds=30),
    timeout=dt.timedelta(seconds=20),
    tenant_field="organization_id",
    schedule=Schedule("15 2 * * *", "UTC"),
    once="organization_id",
)

Does = Callable[[UnitOfWork, CopyInput], Awaitable[CopyOutput | None]]


@dataclass
class Copying:
    """Implements the job: writes a note and tells of it, and does what a test wants in between."""

    also: Does | None = None
    seen: list[str] = field(default_factory=list)

    async def __call__(self, uow: UnitOfWork, payload: CopyInput, /) -> CopyOutput:
        self.seen.append(payload.title)
        uow.session.add(Note(organization_id=uow.tenant, title=payload.title))
        await uow.session.flush()
        uow.emit(NoteWritten(title=payload.title, number=1))
        answer = await self.also(uow, payload) if self.also else None
        return answer or CopyOutput(notes=len((await uow.session.exec(select(Note))).all()), card=payload.card)


async def count(uow: UnitOfWork, payload: CountInput, /) -> CountOutput:
    return CountOutput(notes=len((await uow.session.exec(select(Note))).all()))


@pytest.fixture
def copying() -> Copying:
    return Copying()


def own(service: Notes) -> Service:
    return service.replicas[0].service


@asynccontextmanager
async def unit_of_work(service: Notes, tenant: UUID | None) -> AsyncIterator[UnitOfWork]:
    """A transaction as a request has one."""
    now = service.clock.now()
    async with own(service).database.transaction(tenant=tenant, now=now) as session:
        uow = UnitOfWork(
            session=session,
            principal=Principal("service", "test"),
            tenant_id=tenant,
            now=now,
            request_id="request-1",
            settings=own(service).settings,
        )
        yield uow
        await enqueue_orders(session, uow.orders)


def enqueue(service: Notes, tenant: UUID, title: str = "one", **more: Any) -> None:
    async def enqueued() -> None:
        async with unit_of_work(service, tenant) as uow:
            after = more.pop("after", None)
            uow.enqueue(COPY, CopyInput(organization_id=tenant, title=title, **more), after=after)

    service.run(enqueued())


def drain(service: Notes, *tasks: AnyTask) -> int:
    async def drained() -> int:
        async with Queue.open(own(service), tasks) as queue:
            return await queue.drain()

    return service.run(drained())


def statuses(service: Notes) -> list[str]:
    return [status for (status,) in service.rows("SELECT status FROM treaty.procrastinate_jobs ORDER BY id")]


def notes(service: Notes, organization: UUID) -> list[str]:
    found = service.rows("SELECT title FROM notes_note WHERE organization_id = %s ORDER BY title", organization)
    return [title for (title,) in found]


def test_a_job_is_done_for_its_tenant_with_all_that_belongs_to_it(service: Notes, copying: Copying) -> None:
    ours, theirs = service.organization(), service.organization()
    enqueue(service, theirs, "theirs")
    enqueue(service, ours, "ours", card=SECRET)
    assert drain(service, Task(COPY, copying)) == 2
    assert (notes(service, ours), notes(service, theirs)) == (["ours"], ["theirs"])
    told = service.rows("SELECT tenant, payload ->> 'title', request_id FROM treaty.outbox ORDER BY id")
    assert told == [(theirs, "theirs", "request-1"), (ours, "ours", "request-1")]
    # Each saw its own tenant's rows only, and nothing sensitive is kept.
    assert service.rows("SELECT tenant, output FROM treaty.job_done ORDER BY job_id") == [
        (theirs, {"notes": 1}), (ours, {"notes": 1}),
    ]  # fmt: skip
    assert service.rows(
        "SELECT tenant, operation, principal_kind, outcome, input ->> 'title' FROM treaty.audit ORDER BY id"
    ) == [(theirs, COPY.key, "job", "success", "theirs"), (ours, COPY.key, "job", "success", "ours")]
    assert SECRET not in str(service.lines) + str(service.rows("SELECT input FROM treaty.audit"))
    assert len(service.logged("job_done")) == 2


def test_what_is_rolled_back_enqueues_nothing(service: Notes, copying: Copying) -> None:
    organization = service.organization()

    async def fail() -> None:
        async with unit_of_work(service, organization) as uow:
            uow.enqueue(COPY, CopyInput(organization_id=organization, title="one"))
            await enqueue_orders(uow.session, uow.orders)
            raise LookupError

    with pytest.raises(LookupError):
        service.run(fail())
    assert statuses(service) == []
    assert drain(service, Task(COPY, copying)) == 0


def test_nobody_enqueues_for_another_tenant(service: Notes) -> None:
    ours, theirs = service.organization(), service.organization()

    async def ask(uow_of: UUID, payload_of: UUID) -> None:
        async with unit_of_work(service, uow_of) as uow:
            uow.enqueue(COPY, CopyInput(organization_id=payload_of, title="one"))

    async def forge() -> None:
        async with unit_of_work(service, ours) as uow:
            uow.enqueue(COPY, CopyInput(organization_id=ours, title="one"))
            uow.orders[0] = replace(uow.orders[0], tenant=theirs)

    async def look() -> None:
        async with unit_of_work(service, ours) as uow:
            await (await uow.session.connection()).exec_driver_sql("SELECT * FROM treaty.procrastinate_jobs")

    with pytest.raises(ContractBroken, match="another tenant"):
        service.run(ask(ours, theirs))
    with pytest.raises(DBAPIError, match="row-level security"):  # the database's word, past ours
        service.run(forge())
    with pytest.raises(DBAPIError, match="permission denied"):
        service.run(look())


def test_one_of_equal_jobs_waits_or_runs(service: Notes, copying: Copying) -> None:
    organization = service.organization()

    async def meanwhile(uow: UnitOfWork, payload: CopyInput) -> None:
        async with unit_of_work(service, organization) as other:
            other.enqueue(COPY, CopyInput(organization_id=organization, title=payload.title))

    for _ in range(2):
        enqueue(service, organization, "one")
    enqueue(service, organization, "two")
    assert statuses(service) == ["todo", "todo"]
    copying.also = meanwhile
    assert drain(service, Task(COPY, copying)) == 2
    copying.also = None
    service.rows("DELETE FROM notes_note")
    enqueue(service, organization, "one")
    assert statuses(service) == ["succeeded", "succeeded", "todo"]
    assert drain(service, Task(COPY, copying)) == 1
    assert copying.seen == ["one", "two", "one"]


def test_a_job_that_fails_is_tried_again_by_the_clock_and_given_up(service: Notes, copying: Copying) -> None:
    async def fail(uow: UnitOfWork, payload: CopyInput) -> None:
        raise LookupError(f"no such card: {payload.card}")

    organization, copying.also = service.organization(), fail
    enqueue(service, organization, card=SECRET)
    for pause in (30, 60):
        assert drain(service, Task(COPY, copying)) == 1
        assert drain(service, Task(COPY, copying)) == 0
        service.clock.advance(dt.timedelta(seconds=pause - 1))
        assert drain(service, Task(COPY, copying)) == 0
        service.clock.advance(dt.timedelta(seconds=1 + pause / 4))
    assert drain(service, Task(COPY, copying)) == 1
    service.clock.advance(dt.timedelta(days=30))
    assert drain(service, Task(COPY, copying)) == 0
    assert statuses(service) == ["failed"]
    assert service.rows("SELECT attempts, error FROM treaty.job_failure") == [
        (3, "LookupError: no such card: [sensitive]")
    ]
    assert notes(service, organization) == []
    assert service.rows("SELECT count(*) FROM treaty.outbox") == [(0,)]
    assert service.rows("SELECT outcome FROM treaty.audit") == [("failed",)] * 3
    assert (len(service.logged("job_failed")), len(service.logged("job_given_up"))) == (2, 1)
    assert SECRET not in str(service.lines)


def test_pauses_double_and_differ_a_little() -> None:
    pauses = [[(next_try(COPY, failures, NOON) or NOON) - NOON for _ in range(50)] for failures in (1, 2)]
    for pause, expected in zip(pauses, (30, 60), strict=True):
        assert all(expected <= each.total_seconds() <= expected * 1.25 for each in pause)
        assert len(set(pause)) > 1
    assert next_try(COPY, 3, NOON) is None


@pytest.mark.parametrize("wrong", ["output", "event", "time"])
def test_a_job_that_breaks_its_contract_leaves_nothing(service: Notes, copying: Copying, wrong: str) -> None:
    async def break_it(uow: UnitOfWork, payload: CopyInput) -> CopyOutput | None:
        if wrong == "event":
            uow.emit(NoteBurnt())
        if wrong == "time":
            await asyncio.sleep(60)
        return CopyOutput.model_construct(notes=2**80) if wrong == "output" else None

    organization, copying.also = service.organization(), break_it
    job = replace(COPY, attempts=1, timeout=dt.timedelta(milliseconds=300))
    enqueue(service, organization)
    assert drain(service, Task(job, copying)) == 1
    assert (statuses(service), notes(service, organization)) == (["failed"], [])
    ((error,),) = service.rows("SELECT error FROM treaty.job_failure")
    assert {"output": "breaks its schema", "event": "does not name", "time": "took longer"}[wrong] in error


def test_what_was_done_before_its_worker_died_is_not_done_again(service: Notes, copying: Copying) -> None:
    organization = service.organization()
    enqueue(service, organization)
    drain(service, Task(COPY, copying))
    for status in ("doing", "todo"):  # what the queue knows when the worker dies after the commit; a second delivery
        service.rows(f"UPDATE treaty.procrastinate_jobs SET status = '{status}', worker_id = NULL")
        service.run(rescue(own(service), {COPY.key: COPY}))
        drain(service, Task(COPY, copying))
        assert statuses(service) == ["succeeded"]
    assert (copying.seen, notes(service, organization)) == (["one"], ["one"])
    assert service.rows("SELECT count(*) FROM treaty.outbox") == [(1,)]


def test_a_job_that_two_workers_do_at_once_is_done_once(service: Notes, copying: Copying) -> None:
    organization, both = service.organization(), asyncio.Barrier(2)
    enqueue(service, organization)

    async def stumble(uow: UnitOfWork, payload: CopyInput) -> None:
        if len(copying.seen) == 1:
            service.rows("UPDATE treaty.procrastinate_jobs SET status = 'todo', worker_id = NULL")
            await both.wait()
            await asyncio.sleep(0.2)  # so that the other one comes to the mark while this one holds it

    async def twice() -> None:
        copying.also = stumble
        async with Queue.open(own(service), [Task(COPY, copying)]) as queue:
            first = asyncio.create_task(queue.drain())
            await both.wait()
            async with Queue.open(own(service), [Task(COPY, copying)]) as other:
                await other.drain()
            await first

    service.run(twice())
    assert (copying.seen, notes(service, organization), statuses(service)) == (["one"], ["one"], ["succeeded"])
    assert len(service.logged("job_ended_elsewhere")) == 1


def test_jobs_of_dead_workers_are_put_back_until_that_happened_too_often(service: Notes, copying: Copying) -> None:
    enqueue(service, service.organization())
    for attempt in (1, 2, 3):
        service.rows("UPDATE treaty.procrastinate_jobs SET status = 'doing', worker_id = NULL")
        assert service.run(rescue(own(service), {COPY.key: COPY})) == 1
        assert statuses(service) == ["todo" if attempt < 3 else "failed"]
    assert service.rows("SELECT attempts, error FROM treaty.job_failure") == [(3, "the worker ended while it ran")]
    # Whoever shows that it lives keeps what it does.
    service.rows("INSERT INTO treaty.procrastinate_workers DEFAULT VALUES")
    service.rows(
        "UPDATE treaty.procrastinate_jobs SET status = 'doing', worker_id = worker.id"
        " FROM treaty.procrastinate_workers AS worker"
    )
    assert service.run(rescue(own(service), {COPY.key: COPY})) == 0
    assert service.run(rescue(own(service), {COPY.key: COPY}, stalled_seconds=-1)) == 1


def test_a_worker_that_stops_ends_what_it_does_or_puts_it_back(service: Notes, copying: Copying) -> None:
    quick, slow = service.organization(), service.organization()
    running, stop = asyncio.Semaphore(0), asyncio.Event()

    async def take_time(uow: UnitOfWork, payload: CopyInput) -> None:
        running.release()
        await stop.wait()
        await asyncio.sleep(0.1 if uow.tenant == quick else 60)

    async def work() -> None:
        copying.also = take_time
        settings = own(service).settings.model_copy(update={"shutdown_timeout": 1})
        async with Queue.open(replace(own(service), settings=settings), [Task(COPY, copying)]) as queue:
            working = asyncio.create_task(queue.run(stop))
            await running.acquire()
            await running.acquire()
            stop.set()
            await working

    enqueue(service, quick, "quick")
    enqueue(service, slow, "slow")
    service.run(work())
    assert statuses(service) == ["succeeded", "todo"]
    assert (notes(service, quick), notes(service, slow)) == (["quick"], [])
    copying.also = None
    assert drain(service, Task(COPY, copying)) == 1
    assert notes(service, slow) == ["slow"]


def test_a_worker_that_loses_the_database_comes_back(service: Notes, copying: Copying) -> None:
    organization, stop = service.organization(), asyncio.Event()

    async def cut(uow: UnitOfWork, payload: CopyInput) -> None:
        if payload.title == "one" and len(copying.seen) == 1:
            service.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'treaty%'")

    async def work() -> None:
        copying.also = cut
        job = replace(COPY, backoff=dt.timedelta(0))
        async with Queue.open(own(service), [Task(job, copying)]) as queue:
            working = asyncio.create_task(queue.run(stop))
            while statuses(service).count("succeeded") < 2:
                await asyncio.sleep(0.1)
                await rescue(own(service), {job.key: job}, stalled_seconds=0.5)
            stop.set()
            await working

    enqueue(service, organization, "one")
    enqueue(service, organization, "two")
    service.run(asyncio.wait_for(work(), 60))
    assert notes(service, organization) == ["one", "two"]


def test_a_job_may_wait_by_the_clock(service: Notes, copying: Copying) -> None:
    enqueue(service, service.organization(), after=dt.timedelta(hours=1))
    assert drain(service, Task(COPY, copying)) == 0
    service.clock.advance(dt.timedelta(hours=1))
    assert drain(service, Task(COPY, copying)) == 1


def test_jobs_that_a_worker_does_not_know_wait_for_one_that_does(service: Notes, copying: Copying) -> None:
    enqueue(service, service.organization())
    assert drain(service, Task(NIGHTLY, count)) == 0
    assert statuses(service) == ["todo"]


def test_each_time_of_a_schedule_is_taken_once_for_every_tenant(service: Notes) -> None:
    organizations = sorted(service.organization() for _ in range(3))
    schedulers = [Scheduler(replica.service, [NIGHTLY]) for replica in service.replicas]

    async def tick() -> None:
        await asyncio.gather(*(scheduler.tick() for scheduler in schedulers for _ in range(3)))

    def enqueued() -> list[UUID]:
        return sorted(
            UUID(tenant) for (tenant,) in service.rows("SELECT args ->> 'tenant' FROM treaty.procrastinate_jobs")
        )

    service.run(tick())
    assert enqueued() == []  # what was before there was a worker is not made up for
    service.clock.advance(dt.timedelta(hours=14, minutes=14, seconds=59))
    service.run(tick())
    assert enqueued() == []
    service.clock.advance(dt.timedelta(seconds=1))
    service.run(tick())
    assert enqueued() == organizations
    assert drain(service, Task(NIGHTLY, count)) == 3
    # Nobody looked for three nights: the last one is made up for.
    service.clock.advance(dt.timedelta(days=3))
    schedulers[:] = [Scheduler(replica.service, [NIGHTLY]) for replica in service.replicas]
    service.run(tick())
    assert len(enqueued()) == 6


@pytest.mark.parametrize(
    ("cron", "zone", "now", "expected"),
    [
        ("15 2 * * *", "UTC", "2026-11-20T02:15:00+00:00", "2026-11-20T02:15:00+00:00"),
        ("15 2 * * *", "UTC", "2026-11-20T02:14:59.999999+00:00", "2026-11-19T02:15:00+00:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-07-01T12:00:00+00:00", "2026-07-01T00:30:00+00:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-29T12:00:00+00:00", "2026-03-29T01:00:00+00:00"),  # there is no 2:30
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T12:00:00+00:00", "2026-10-25T00:30:00+00:00"),  # there are two
        ("30 * * * *", "Europe/Berlin", "2026-10-25T01:45:00+00:00", "2026-10-25T01:30:00+00:00"),
    ],
)
def test_times_of_schedules_are_read_in_their_zone(cron: str, zone: str, now: str, expected: str) -> None:
    assert last_time(Schedule(cron, zone), dt.datetime.fromisoformat(now)) == dt.datetime.fromisoformat(expected)


def test_jobs_done_long_ago_are_forgotten_and_failed_ones_are_not(service: Notes, copying: Copying) -> None:
    enqueue(service, service.organization(), "one")
    enqueue(service, service.organization(), "two")
    drain(service, Task(COPY, copying))
    service.rows("UPDATE treaty.procrastinate_jobs SET status = 'failed' WHERE args -> 'input' ->> 'title' = 'two'")
    service.clock.advance(dt.timedelta(days=8))
    service.run(prune(own(service).database, service.clock))
    assert statuses(service) == ["failed"]


def test_who_looks_after_the_queue_sees_and_decides(
    service: Notes, copying: Copying, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = replace(own(service).definition, jobs=(COPY,))
    monkeypatch.setattr(
        commands.opening, "opened_service", lambda: open_service(definition, service.settings, service.clock)
    )
    app = typer.Typer()
    commands.register(app)

    def treaty(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["jobs", *arguments])
        return result.exit_code, result.output

    async def fail(uow: UnitOfWork, payload: CopyInput) -> None:
        raise LookupError(f"no such card: {payload.card}")

    organization, copying.also = service.organization(), fail
    enqueue(service, organization, "one", card=SECRET)
    drain(service, Task(replace(COPY, attempts=1), copying))
    ((job,),) = service.rows("SELECT id FROM treaty.procrastinate_jobs")
    for arguments in (("list", "--state", "failed"), ("show", str(job)), ("list", "--job", COPY.key)):
        code, said = treaty(*arguments)
        assert (code, "LookupError: no such card: [sensitive]" in said, SECRET in said) == (0, True, False)
    assert treaty("list", "--state", "running") == (0, "")
    enqueue(service, organization, "one")
    assert (treaty("retry", str(job))[0], statuses(service)) == (1, ["failed", "todo"])  # another one waits
    copying.also = None
    drain(service, Task(COPY, copying))
    service.rows("DELETE FROM notes_note")
    assert (treaty("retry", str(job))[0], statuses(service)) == (0, ["todo", "succeeded"])
    assert drain(service, Task(COPY, copying)) == 1
    assert notes(service, organization) == ["one"]
    assert treaty("discard", str(job)) == (1, f"Job {job} is done: it can't be discarded.\n")
    enqueue(service, organization, "two")
    ((waiting,),) = service.rows("SELECT id FROM treaty.procrastinate_jobs WHERE status = 'todo'")
    assert treaty("discard", str(waiting))[0] == 0
    code, said = treaty("show", str(waiting))
    assert (code, said.startswith(f"There is no job {waiting}")) == (1, True)


FOLLOW = Job(
    key="notes.follow",
    version="1.0.0",
    input=NoteWritten,
    output=CountOutput,
    each_tenant=True,
    attempts=2,
    backoff=dt.timedelta(seconds=30),
    timeout=dt.timedelta(seconds=20),
    on=NoteWritten,
)


def test_an_event_is_followed_once_in_order_whoever_else_listens(service: Notes) -> None:
    ours, theirs = service.organization(ann="admin"), service.organization(bea="admin")
    seen: list[tuple[UUID, str, int]] = []

    async def follow(uow: UnitOfWork, payload: NoteWritten, /) -> CountOutput:
        seen.append((uow.tenant, payload.title, payload.number))
        if (payload.title, payload.number, seen.count(seen[-1])) == ("one", 1, 1):
            raise LookupError
        return CountOutput(notes=payload.number)

    async def relayed() -> None:
        relays = [Relay(each.service.database, service.clock, Down(), [FOLLOW]) for each in service.replicas]
        await asyncio.gather(*(relay.drain() for relay in relays for _ in range(2)))

    for title in ("one", "two"):  # each told by two events
        service.send("POST", "/notes", service.token("ann"), json={"title": title})
    service.send("POST", "/notes", service.token("bea"), json={"title": "theirs"})
    service.run(relayed())
    service.run(relayed())
    assert len(statuses(service)) == 6
    assert drain(service, Task(FOLLOW, follow)) == 3  # what is to be tried again holds up what comes after it
    assert {one for one in seen if one[0] == ours} == {(ours, "one", 1)}
    assert [one for one in seen if one[0] == theirs] == [(theirs, "theirs", 1), (theirs, "theirs", 2)]
    service.clock.advance(dt.timedelta(minutes=1))
    service.run(relayed())
    assert drain(service, Task(FOLLOW, follow)) == 4
    assert seen[3:] == [(ours, title, number) for title in ("one", "two") for number in (1, 2)]
    assert statuses(service) == ["succeeded"] * 6


class Down:
    """A sink that takes nothing."""

    async def deliver(self, event: OutgoingEvent) -> None:
        raise ConnectionError("down")
