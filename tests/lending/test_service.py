"""The library's service over HTTP: everything that its contracts say and billing's do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.lending.conftest import BOOK, COPY, ELSEWHERE, READER, SECRET, Lending
from tests.support.project import Project

LOAN = {"copy": COPY, "reader": READER, "from": "2030-01-31", "class": "2-weeks", "json": {"a": [None, 1.5, "é"]}}


def lend(client: httpx.Client, **changes: Any) -> httpx.Response:
    """Lend the copy, with a key of its own."""
    return client.post(
        "/lending/loans", json={**LOAN, **changes}, headers={"Idempotency-Key": uuid4().hex, "X-Desk": "7"}
    )


def code(answer: httpx.Response) -> tuple[int, str]:
    """How it was refused."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return answer.status_code, answer.json()["code"]


def take_back_everything(lending: Lending) -> None:
    """So that each test finds the copy at home."""
    lending.service.database.execute("DELETE FROM lending_loan")


def test_the_document_is_served_as_generated(lending: Lending) -> None:
    with lending.service.client() as client:
        served = client.get("/openapi.json")
    assert served.content == (lending.service.project.folder / "generated" / "openapi.json").read_bytes()


def test_a_loan_from_beginning_to_end(lending: Lending) -> None:
    take_back_everything(lending)
    with lending.service.client(lending.token("librarian")) as client:
        lent = lend(client)
        assert lent.status_code == 201, lent.text
        loan = lent.json()
        assert loan == {
            "loan": loan["loan"], "period": {"from": "2030-01-31", "until": "2030-02-14"}, "class": "2-weeks",
            "fee": "0.75", "renewals": 0, "desk": 7,
        }  # fmt: skip
        assert code(lend(client)) == (409, "copy_on_loan")

        put = client.put(f"/lending/loans/{loan['loan']}/until", json={"until": "2030-03-01", "why": "it's long"})
        assert put.json() == {"until": "2030-03-01", "renewals": 1, "left": 1}, put.text

        back = client.delete(
            f"/lending/loans/{loan['loan']}",
            params=[("on", "2030-02-28"), ("damages", "wet"), ("damages", "torn"), ("fines", "5"), ("fines", "10")],
            headers={"X-Class": "with-a-bang"},
        )
        assert back.json() == {"returnedOn": "2030-02-28", "fee": "4.40", "damages": ["wet", "torn"]}, back.text
        assert code(client.put(f"/lending/loans/{loan['loan']}/until", json={"until": "2030-04-01"})) == (
            409,
            "loan_is_over",
        )


def test_the_key_in_the_header_makes_requests_one(lending: Lending) -> None:
    take_back_everything(lending)
    with lending.service.client(lending.token("self-service")) as client:
        headers = {"Idempotency-Key": uuid4().hex}
        first, again = (client.post("/lending/loans", json=LOAN, headers=headers) for _ in range(2))
        assert first.status_code == again.status_code == 201
        assert first.content == again.content
        assert again.headers["idempotency-replayed"] == "true"
        other = client.post("/lending/loans", json={**LOAN, "class": "class"}, headers=headers)
        assert code(other) == (409, "idempotency_conflict")
        assert code(client.post("/lending/loans", json=LOAN)) == (422, "invalid")
        in_the_body = client.post("/lending/loans", json={**LOAN, "requestKey": "in-the-body"}, headers=headers)
        assert code(in_the_body) == (422, "invalid")


def test_events_are_stored_once(lending: Lending) -> None:
    take_back_everything(lending)
    with lending.service.client(lending.token("librarian")) as client:
        loan = lend(client).json()["loan"]
        client.delete(f"/lending/loans/{loan}")
        client.delete(f"/lending/loans/{loan}")
    told = lending.service.database.execute(
        "SELECT type, payload FROM treaty.outbox WHERE payload->>'loan' = %s ORDER BY id", [loan]
    )
    assert [kind for kind, _ in told] == ["library.loan.started", "lending.loan.returned"]
    assert told[0][1]["class"] == "2-weeks"
    assert told[0][1]["notes"] == LOAN["json"]
    assert told[0][1]["period"] == {"from": "2030-01-31", "until": "2030-02-14"}
    assert told[1][1]["reader"] == {"card": "ZZ9999", "email": "rita@readers.example"}


def test_anybody_may_search(lending: Lending) -> None:
    with lending.service.client() as client:
        found = client.get(
            "/lending/books",
            params=[
                ("language", "no"),
                ("language", "en"),
                ("year", "2001"),
                ("withSequels", "false"),
                ("maxPrice", "20"),
            ],
        )
        assert found.status_code == 200, found.text
        assert [book["isbn"] for book in found.json()["books"]] == ["9788202000000"]
        assert found.json()["byLanguage"] == {"no": 1}
        assert found.json()["query"] == {"limit": 20, "languages": ["no", "en"]}
        assert client.get("/lending/books?title=%25").json()["books"] == []
        for query in (
            "language=xx", "language=", "limit=0", "limit=51", "limit=1.0", "limit=+1", "limit=%201", "limit=1&limit=2",
            "withSequels=1", "withSequels=True", "from=2001-2-3", "maxPrice=1e2x", "minWidth=NaN", "minWidth=inf",
            "year=0x7d1", "language=no&language=no&language=no&language=no&language=no", "colour=red", "title=%00",
        ):  # fmt: skip
            assert code(client.get(f"/lending/books?{query}")) == (422, "invalid"), query


def test_the_catalogue_is_read_only(lending: Lending) -> None:
    """No row-level security lets a tenant in where there are no tenants: the app role may only read."""
    rights = lending.service.database.execute(
        "SELECT string_agg(privilege_type, ',' ORDER BY privilege_type) FROM information_schema.role_table_grants"
        " WHERE grantee = 'treaty_app' AND table_name = 'lending_book'"
    )
    assert rights == [("SELECT",)]


def test_one_book(lending: Lending) -> None:
    with lending.service.client(lending.token()) as client:
        card = client.get("/lending/books/9788202000001").json()
        assert card == {
            "isbn": "9788202000001", "title": "Reisen", "language": "no", "publishedOn": "2001-02-03",
            "price": "19.99", "authors": ["Åse"], "editions": [], "prices": {}, "class": "fiction",
            "sequelOf": "9788202000000",
        }  # fmt: skip
        assert code(client.get("/lending/books/9780000000000")) == (404, "book_unknown")
        assert code(client.get("/lending/books/978")) == (422, "invalid")
    with lending.service.client() as client:
        assert code(client.get("/lending/books/9788202000001")) == (401, "unauthenticated")


def test_roles_come_from_the_token(lending: Lending) -> None:
    with lending.service.client(lending.token("visitor")) as client:
        assert code(lend(client)) == (403, "forbidden")
    with lending.service.client(lending.service.token("ann", roles=["librarian"])) as client:
        assert code(lend(client))[0] in (400, 401, 404)  # in no library at all
    with lending.service.client() as client:
        assert code(lend(client)) == (401, "unauthenticated")


def test_another_library_sees_nothing(lending: Lending) -> None:
    take_back_everything(lending)
    with lending.service.client(lending.token("librarian")) as client:
        loan = lend(client).json()["loan"]
    with lending.service.client(lending.token("librarian", library=ELSEWHERE)) as client:
        assert code(lend(client)) == (404, "copy_unknown")
        assert code(client.put(f"/lending/loans/{loan}/until", json={"until": "2030-04-01"})) == (404, "loan_unknown")
        assert code(client.delete(f"/lending/readers/{READER}")) == (404, "reader_unknown")
        report = client.get("/lending/reports/loans", params={"from": "2000-01-01", "until": "2100-01-01"})
        assert report.json() == {"days": [], "totals": {}}


def test_services_only(lending: Lending) -> None:
    body = {"shelf": 'B"2"', "order": 3, "weight": 0.25}
    with lending.service.client(lending.token("librarian")) as client:
        assert code(client.put(f"/lending/copies/{COPY}/shelf", json=body)) == (403, "forbidden")
    with lending.service.client(lending.key) as client:
        moved = client.put(f"/lending/copies/{COPY}/shelf", json=body)
        assert moved.json() == {"copy": COPY, "shelf": 'B"2"', "order": 3, "moved": True}, moved.text
        assert client.put(f"/lending/copies/{COPY}/shelf", json=body).json()["moved"] is False
        assert code(client.put(f"/lending/copies/{BOOK}/shelf", json=body)) == (404, "copy_unknown")
        for wrong in ({"order": 0}, {"weight": 0}, {"weight": 50.1}, {"shelf": ""}, {"copy": COPY}):
            assert code(client.put(f"/lending/copies/{COPY}/shelf", json={**body, **wrong})) == (422, "invalid"), wrong


def test_a_reader_comes_and_goes(lending: Lending) -> None:
    secret = SECRET
    body = {
        "name": secret, "email": f"{secret}@readers.example", "birthday": "2020-02-29", "cardNumber": "SE0001",
        "sponsor": "ZZ9999", "address": {"street": secret, "city": "Oslo", "lines": [secret]},
        "interests": [{"language": "no", "class": "o'clock"}, {"language": "is", "since": "2024-01-01"}],
    }  # fmt: skip
    with lending.service.client(lending.token("librarian")) as client:
        made = client.post("/lending/readers", json=body)
        assert made.status_code == 201, made.text
        assert made.json()["interests"] == [{"language": "no", "class": "o'clock"}, {"language": "is"}]
        assert code(client.post("/lending/readers", json=body)) == (409, "card_taken")
        refused = client.post("/lending/readers", json={**body, "email": secret, "address": {"street": secret}})
        assert code(refused) == (422, "invalid")
        assert secret not in refused.text
        unknown = client.post("/lending/readers", json={**body, "cardNumber": "SE0002", secret: secret})
        assert code(unknown) == (422, "invalid")
        gone = client.delete(f"/lending/readers/{made.json()['reader']}")
        assert (gone.status_code, gone.content) == (204, b"")
        assert "content-type" not in gone.headers
        assert code(client.delete(f"/lending/readers/{made.json()['reader']}")) == (404, "reader_unknown")
    audited = lending.service.database.execute(
        "SELECT input, outcome FROM treaty.audit WHERE operation = 'lending.reader.register'"
    )
    assert len(audited) >= 3
    assert secret not in json.dumps(audited, default=str)
    assert any(given and given.get("cardNumber") == "SE0001" for given, _ in audited)


def test_the_report_is_limited(lending: Lending) -> None:
    lending.service.database.execute("DELETE FROM treaty.rate_limit")
    with lending.service.client(lending.token("auditor")) as client:
        asked = {"from": "2000-01-01", "until": "2100-01-01"}
        for _ in range(3):
            answer = client.get("/lending/reports/loans", params=asked)
            assert answer.status_code == 200, answer.text
        refused = client.get("/lending/reports/loans", params=asked)
        assert code(refused) == (429, "rate_limited")
        assert 1 <= int(refused.headers["retry-after"]) <= 3600
    lending.service.database.execute("DELETE FROM treaty.rate_limit")


def test_the_income_is_for_auditors(lending: Lending) -> None:
    take_back_everything(lending)
    with lending.service.client(lending.token("librarian")) as client:
        lend(client)
    lending.service.database.execute("DELETE FROM treaty.rate_limit")
    asked = {"from": "2000-01-01", "until": "2100-01-01"}
    seen = {}
    for role in ("librarian", "auditor"):
        with lending.service.client(lending.token(role)) as client:
            seen[role] = client.get("/lending/reports/loans", params=asked).json()
    assert seen["auditor"].pop("income") == "0.75"
    assert seen["librarian"] == seen["auditor"]
    take_back_everything(lending)
    lending.service.database.execute("DELETE FROM treaty.rate_limit")


def test_visits_stay(lending: Lending) -> None:
    take_back_everything(lending)
    with lending.service.client(lending.token("librarian")) as client:
        lend(client)
    assert lending.service.database.execute("SELECT count(*) FROM lending_visit WHERE card = 'ZZ9999'")[0][0] > 0


def test_verify_keeps_every_promise(lending: Lending) -> None:
    """All scenarios, examples and feature files, on a database of its own."""
    said = lending.service.project.run("treaty", "verify", COLUMNS="200")
    assert said.returncode == 0, said.stdout
    for line in ("prolong-twice-but-not-thrice", "lend-in-house", "find-the-sequel", "Several at once"):
        assert line in said.stdout


def test_a_broken_promise_is_red(lending: Lending, tmp_path: Path) -> None:
    names = ("contracts", "features", "generated", "lending", "migrations", "pyproject.toml")
    project = Project.copy(lending.service.project.folder, tmp_path / "lending", names)
    loan = project.folder / "lending" / "loan.py"
    loan.write_text(loan.read_text().replace('"1.50"', '"1.60"'))
    said = project.run("treaty", "verify", COLUMNS="200")
    assert said.returncode == 1, said.stdout
    assert "lending.loan.start" in said.stdout
    assert "1.50" in said.stdout
    assert "1.60" in said.stdout
