"""A small service, written as generated code is: notes of organizations, and an operation for every policy word."""

import enum
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal as PyDecimal
from pathlib import Path
from typing import Annotated, Any, ClassVar
from uuid import UUID

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp
from pydantic import Field
from sqlalchemy import DateTime as SADateTime
from sqlalchemy import String, Uuid, func, text
from sqlmodel import Field as Column
from sqlmodel import col, delete, select

from treaty_runtime.definition import Definition, Entitlements, Memberships
from treaty_runtime.exports import serve_csv
from treaty_runtime.fields import Date, DateTime, Decimal, Duration, Email, Integer, Json, Number, Text, Url
from treaty_runtime.identifiers import new_id
from treaty_runtime.jobs.descriptor import Job
from treaty_runtime.models import Entity, Event, Input, Output, Shape
from treaty_runtime.operations import (
    Csv,
    CsvColumn,
    Idempotency,
    Implementation,
    Operation,
    Paging,
    Parameter,
    RateLimit,
    Result,
)
from treaty_runtime.pages import Page
from treaty_runtime.pipeline import serve, serve_batch
from treaty_runtime.refusals import Refusal
from treaty_runtime.unit_of_work import Item, Transaction, UnitOfWork
from treaty_runtime.webhooks.descriptor import Handling, Webhook, Whose
from treaty_runtime.webhooks.receiving import receive

TABLES = """
    CREATE TABLE notes_organization (id uuid PRIMARY KEY, name varchar(100) NOT NULL);
    CREATE TABLE notes_membership (
        id uuid PRIMARY KEY, organization_id uuid NOT NULL REFERENCES notes_organization, person varchar(255) NOT NULL,
        role varchar(32) NOT NULL
    );
    CREATE TABLE notes_note (
        id uuid PRIMARY KEY, organization_id uuid NOT NULL REFERENCES notes_organization, title varchar(100) NOT NULL,
        written_at timestamptz NOT NULL, UNIQUE (organization_id, title)
    );
    CREATE TABLE notes_right (
        id uuid PRIMARY KEY, organization_id uuid NOT NULL REFERENCES notes_organization, thing varchar(80) NOT NULL,
        lapsed_at timestamptz
    );
"""
PROTECTION = """
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON {table} TO treaty_app
        USING ({tenant} = nullif(current_setting('app.tenant', true), '')::uuid);
    CREATE POLICY system ON {table} FOR SELECT TO treaty_system USING (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO treaty_app;
    GRANT SELECT ON {table} TO treaty_system;
"""
SCHEMA = TABLES + "".join(
    PROTECTION.format(table=table, tenant=tenant)
    for table, tenant in (
        ("notes_organization", "id"),
        ("notes_membership", "organization_id"),
        ("notes_note", "organization_id"),
        ("notes_right", "organization_id"),
    )
)


class Organization(Entity, table=True):
    """A tenant."""

    KEY: ClassVar[str] = "notes.Organization"
    TENANT: ClassVar[str | None] = "id"
    __tablename__ = "notes_organization"
    id: UUID = Column(default_factory=new_id, primary_key=True, sa_type=Uuid)
    name: str = Column(sa_type=String(100))


class Membership(Entity, table=True):
    """Who belongs to it."""

    KEY: ClassVar[str] = "notes.Membership"
    TENANT: ClassVar[str | None] = "organization_id"
    __tablename__ = "notes_membership"
    id: UUID = Column(default_factory=new_id, primary_key=True, sa_type=Uuid)
    organization_id: UUID = Column(sa_type=Uuid)
    person: str = Column(sa_type=String(255))
    role: str = Column(sa_type=String(32))


class Note(Entity, table=True):
    """What is written."""

    KEY: ClassVar[str] = "notes.Note"
    TENANT: ClassVar[str | None] = "organization_id"
    STAMPED: ClassVar[tuple[str, ...]] = ("written_at",)
    __tablename__ = "notes_note"
    id: UUID = Column(default_factory=new_id, primary_key=True, sa_type=Uuid)
    organization_id: UUID = Column(sa_type=Uuid)
    title: str = Column(sa_type=String(100))
    written_at: datetime | None = Column(default=None, sa_type=SADateTime(timezone=True))


class Right(Entity, table=True):
    """What is paid for."""

    KEY: ClassVar[str] = "notes.Right"
    TENANT: ClassVar[str | None] = "organization_id"
    __tablename__ = "notes_right"
    id: UUID = Column(default_factory=new_id, primary_key=True, sa_type=Uuid)
    organization_id: UUID = Column(sa_type=Uuid)
    thing: str = Column(sa_type=String(80))
    lapsed_at: datetime | None = Column(default=None, sa_type=SADateTime(timezone=True))


class NoteWritten(Event):
    """A note was written."""

    KEY: ClassVar[str] = "notes.note.written"
    TYPE: ClassVar[str] = "note.written"
    VERSION: ClassVar[str] = "1.0.0"
    title: Text
    number: Integer


class NoteBurnt(Event):
    """An event that no operation promises."""

    KEY: ClassVar[str] = "notes.note.burnt"
    TYPE: ClassVar[str] = "note.burnt"
    VERSION: ClassVar[str] = "1.0.0"


class TitleTaken(Refusal):
    """There is such a note."""

    code = "title_taken"
    status = 409
    title = "There is a note with this title."


class NotDeclared(Refusal):
    """A refusal that no operation promises."""

    code = "not_declared"
    status = 418
    title = "Nobody was told of this."


# --- write: POST /notes -> 201 ---------------------------------------------------------------------------------------


class WriteInput(Input):
    title: Annotated[Text, Field(min_length=1, max_length=100)]
    request_key: Annotated[Text | None, Field(max_length=50)] = None
    secret: Annotated[Text | None, Field(max_length=100)] = None


class WriteOutput(Output):
    note: UUID
    title: Text
    comment: Text | None = None


async def write(uow: UnitOfWork, payload: WriteInput, /) -> WriteOutput:
    taken = await uow.session.exec(select(Note).where(Note.title == payload.title))
    if taken.first() is not None:
        raise TitleTaken(f"There is a note {payload.title} already.")
    note = Note(organization_id=uow.tenant, title=payload.title)
    uow.session.add(note)
    uow.emit(NoteWritten(title=payload.title, number=1))
    uow.emit(NoteWritten(title=payload.title, number=2))
    if payload.title == "refuse after writing":
        await uow.session.flush()
        raise TitleTaken()
    if payload.title == "repeated":
        uow.mark_repeated()
    return WriteOutput(note=note.id, title=payload.title)


WRITE = Operation(
    key="notes.write", version="1.2.3", kind="command", method="POST", path="/notes", status=201,
    input=WriteInput, output=WriteOutput, has_body=True, errors=(TitleTaken,), emits=(NoteWritten,),
    idempotency=Idempotency(field="request_key", keep=timedelta(hours=24)), audit=True,
    sensitive=frozenset({"secret"}),
)  # fmt: skip


# --- read: GET /notes/{note} -----------------------------------------------------------------------------------------


class ReadInput(Input):
    note: UUID


class ReadOutput(Output):
    title: Text
    written_at: DateTime


async def read(uow: UnitOfWork, payload: ReadInput, /) -> ReadOutput:
    note = await uow.get(Note, payload.note)
    assert note.written_at is not None
    return ReadOutput(title=note.title, written_at=note.written_at)


READ = Operation(
    key="notes.read", version="1.0.0", kind="query", method="GET", path="/notes/{note:str}", status=200,
    input=ReadInput, output=ReadOutput, parameters=(Parameter(field="note", place="path", name="note"),),
    audit=True,
)  # fmt: skip


# --- burn: DELETE /notes/{note} -> 204, for admins -------------------------------------------------------------------


class NothingOutput(Output):
    pass


async def burn(uow: UnitOfWork, payload: ReadInput, /) -> NothingOutput:
    await uow.session.delete(await uow.get(Note, payload.note))
    return NothingOutput()


BURN = Operation(
    key="notes.burn", version="1.0.0", kind="command", method="DELETE", path="/notes/{note:str}", status=204,
    input=ReadInput, output=NothingOutput, parameters=(Parameter(field="note", place="path", name="note"),),
    roles=frozenset({"admin", "owner"}), audit=True,
)  # fmt: skip


# --- limited: POST /limited, three a minute for each caller or organization ------------------------------------------


class WhoOutput(Output):
    kind: Text
    id: Text
    roles: list[Text]
    tenant: UUID | None = None


class EmptyInput(Input):
    pass


async def who(uow: UnitOfWork, _: EmptyInput, /) -> WhoOutput:
    return WhoOutput(
        kind=uow.principal.kind, id=uow.principal.id, roles=sorted(uow.principal.roles), tenant=uow.tenant_id
    )


def limited(by: Any) -> Operation[EmptyInput, WhoOutput]:
    return Operation(
        key=f"notes.limited.{by}", version="1.0.0", kind="command", method="POST", path=f"/limited/{by}", status=200,
        input=EmptyInput, output=WhoOutput, audit=True,
        rate_limit=RateLimit(requests=3, per=timedelta(minutes=1), by=by),
    )  # fmt: skip


LIMITED = tuple(limited(by) for by in ("user", "organization", "key"))
LIMITED_OFTEN = Operation(
    key="notes.limited.often", version="1.0.0", kind="command", method="POST", path="/limited/often", status=200,
    input=EmptyInput, output=WhoOutput, rate_limit=RateLimit(requests=200, per=timedelta(minutes=1), by="organization"),
)  # fmt: skip
LIMITED_ANONYMOUS = Operation(
    key="notes.limited.anonymous", version="1.0.0", kind="query", method="GET", path="/limited/anonymous", status=200,
    input=EmptyInput, output=WhoOutput, auth="anonymous",
    rate_limit=RateLimit(requests=3, per=timedelta(minutes=1), by="user"),
)  # fmt: skip

# --- once: POST /once, for anybody ------------------------------------------------------------------------------------


class OnceInput(Input):
    key: Text


class OnceOutput(Output):
    number: UUID


async def once(_: UnitOfWork, __: OnceInput, /) -> OnceOutput:
    return OnceOutput(number=new_id())


# --- who: GET /who, /who/service, /who/anybody ------------------------------------------------------------------------

WHO = Operation(
    key="notes.who", version="1.0.0", kind="query", method="GET", path="/who", status=200,
    input=EmptyInput, output=WhoOutput,
)  # fmt: skip
WHO_SERVICE = Operation(
    key="notes.who.service", version="1.0.0", kind="query", method="GET", path="/who/service", status=200,
    input=EmptyInput, output=WhoOutput, auth="service",
)  # fmt: skip
# --- ledger: POST /ledger, behind a flag, with fields for some roles only ---------------------------------------------


class Line(Shape):
    title: Text
    cost: Decimal | None = None


class LedgerInput(Input):
    key: Text


class LedgerOutput(Output):
    number: UUID
    share: Number
    owner: Text | None = None
    lines: list[Line]
    by_title: dict[Text, Line]


async def ledger(uow: UnitOfWork, _: LedgerInput, /) -> LedgerOutput:
    line = Line(title="Größe", cost=PyDecimal("12.50"))
    return LedgerOutput(number=new_id(), share=1e22, owner=uow.principal.id, lines=[line], by_title={"a": line})


LEDGER = Operation(
    key="notes.ledger", version="1.0.0", kind="command", method="POST", path="/ledger", status=200,
    input=LedgerInput, output=LedgerOutput, has_body=True, flag="ledger", audit=True,
    idempotency=Idempotency(field="key", keep=timedelta(hours=1)),
    read_roles={
        "owner": frozenset({"admin"}), "lines.*.cost": frozenset({"admin", "clerk"}),
        "byTitle.*.cost": frozenset({"clerk"}),
    },
)  # fmt: skip
LEDGER_ANYBODY = Operation(
    key="notes.ledger.anybody", version="1.0.0", kind="query", method="GET", path="/ledger/anybody", status=200,
    input=EmptyInput, output=WhoOutput, auth="anonymous", flag="ledger",
)  # fmt: skip
LEDGER_ADMIN = Operation(
    key="notes.ledger.admin", version="1.0.0", kind="query", method="GET", path="/ledger/admin", status=200,
    input=EmptyInput, output=WhoOutput, roles=frozenset({"admin"}), flag="ledger",
    rate_limit=RateLimit(requests=3, per=timedelta(minutes=1), by="user"),
)  # fmt: skip
ONCE = Operation(
    key="notes.once", version="1.0.0", kind="command", method="POST", path="/once", status=200,
    input=OnceInput, output=OnceOutput, has_body=True, auth="anonymous",
    idempotency=Idempotency(field="key", keep=timedelta(hours=1)),
)  # fmt: skip
WHO_ANYBODY = Operation(
    key="notes.who.anybody", version="1.0.0", kind="query", method="GET", path="/who/anybody", status=200,
    input=EmptyInput, output=WhoOutput, auth="anonymous",
)  # fmt: skip


# --- kept: GET /kept, which callers may keep for a minute ------------------------------------------------------------


class KeptInput(Input):
    desk: Text | None = None


class KeptOutput(Output):
    titles: list[Text]
    reader: Text | None = None


async def kept(uow: UnitOfWork, _: KeptInput, /) -> KeptOutput:
    notes = await uow.session.exec(select(Note).order_by(col(Note.title)))
    return KeptOutput(titles=[note.title for note in notes], reader="admins only")


KEPT = Operation(
    key="notes.kept", version="1.0.0", kind="query", method="GET", path="/kept", status=200,
    input=KeptInput, output=KeptOutput, parameters=(Parameter(field="desk", place="header", name="X-Desk"),),
    rate_limit=RateLimit(requests=10, per=timedelta(minutes=1), by="user"), cache=timedelta(minutes=1), audit=True,
    read_roles={"reader": frozenset({"admin"})},
)  # fmt: skip


# --- echo: POST /echo/{place}, every type there is -------------------------------------------------------------------


class Colour(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(Shape):
    deep_text: Text
    numbers: Annotated[list[Integer], Field(max_length=3)] | None = None


class EchoInput(Input):
    place: Annotated[Text, Field(max_length=5)]
    times: Annotated[Integer, Field(ge=1)] | None = None
    share: Number | None = None
    loud: bool | None = None
    tags: Annotated[list[Annotated[Text, Field(max_length=5)]], Field(max_length=2)] | None = None
    desk: Annotated[Integer, Field(le=9)] | None = None
    text: Text | None = None
    long_text: Annotated[Text, Field(max_length=5000)] | None = None
    class_: Text | None = None
    integer: Integer | None = None
    number: Number | None = None
    decimal: Decimal | None = None
    flag: bool | None = None
    moment: DateTime | None = None
    day: Date | None = None
    span: Duration | None = None
    identifier: UUID | None = None
    url: Url | None = None
    email: Email | None = None
    anything: Json | None = None
    colour: Colour | None = None
    inner: Inner | None = None
    inners: list[Inner] | None = None
    map: dict[Text, Integer] | None = None
    coded: Annotated[Text, Field(pattern="^[A-Z]{2}$")] | None = None
    even: Annotated[Integer, Field(multiple_of=2)] | None = None
    odd_name: Annotated[Text | None, Field(alias="Odd-Name")] = None


class EchoOutput(EchoInput, Output):
    pass


async def echo(_: UnitOfWork, payload: EchoInput, /) -> EchoOutput:
    return EchoOutput(**dict(payload))


ECHO = Operation(
    key="notes.echo", version="1.0.0", kind="command", method="POST", path="/echo/{place:str}", status=200,
    input=EchoInput, output=EchoOutput, has_body=True, auth="anonymous",
    parameters=(
        Parameter(field="place", place="path", name="place"),
        Parameter(field="times", place="query", name="times", kind="integer"),
        Parameter(field="share", place="query", name="share", kind="number"),
        Parameter(field="loud", place="query", name="loud", kind="boolean"),
        Parameter(field="tags", place="query", name="tags", many=True),
        Parameter(field="desk", place="header", name="X-Desk", kind="integer"),
    ),
)  # fmt: skip


# --- break: POST /break, an implementation that does not keep its contract -------------------------------------------


class BreakInput(Input):
    how: Text
    secret: Text | None = None
    secrets: list[Inner] | None = None


class BreakOutput(Output):
    text: Annotated[Text, Field(max_length=5)]
    number: Integer
    moment: DateTime | None = None
    inner: Inner | None = None


async def misbehave(uow: UnitOfWork, payload: BreakInput, /) -> BreakOutput:  # noqa: C901 - one line for each way
    uow.session.add(Note(organization_id=uow.tenant, title=f"left by {payload.how}"))
    await uow.session.flush()
    good = BreakOutput(text="text", number=1)
    match payload.how:
        case "other type":
            return NothingOutput()  # type: ignore[return-value]
        case "nothing":
            return None  # type: ignore[return-value]
        case "a dictionary":
            return {"text": "text", "number": 1}  # type: ignore[return-value]
        case "changed":
            good.text = "too long to be true"
        case "changed type":
            good.number = "1"  # type: ignore[assignment]
        case "changed to an object":
            good.number = object()  # type: ignore[assignment]
        case "constructed":
            return BreakOutput.model_construct(text="text")  # type: ignore[call-arg]
        case "deep":
            good.inner = Inner.model_construct(deep_text=5)  # type: ignore[arg-type]
        case "NUL":
            good.text = "a\x00"
        case "surrogate":
            good.text = "\ud800"
        case "event":
            uow.emit(NoteBurnt())
        case "event payload":
            uow.emit(NoteWritten.model_construct(title="t", number="one"))  # type: ignore[arg-type]
        case "refusal":
            raise NotDeclared
        case "exception":
            raise LookupError(f"the secret is {payload.secret}")
        case "database":
            uow.session.add(Note(organization_id=uow.tenant, title=f"left by {payload.how}"))
        case "a statement":
            await uow.session.exec(delete(Note))
        case "other tenant":
            uow.session.add(Note(organization_id=new_id(), title="stray"))
    return good


BREAK = Operation(
    key="notes.break", version="1.0.0", kind="command", method="POST", path="/break", status=200,
    input=BreakInput, output=BreakOutput, has_body=True, emits=(NoteWritten,), audit=True,
    idempotency=Idempotency(field="how", keep=timedelta(hours=1)),
    sensitive=frozenset({"secret", "secrets.*.deepText"}),
)  # fmt: skip

# --- collect: POST /collected -> 201, many at once ------------------------------------------------------


class CollectInput(Input):
    title: Annotated[Text, Field(min_length=1, max_length=100)]
    request_key: Annotated[Text | None, Field(max_length=50)] = None


class CollectOutput(Output):
    title: Text


GROUPS: list[list[str]] = []
"""The titles that each call of `collect_many` was given."""


async def collect_many(uow: Transaction, items: Sequence[Item[CollectInput]], /) -> list[Result[CollectOutput]]:
    titles = [item.payload.title for item in items]
    GROUPS.append(titles)
    if "disconnect" in titles:
        await (await uow.session.connection()).execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    kept = [title for title in titles if title != "refuse"]
    at = {"organization_id": uow.tenant, "written_at": uow.now}
    await uow.insert_many(Note, [{"id": new_id(), "title": title, **at} for title in kept])
    results = [_collected(item) for item in items]
    return results[:-1] if "one too few" in titles else results


def _collected(item: Item[CollectInput]) -> Result[CollectOutput]:
    title = item.payload.title
    match title:
        case "refuse":
            return TitleTaken()
        case "raise a refusal":
            raise TitleTaken
        case "refuse undeclared":
            return NotDeclared()
        case "explode":
            raise LookupError("in the middle of others")
        case "tell undeclared":
            item.emit(NoteBurnt())
        case "answer wrongly":
            return CollectOutput.model_construct(title=5)  # type: ignore[arg-type]
        case "repeated":
            item.mark_repeated()
    item.emit(NoteWritten(title=title, number=1))
    return CollectOutput(title=title)


COLLECT = Operation(
    key="notes.collect", version="1.0.0", kind="command", method="POST", path="/collected", status=201,
    input=CollectInput, output=CollectOutput, has_body=True, errors=(TitleTaken,), emits=(NoteWritten,), audit=True,
    idempotency=Idempotency(field="request_key", keep=timedelta(hours=1)),
    rate_limit=RateLimit(requests=30, per=timedelta(minutes=1), by="organization"),
)  # fmt: skip


# --- sold, collect_sold: POST /sold and /collected/sold, which only those may call who pay for "extras" --------------

COLLECT_SOLD = replace(COLLECT, key="notes.collect_sold", path="/collected/sold", entitlement="extras")
SOLD = replace(WRITE, key="notes.sold", path="/sold", entitlement="extras")


# --- remind: told by Stripe of an organization (by its name), and a job --------------------------------------------


class RemindInput(Input):
    organization_id: UUID
    title: Annotated[Text, Field(max_length=100)]


class RemindOutput(Output):
    pass


async def remind(uow: UnitOfWork, payload: RemindInput, /) -> RemindOutput:
    uow.session.add(Note(organization_id=uow.tenant, title=payload.title))
    return RemindOutput()


class CountOutput(Output):
    pass


class CountInput(Input):
    event: Text


async def count(_uow: UnitOfWork, _payload: CountInput, /) -> CountOutput:
    return CountOutput()


REMIND = Job(
    key="notes.remind", version="1.0.0", input=RemindInput, output=RemindOutput, each_tenant=True,
    tenant_field="organization_id", attempts=3, backoff=timedelta(seconds=30), timeout=timedelta(seconds=20),
)  # fmt: skip
COUNT = Job(
    key="notes.count_events", version="1.0.0", input=CountInput, output=CountOutput, each_tenant=False,
    attempts=3, backoff=timedelta(seconds=30), timeout=timedelta(seconds=20),
)  # fmt: skip
WEBHOOK = Webhook(
    key="notes.told", version="1.0.0", path="/told", provider="stripe", tolerance=timedelta(minutes=5),
    keep=timedelta(days=30), tenant=Whose("name", "$.data.object.customer"),
    handles=(
        Handling(events=frozenset({"invoice.paid"}), job=REMIND, input={"title": "$.data.object.title"}),
        Handling(
            events=frozenset({"customer.updated"}), job=REMIND, input={"title": "$.data.object.lines[0].title"},
            tenant="$.data.object.id",
        ),
        Handling(events=frozenset({"invoice.paid", "v1.billing.counted"}), job=COUNT, input={"event": "$.id"}),
    ),
)  # fmt: skip

# --- list: GET /list, and all pages in one file at /list/export -------------------------------------------------------


class ListInput(Input):
    begins: Text | None = None
    cursor: Annotated[Text, Field(min_length=1)] | None = None
    limit: Annotated[Integer, Field(ge=1, le=2)] | None = None


class ListItem(Shape):
    title: Text
    written_at: DateTime
    share: Number
    marks: list[Text] | None = None
    cost: Decimal | None = None


class ListOutput(Output):
    notes: list[ListItem]
    next: Text | None = None
    count: Integer
    reader: Text | None = None
    author: Text | None = None


class Meanwhile:
    """What happens before each page but the first is read, and what becomes of the output of each."""

    async def happen(self, uow: UnitOfWork) -> None:
        """Nothing, unless a test says so."""

    def made(self, output: ListOutput) -> ListOutput:
        """The output, unless a test says else."""
        return output


MEANWHILE = Meanwhile()


async def list_notes(uow: UnitOfWork, payload: ListInput, page: Page[tuple[str]], /) -> ListOutput:
    if page.after is not None:
        await MEANWHILE.happen(uow)
    wanted = select(Note).where(col(Note.title).startswith(payload.begins or "", autoescape=True))
    notes = (await uow.session.exec(page.of(wanted, Note.title))).all()
    count = (await uow.session.exec(select(func.count()).select_from(wanted.subquery()))).one()
    output = ListOutput(
        notes=[_listed(note) for note in notes], count=count, reader="admins only", author="Gr\u00f6\u00dfe\r\n"
    )
    return MEANWHILE.made(output)


def _listed(note: Note) -> ListItem:
    assert note.written_at is not None
    marks = [note.title] if note.title.startswith("marked") else None
    return ListItem(title=note.title, written_at=note.written_at, share=0.5, marks=marks, cost=PyDecimal("-12.50"))


LIST = Operation(
    key="notes.list", version="1.0.0", kind="query", method="GET", path="/list", status=200,
    input=ListInput, output=ListOutput, errors=(TitleTaken,), audit=True, cache=timedelta(minutes=1),
    parameters=(
        Parameter(field="begins", place="query", name="begins"),
        Parameter(field="cursor", place="query", name="cursor"),
        Parameter(field="limit", place="query", name="limit", kind="integer"),
    ),
    paging=Paging(of="notes", limit=2, order=("title",), position=tuple[str]),
    csv=Csv(
        path="/list/export", file_name="list.csv", of="notes",
        columns=(
            CsvColumn("title", "text"), CsvColumn("writtenAt"), CsvColumn("share"), CsvColumn("marks", "json"),
            CsvColumn("cost"),
        ),
        beside=("count", "reader", "author"),
    ),
    rate_limit=RateLimit(requests=12, per=timedelta(minutes=1), by="user"),
    read_roles={"notes.*.cost": frozenset({"admin"}), "reader": frozenset({"admin"})},
)  # fmt: skip


# --- list_sold: GET /list/sold, and GET /list/sold/export, for who pays for "extras" --------------------------------

LIST_SOLD = replace(
    LIST, key="notes.list_sold", path="/list/sold", entitlement="extras",
    csv=Csv(path="/list/sold/export", file_name="sold.csv", of="notes", columns=(CsvColumn("title", "text"),)),
)  # fmt: skip

IMPLEMENTED: tuple[tuple[Operation[Any, Any], Implementation[Any, Any]], ...] = (
    (WRITE, write), (READ, read), (BURN, burn), (WHO, who), (WHO_SERVICE, who), (WHO_ANYBODY, who), (ECHO, echo),
    (BREAK, misbehave), (KEPT, kept), (LIMITED_ANONYMOUS, who), (LIMITED_OFTEN, who), (ONCE, once),
    (LEDGER, ledger), (LEDGER_ANYBODY, who), (LEDGER_ADMIN, who), (SOLD, write),
    *((operation, who) for operation in LIMITED),
    (LIST, list_notes), (LIST_SOLD, list_notes),
)  # fmt: skip


def definition(folder: Path, *, memberships: bool = True) -> Definition:
    """The definition, with its two files written into `folder`."""
    (folder / "openapi.json").write_bytes(b'{"openapi": "3.1.0",   "info": {}}\n')
    columns: dict[str, dict[str, Any]] = {"columns": {"id": {}, "organization_id": {}, "title": {}, "written_at": {}}}
    (folder / "schema.json").write_text(json.dumps({"tables": {"notes_note": columns}}))
    return Definition(
        title="Notes", version="1.0.0", openapi=folder / "openapi.json", schema=folder / "schema.json",
        operations=tuple(operation for operation, _ in IMPLEMENTED), entities=(Organization, Membership, Note, Right),
        events=(NoteWritten, NoteBurnt), tenant=Organization, webhooks=(WEBHOOK,),
        memberships=Memberships(entity=Membership, person="person", role="role") if memberships else None,
        entitlements=Entitlements(entity=Right, feature="thing", lapsed="lapsed_at"),
    )  # fmt: skip


def routes() -> list[HTTPRouteHandler]:
    """A route for each operation."""
    return [
        _collecting(COLLECT),
        _collecting(COLLECT_SOLD),
        _told(),
        _exporting(LIST),
        _exporting(LIST_SOLD),
        *(_route(operation, implementation) for operation, implementation in IMPLEMENTED),
    ]


def _told() -> HTTPRouteHandler:
    async def handler(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await receive(WEBHOOK, request)

    return HTTPRouteHandler(WEBHOOK.path, http_method="POST", name=WEBHOOK.key, status_code=200)(handler)


def _collecting(operation: Operation[CollectInput, CollectOutput]) -> HTTPRouteHandler:
    async def handler(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await serve_batch(operation, collect_many, request)

    return HTTPRouteHandler(operation.path, http_method="POST", name=operation.key, status_code=201)(handler)


def _exporting(operation: Operation[ListInput, ListOutput]) -> HTTPRouteHandler:
    export = operation.as_csv()

    async def handler(request: Request[Any, Any, Any]) -> ASGIApp:
        return serve_csv(export, list_notes, request)

    return HTTPRouteHandler(export.path, http_method="GET", name=export.identity)(handler)


def _route(operation: Operation[Any, Any], implementation: Implementation[Any, Any]) -> HTTPRouteHandler:
    async def handler(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await serve(operation, implementation, request)

    status = 200 if operation.status == 204 else operation.status  # the response says 204 itself
    return HTTPRouteHandler(operation.path, http_method=operation.method, name=operation.key, status_code=status)(
        handler
    )


def without_tenant(definition: Definition) -> Definition:
    """A definition of contracts that have no entity for tenants."""
    return replace(definition, tenant=None, memberships=None)
