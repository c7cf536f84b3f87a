"""For whom: memberships, the header that chooses, and what another tenant's rows look like."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.runtime_http import notes
from tests.runtime_http.conftest import Notes, code
from treaty_runtime.acceptance.server import Server
from treaty_runtime.application import build_app


def test_a_person_with_several_memberships_chooses(service: Notes) -> None:
    first, second = service.organization(ann="admin"), service.organization(ann="reader")
    token = service.token("ann")
    assert code(service.send("GET", "/who", token)) == (400, "tenant_required")
    for organization, roles in ((first, ["admin"]), (second, ["reader"])):
        for spelt in (str(organization), str(organization).upper()):
            answer = service.send("GET", "/who", token, headers={"Treaty-Tenant": spelt}).json()
            assert (answer["tenant"], answer["roles"]) == (str(organization), roles)


@pytest.mark.parametrize("asked_for", [str(UUID(int=5)), "", "nonsense", "None", "%00", "a" * 5000])
def test_a_tenant_one_does_not_belong_to_is_not_there(service: Notes, asked_for: str) -> None:
    organization = service.organization(ann="admin")
    key = service.key(organization)
    for credentials in (service.token("ann"), key.text):
        answer = service.send("GET", "/who", credentials, headers={"Treaty-Tenant": asked_for})
        assert code(answer) == (404, "not_found")


def test_another_s_tenant_is_as_if_it_did_not_exist(service: Notes) -> None:
    service.organization(ann="admin")
    other = service.organization(bob="admin")
    answers = [
        service.send("GET", "/who", service.token("ann"), headers={"Treaty-Tenant": str(tenant)}).json()
        for tenant in (other, uuid4())
    ]
    assert {answer.pop("requestId") for answer in answers}
    assert answers[0] == answers[1]


def test_who_belongs_nowhere_finds_nothing(service: Notes) -> None:
    assert code(service.send("GET", "/who", service.token("ann"))) == (404, "not_found")


def test_a_token_may_be_for_one_tenant_only(service: Notes) -> None:
    first, second = service.organization(ann="admin"), service.organization(ann="admin")
    bound = service.token("ann", tenant=first)
    assert service.send("GET", "/who", bound).json()["tenant"] == str(first)
    assert code(service.send("GET", "/who", bound, headers={"Treaty-Tenant": str(second)})) == (404, "not_found")
    assert code(service.send("GET", "/who", service.token("ann", tenant=uuid4()))) == (404, "not_found")


def test_claims_give_no_roles_where_memberships_do(service: Notes) -> None:
    organization = service.organization(ann="reader")
    token = service.token("ann", tenant=organization, roles=["admin"])
    assert service.send("GET", "/who", token).json()["roles"] == ["reader"]


def test_a_membership_that_ended_ends_now(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    assert service.send("GET", "/who", token).status_code == 200
    service.rows("DELETE FROM notes_membership")
    assert code(service.send("GET", "/who", token)) == (404, "not_found")


def test_roles_are_asked_for_after_the_tenant(service: Notes) -> None:
    organization = service.organization(ann="reader", bob="owner")
    note = service.send("POST", "/notes", service.token("ann"), json={"title": "mine"}).json()["note"]
    assert code(service.send("DELETE", f"/notes/{note}")) == (401, "unauthenticated")
    refused = service.send("DELETE", f"/notes/{note}", service.token("ann"))
    assert code(refused) == (403, "forbidden")
    assert "admin, owner" in refused.json()["detail"]
    assert code(service.send("DELETE", f"/notes/{note}", service.key(organization).text)) == (403, "forbidden")
    burnt = service.send("DELETE", f"/notes/{note}", service.token("bob"))
    assert (burnt.status_code, burnt.content) == (204, b"")
    assert "content-type" not in burnt.headers
    assert service.rows("SELECT count(*) FROM notes_note") == [(0,)]


def test_another_tenant_s_row_is_not_there(service: Notes) -> None:
    service.organization(ann="admin")
    service.organization(eve="admin")
    note = service.send("POST", "/notes", service.token("ann"), json={"title": "mine"}).json()["note"]
    assert service.send("GET", f"/notes/{note}", service.token("ann")).json()["title"] == "mine"
    for method in ("GET", "DELETE"):
        answers = [service.send(method, f"/notes/{each}", service.token("eve")) for each in (note, uuid4())]
        assert [code(answer) for answer in answers] == [(404, "not_found")] * 2
        assert answers[0].json()["detail"] == answers[1].json()["detail"]
    assert service.rows("SELECT title FROM notes_note") == [("mine",)]


@pytest.mark.parametrize("with_tenant", [True, False])
def test_without_a_list_of_members_the_token_says_where(service: Notes, tmp_path: Path, *, with_tenant: bool) -> None:
    organization = service.organization()
    definition = notes.definition(tmp_path, memberships=False)
    if not with_tenant:
        definition = notes.without_tenant(definition)
    server = Server(build_app(definition, notes.routes(), settings=service.settings, clock=service.clock))
    assert service.run(server.start())
    try:
        token = service.token("ann", tenant=organization, roles=["admin"])
        there = service.send("GET", f"{server.address}/who", token).json()
        nowhere = service.send("GET", f"{server.address}/who", service.token("ann", roles=["admin"]))
        elsewhere = service.send("GET", f"{server.address}/who", token, headers={"Treaty-Tenant": str(uuid4())})
    finally:
        service.run(asyncio.wait_for(server.stop(), 60))
    assert there["roles"] == ["admin"]
    assert there.get("tenant") == (str(organization) if with_tenant else None)
    if with_tenant:
        assert code(nowhere) == (404, "not_found")
        assert code(elsewhere) == (404, "not_found")
    else:
        for answer in (nowhere, elsewhere):
            assert (answer.status_code, answer.json()["roles"]) == (200, ["admin"])
            assert "tenant" not in answer.json()
