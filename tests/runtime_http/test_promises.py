"""What an implementation may not do: its contract is kept, or nothing happened and the log says what was wrong."""

from __future__ import annotations

import json

import pytest

from tests.runtime_http.conftest import Notes, code

BROKEN = {
    "other type": "notes.break promises BreakOutput, and its implementation returned NothingOutput.",
    "nothing": "notes.break promises BreakOutput, and its implementation returned NoneType.",
    "a dictionary": "notes.break promises BreakOutput, and its implementation returned dict.",
    "changed": "notes.break made a BreakOutput that breaks its schema: text must have 5 characters or fewer.",
    "changed type": "notes.break made a BreakOutput that breaks its schema: number must be an integer.",
    "changed to an object": "notes.break made a BreakOutput with a value that JSON cannot hold.",
    "constructed": "notes.break made a BreakOutput that breaks its schema: number is required.",
    "deep": "notes.break made a BreakOutput that breaks its schema: inner.deepText must be a string.",
    "NUL": "notes.break made a BreakOutput that breaks its schema: text must not contain the character NUL.",
    "surrogate": "notes.break made a BreakOutput with a value that JSON cannot hold.",
    "event": "notes.break emitted NoteBurnt, which its contract does not name under `emits`.",
    "event payload": "notes.break made a NoteWritten that breaks its schema: number must be an integer.",
    "refusal": "notes.break refused with NotDeclared (not_declared), which its contract does not name under `errors`.",
    "exception": "the secret is [sensitive]",
    "database": "UniqueViolation 23505 at notes_note notes_note_organization_id_title_key",
    "other tenant": "InsufficientPrivilege 42501",
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_promise_undoes_everything(service: Notes, how: str) -> None:
    organization = service.organization(ann="admin")
    answer = service.send("POST", "/break", service.token("ann"), json={"how": how, "secret": "hunter2"})
    assert code(answer) == (500, "internal")
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text
    for table in ("notes_note", "treaty.outbox", "treaty.idempotency"):
        assert service.rows(f"SELECT count(*) FROM {table}") == [(0,)], table
    (line,) = service.logged("request_failed")
    assert line["message"] == BROKEN[how]
    assert line["request_id"] == answer.json()["requestId"]
    assert (line["operation"], line["tenant"], line["principal"]) == ("notes.break", str(organization), "person:ann")
    assert any("test" in frame or "runtime" in frame for frame in line["where"])
    assert "hunter2" not in json.dumps(service.lines, default=str)
    assert service.rows("SELECT outcome, status, input FROM treaty.audit") == [("internal", 500, {"how": how})]


def test_a_kept_promise_is_kept(service: Notes) -> None:
    service.organization(ann="admin")
    answer = service.send("POST", "/break", service.token("ann"), json={"how": "well"})
    assert answer.json() == {"text": "text", "number": 1}
    assert service.rows("SELECT title FROM notes_note") == [("left by well",)]


def test_what_a_refusal_says_shows_nothing_sensitive(service: Notes) -> None:
    service.organization(ann="admin")
    for _ in range(2):
        body = {"title": "my swordfish", "secret": "swordfish"}
        answer = service.send("POST", "/notes", service.token("ann"), json=body)
    assert code(answer) == (409, "title_taken")
    assert answer.json()["detail"] == "There is a note my [sensitive] already."


def test_a_declared_refusal_undoes_everything(service: Notes) -> None:
    service.organization(ann="admin")
    answer = service.send("POST", "/notes", service.token("ann"), json={"title": "refuse after writing"})
    assert code(answer) == (409, "title_taken")
    assert answer.json()["detail"] == "There is a note with this title."
    for table in ("notes_note", "treaty.outbox"):
        assert service.rows(f"SELECT count(*) FROM {table}") == [(0,)]


def test_events_are_stored_in_their_order_with_the_transaction(service: Notes) -> None:
    organization = service.organization(ann="admin")
    answer = service.send("POST", "/notes", service.token("ann"), json={"title": "one"})
    assert service.rows(
        "SELECT tenant, type, key, version, payload, request_id, occurred_at, published_at"
        " FROM treaty.outbox ORDER BY id"
    ) == [
        (
            organization, "note.written", "notes.note.written", "1.0.0", {"title": "one", "number": number},
            answer.headers["x-request-id"], service.clock.now(), None,
        )
        for number in (1, 2)
    ]  # fmt: skip
    assert service.rows("SELECT written_at FROM notes_note") == [(service.clock.now(),)]


def test_fields_without_a_value_are_left_out(service: Notes) -> None:
    service.organization(ann="admin")
    answer = service.send("POST", "/notes", service.token("ann"), json={"title": "one"})
    assert set(answer.json()) == {"note", "title"}
