"""Every call of an audited operation leaves a record: answered, replayed, refused at any stage, or failed."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from tests.runtime_http import notes
from tests.runtime_http.conftest import Notes
from treaty_runtime.concerned_rows import ConcernedRows

COLUMNS = "outcome, status, principal_kind, principal_id, tenant"


def test_every_outcome_leaves_a_record(service: Notes) -> None:
    organization = service.organization(ann="reader")
    ann = service.token("ann")
    body = {"title": "one", "requestKey": "k", "secret": "hunter2"}
    for token, path, sent in (
        (None, "/notes", body),
        ("guess", "/notes", body),
        (service.token("eve"), "/notes", body),
        (ann, "/notes", {"title": ""}),
        (ann, "/notes", body),
        (ann, "/notes", body),
        (ann, "/notes", {**body, "title": "two"}),
        (ann, "/notes", {"title": "one"}),
    ):
        service.send("POST", path, token, json=sent)
    kept = {"title": "one", "requestKey": "k"}
    assert service.rows(f"SELECT {COLUMNS}, input FROM treaty.audit ORDER BY id") == [
        ("unauthenticated", 401, "anonymous", "anonymous", None, None),
        ("unauthenticated", 401, "anonymous", "anonymous", None, None),
        ("not_found", 404, "person", "eve", None, None),
        ("invalid", 422, "person", "ann", organization, None),
        ("success", 201, "person", "ann", organization, kept),
        ("replayed", 201, "person", "ann", organization, kept),
        ("idempotency_conflict", 409, "person", "ann", organization, {**kept, "title": "two"}),
        ("title_taken", 409, "person", "ann", organization, {"title": "one"}),
    ]


def test_reads_are_recorded_too(service: Notes) -> None:
    service.organization(ann="reader")
    missing = uuid4()
    service.send("GET", f"/notes/{missing}", service.token("ann"))
    ((outcome, given),) = service.rows("SELECT outcome, input FROM treaty.audit")
    assert (outcome, given) == ("not_found", {"note": str(missing)})


def test_limits_and_roles_are_recorded(service: Notes) -> None:
    organization = service.organization(ann="reader")
    ann = service.token("ann")
    service.send("DELETE", f"/notes/{uuid4()}", ann)
    for _ in range(4):
        service.send("POST", "/limited/user", ann)
    for _ in range(6):
        service.send("POST", "/limited/user", "guess")
    rows = service.rows(f"SELECT {COLUMNS} FROM treaty.audit ORDER BY id")
    assert rows[0] == ("forbidden", 403, "person", "ann", organization)
    assert [row[0] for row in rows[1:5]] == ["success"] * 3 + ["rate_limited"]
    assert rows[-1] == ("too_many_failed_attempts", 429, "anonymous", "anonymous", None)


def test_a_record_says_where_the_call_came_from(service: Notes) -> None:
    service.organization(ann="reader")
    for address, kept in (("192.0.2.7", "192.0.2.7"), ("'; DROP TABLE notes_note; --", "unknown"), ("", "127.0.0.1")):
        service.rows("SET session_replication_role = replica; DELETE FROM treaty.audit")
        headers = {"X-Forwarded-For": address, "X-Request-Id": "mine-1"} if address else {"X-Request-Id": "mine-1"}
        service.send("POST", "/notes", service.token("ann"), json={"title": address or "x"}, headers=headers)
        assert service.rows("SELECT address, request_id, operation, version, at FROM treaty.audit") == [
            (kept, "mine-1", "notes.write", "1.2.3", service.clock.now())
        ]


def test_records_cannot_be_changed(service: Notes) -> None:
    service.organization(ann="reader")
    service.send("POST", "/notes", service.token("ann"), json={"title": "one"})
    for statement in ("UPDATE treaty.audit SET outcome = 'x'", "DELETE FROM treaty.audit"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            service.rows(statement)


def test_a_record_names_the_rows(service: Notes) -> None:
    service.organization(ann="admin")
    ann = service.token("ann")
    note = service.send("POST", "/notes", ann, json={"title": "one", "requestKey": "k"}).json()["note"]
    for method, path, body in (
        ("GET", f"/notes/{note}", None),
        ("POST", "/notes", {"title": "one", "requestKey": "k"}),
        ("POST", "/notes", {"title": "one"}),
        ("DELETE", f"/notes/{note}", None),
        ("GET", f"/notes/{note}", None),
    ):
        service.send(method, path, ann, **({"json": body} if body else {}))
    row = {"entity": "notes.Note", "id": note}
    assert service.rows("SELECT outcome, rows FROM treaty.audit ORDER BY id") == [
        ("success", [row | {"change": "added"}]),
        ("success", [row | {"change": "read"}]),
        ("replayed", []),
        ("title_taken", None),
        ("success", [row | {"change": "deleted"}]),
        ("not_found", None),
    ]


def test_a_record_says_that_a_statement_wrote_rows(service: Notes) -> None:
    service.organization(ann="admin")
    service.send("POST", "/break", service.token("ann"), json={"how": "a statement"})
    ((rows,),) = service.rows("SELECT rows FROM treaty.audit")
    assert [row["change"] for row in rows] == ["added", "deleted"]
    assert rows[1] == {"entity": "notes.Note", "id": "*", "change": "deleted"}


def test_a_record_has_room_for_a_hundred_rows() -> None:
    rows = ConcernedRows()
    for number in range(150):
        rows.note(notes.Note, number, "read")
    rows.note(notes.Note, 149, "changed")
    rows.note(notes.Note, 149, "read")
    listed = rows.as_json()
    assert listed[0] == {"entity": "notes.Note", "id": "149", "change": "changed"}
    assert listed[-1] == {"more": 50}
    assert len(listed) == 101


def test_nobody_writes_the_past(service: Notes) -> None:
    """The app role may add records of its own tenant, the system role any, and neither may change one."""
    organization = service.organization(ann="admin")
    service.send("POST", "/notes", service.token("ann"), json={"title": "one"})
    for url in (service.database.urls.app, service.database.urls.system, service.database.urls.owner or ""):
        for statement in ("UPDATE treaty.audit SET outcome = 'x'", "DELETE FROM treaty.audit", "TRUNCATE treaty.audit"):
            with psycopg.connect(url) as connection:
                connection.execute("SELECT set_config('app.tenant', %s, true)", [str(organization)])
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())
    assert service.rows("SELECT outcome FROM treaty.audit") == [("success",)]
