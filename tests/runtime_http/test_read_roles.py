"""Fields for some roles only: left out of what others get, wherever they are and whoever asked first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime_http.conftest import Notes
from tests.runtime_http.test_flags import on

LINE, SECRET_LINE = {"title": "Größe"}, {"title": "Größe", "cost": "12.50"}


def ask(service: Notes, person: str, key: str) -> dict[str, Any]:
    answer = service.send("POST", "/ledger", service.token(person), json={"key": key})
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    assert read.pop("number")
    assert read.pop("share") == 1e22
    return read


@pytest.mark.parametrize(
    ("roles", "seen"),
    [
        ("reader", {"lines": [LINE], "byTitle": {"a": LINE}}),
        ("clerk", {"lines": [SECRET_LINE], "byTitle": {"a": SECRET_LINE}}),
        ("admin", {"owner": "ann", "lines": [SECRET_LINE], "byTitle": {"a": LINE}}),
    ],
)
def test_who_has_not_the_role_gets_the_answer_without(service: Notes, roles: str, seen: dict[str, Any]) -> None:
    service.organization(ann=roles)
    on(service)
    assert ask(service, "ann", "k") == seen


def test_a_service_reads_by_the_roles_of_its_key(service: Notes) -> None:
    organization = service.organization()
    on(service)
    for number, (roles, seen) in enumerate(((["admin"], True), ([], False))):
        key = service.key(organization, roles).text
        answer = service.send("POST", "/ledger", key, json={"key": str(number)}).json()
        assert ("owner" in answer) is seen


def test_a_stored_answer_shows_each_caller_what_is_theirs(service: Notes) -> None:
    service.organization(ann="admin", bob="reader", eve="clerk")
    on(service)
    first = [ask(service, person, "k") for person in ("bob", "ann", "eve", "bob")]
    assert first[0] == first[3] == {"lines": [LINE], "byTitle": {"a": LINE}}
    assert first[1]["owner"] == "bob", "the answer is the one that was stored"
    assert first[2]["byTitle"] == {"a": SECRET_LINE}
    again = [service.send("POST", "/ledger", service.token("ann"), json={"key": "k"}) for _ in range(2)]
    assert again[0].content == again[1].content
