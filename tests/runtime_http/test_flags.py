"""Feature flags: for whom an operation is there, and what it looks like for everybody else."""

from __future__ import annotations

import json
from itertools import pairwise
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest

from tests.runtime_http.conftest import Notes, code
from tests.runtime_http.test_commands import environment, project
from tests.support.project import Project
from treaty_runtime.flags import is_in_share, turn

__all__ = ["project"]  # a fixture of theirs


def on(service: Notes, *tenants: UUID, percent: int = 100) -> None:
    """Turn the flag at one replica; the requests come to another."""
    service.run(turn(service.replicas[1].service, "ledger", percent=percent, tenants=tenants))


def status(service: Notes, organization: UUID) -> int:
    return service.send("GET", "/ledger/admin", service.key(organization, ["admin"]).text).status_code


def test_a_flag_that_nobody_turned_is_off(service: Notes) -> None:
    service.organization(ann="admin")
    answers = [
        service.send("GET", path, service.token("ann")) for path in ("/ledger/admin", "/ledger/anybody", "/none")
    ]
    assert [code(answer) for answer in answers] == [(404, "not_found")] * 3
    assert len({answer.json()["detail"] for answer in answers}) == 1, "as if there were no such path"
    service.send("POST", "/ledger", service.token("ann"), json={"key": "k"})
    assert service.rows("SELECT outcome, principal_id FROM treaty.audit") == [("not_found", "ann")]


def test_single_tenants_come_first(service: Notes) -> None:
    ours, theirs = service.organization(), service.organization()
    seen = []
    for percent, tenants in ((100, [ours]), (100, []), (0, [ours]), (0, []), (100, [theirs])):
        on(service, *tenants, percent=percent)
        anybody = service.send("GET", "/ledger/anybody").status_code
        seen.append((status(service, ours), status(service, theirs), anybody))
    assert seen == [(200, 404, 404), (200, 200, 200), (404, 200, 200), (404, 404, 404), (404, 200, 404)]


def test_a_share_of_the_tenants_is_on(service: Notes) -> None:
    organizations = [service.organization() for _ in range(4)]
    for percent in (1, 50, 100):
        on(service, percent=percent)
        for each in organizations:
            assert status(service, each) == (200 if is_in_share("ledger", each, percent) else 404)
        assert service.send("GET", "/ledger/anybody").status_code == (200 if percent == 100 else 404)


def test_a_share_grows_and_loses_nobody() -> None:
    tenants = [uuid5(NAMESPACE_OID, str(number)) for number in range(1000)]
    shares = [{each for each in tenants if is_in_share("ledger", each, percent)} for percent in range(101)]
    assert all(less <= more for less, more in pairwise(shares))
    assert [round(len(shares[percent]), -2) for percent in (0, 20, 50, 100)] == [0, 200, 500, 1000]
    assert {each for each in tenants if is_in_share("other", each, 20)} != shares[20], "each flag draws its own lots"


def test_it_stands_between_the_tenant_and_the_roles(service: Notes) -> None:
    organization = service.organization(ann="reader")
    ann, scoped = service.token("ann"), service.key(organization, ["admin"], scopes=["notes.who"]).text
    elsewhere = {"Treaty-Tenant": str(UUID(int=7))}
    assert code(service.send("GET", "/ledger/admin")) == (401, "unauthenticated")
    for credentials in (ann, scoped):
        assert code(service.send("GET", "/ledger/admin", credentials)) == (404, "not_found")
    on(service)
    for credentials in (ann, scoped):
        assert code(service.send("GET", "/ledger/admin", credentials)) == (403, "forbidden")
    assert code(service.send("GET", "/ledger/admin", ann, headers=elsewhere)) == (404, "not_found")
    assert service.rows("SELECT count(*) FROM treaty.rate_limit") == [(0,)]


def test_flags_are_turned_from_the_command_line(service: Notes, project: Project) -> None:
    organization = service.organization()
    settings = environment(service)
    for arguments, there in (
        (("on", "ledger", "--percent", "100"), 200),
        (("off", "ledger", "--tenant", str(organization)), 404),
    ):
        assert project.must("treaty", "flag", *arguments, **settings) == ""
        assert status(service, organization) == there
    listed = json.loads(project.must("treaty", "flag", "list", **settings))
    del listed["changed_at"]
    assert listed == {"flag": "ledger", "percent": 100, "on": [], "off": [str(organization)]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("on", "leger"), "No operation is behind a flag leger. The flags of the contracts: ledger."),
        (("on", "ledger", "--tenant", str(UUID(int=7))), f"There is no Organization with the id {UUID(int=7)}."),
        (("on", "ledger", "--percent", "20", "--tenant", str(UUID(int=7))), "Usage:"),
    ],
)
def test_what_cannot_be_turned(arguments: tuple[str, ...], said: str, service: Notes, project: Project) -> None:
    answer = project.run("treaty", "flag", *arguments, **environment(service))
    assert answer.returncode != 0
    assert answer.stdout.strip().startswith(said)
    assert service.rows("SELECT count(*) FROM treaty.flag_tenant") == [(0,)]
