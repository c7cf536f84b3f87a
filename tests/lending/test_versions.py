"""Two versions of one operation, served together: each with its path, its function, its event, its end."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from tests.lending.conftest import COPY, READER, Lending
from tests.lending.test_service import lend, take_back_everything

ENDING = {"deprecation": "@1793491200", "sunset": "Wed, 30 Jun 2027 00:00:00 GMT"}
SUCCESSOR = '</lending/loans>; rel="successor-version"'
NO_LOAN = "018f0000-0000-7000-8000-00000000dead"


def lend_as_before(client: httpx.Client, key: str | None = None, **changes: object) -> httpx.Response:
    """Lend the copy by version 1."""
    body = {"copy": COPY, "reader": READER, "requestKey": key or uuid4().hex, **changes}
    return client.post("/lending/v1/loans", json=body)


def says_its_end(answer: httpx.Response) -> bool:
    """Whether an answer has all the headers of version 1, once each."""
    told = {name: answer.headers.get_list(name) for name in (*ENDING, "link")}
    return told == {name: [value] for name, value in (ENDING | {"link": SUCCESSOR}).items()}


def test_both_lend_the_same_copy(lending: Lending) -> None:
    take_back_everything(lending)
    with lending.service.client(lending.token("librarian")) as client:
        lent = lend_as_before(client)
        assert (lent.status_code, lent.json().keys()) == (201, {"loan"}), lent.text
        assert lend(client).json()["code"] == "copy_on_loan"
        take_back_everything(lending)
        assert lend(client).status_code == 201
        assert lend_as_before(client).json()["code"] == "copy_on_loan"
    told = lending.service.database.execute("SELECT type, key, version FROM treaty.outbox ORDER BY id DESC LIMIT 2")
    assert told == [
        ("library.loan.started", "lending.loan.started", "2.0.0"),
        ("library.loan.begun", "lending.loan.started", "1.1.0"),
    ]


def test_every_answer_of_the_old_one_tells_its_end(lending: Lending) -> None:
    take_back_everything(lending)
    key = uuid4().hex
    with lending.service.client(lending.token("librarian")) as client:
        answers = [lend_as_before(client, key), lend_as_before(client, key)]
        answers.append(lend_as_before(client, key, reader=NO_LOAN))  # another request with this key
        answers.append(lend_as_before(client, copy=NO_LOAN))
        answers.append(lend_as_before(client, copy="none"))
        answers.append(client.post("/lending/v1/loans", content=b"{"))
    with lending.service.client() as nobody, lending.service.client(lending.token("auditor")) as auditor:
        answers += [lend_as_before(nobody), lend_as_before(auditor)]
    assert [answer.status_code for answer in answers] == [201, 201, 409, 404, 422, 415, 401, 403]
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert all(says_its_end(answer) for answer in answers), [answer.headers for answer in answers]


def test_the_new_one_and_what_is_no_operation_tell_none(lending: Lending) -> None:
    with lending.service.client(lending.token("librarian")) as client:
        answers = [lend(client), client.get("/lending/v1/loans"), client.get("/lending/status")]
    for answer in answers:
        assert not answer.headers.keys() & {*ENDING, "link"}, answer.headers


@pytest.mark.parametrize(("loan", "status"), [(NO_LOAN, 404), ("a%20%C3%BC%3E%3B%0A%22x", 422)])
def test_the_link_leads_to_the_same_thing(lending: Lending, loan: str, status: int) -> None:
    with lending.service.client(lending.token("librarian")) as client:
        answer = client.post(f"/lending/v1/loans/{loan}/prolongation")
    assert answer.status_code == status
    assert answer.headers["link"] == f'</lending/loans/{loan}/until>; rel="successor-version"'
    assert answer.headers["deprecation"] == ENDING["deprecation"]
    assert "sunset" not in answer.headers


def test_keys_and_limits_belong_to_one_version(lending: Lending) -> None:
    take_back_everything(lending)
    key = uuid4().hex
    with lending.service.client(lending.token("librarian")) as client:
        assert lend_as_before(client, key).status_code == 201
        take_back_everything(lending)
        body = {"copy": COPY, "reader": READER}
        assert client.post("/lending/loans", json=body, headers={"Idempotency-Key": key}).status_code == 201
    stored = lending.service.database.execute(
        "SELECT operation FROM treaty.idempotency WHERE key = %s ORDER BY operation", [key]
    )
    assert stored == [("lending.loan.start@1",), ("lending.loan.start@2",)]
    limits = lending.service.database.execute("SELECT DISTINCT split_part(bucket, ':', 1) FROM treaty.rate_limit")
    assert {("lending.loan.start@1",), ("lending.loan.start@2",)} <= set(limits)


def test_one_version_is_verified(lending: Lending) -> None:
    said = lending.service.project.must("treaty", "verify", "--operation", "lending.loan.start@1", COLUMNS="200")
    assert "lend-as-before" in said
    assert "5 scenarios" in said
    assert "lend-twice" not in said
