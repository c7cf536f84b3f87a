"""Who may come in: tokens, keys, and how guessing is slowed down."""

from __future__ import annotations

import datetime as dt
import json
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest

from tests.runtime_http.conftest import NOON, Notes, code
from treaty_runtime.credentials import ApiKey


def test_a_person_comes_in_with_a_token(service: Notes) -> None:
    organization = service.organization(ann="admin")
    service.join(organization, "ann", "writer")
    answer = service.send("GET", "/who", service.token("ann"))
    assert answer.json() == {
        "kind": "person", "id": "ann", "roles": ["admin", "writer"], "tenant": str(organization),
    }  # fmt: skip


def test_a_service_comes_in_with_a_key(service: Notes) -> None:
    organization = service.organization()
    key = service.key(organization, ["writer"])
    answer = service.send("GET", "/who/service", key.text).json()
    ((identifier, used),) = service.rows("SELECT id::text, last_used_at FROM treaty.api_key")
    assert answer == {"kind": "service", "id": identifier, "roles": ["writer"], "tenant": str(organization)}
    assert used == NOON


def test_when_a_key_was_used_is_noted_once_a_minute(service: Notes) -> None:
    key = service.key(service.organization())
    noted = []
    for seconds in (0, 59, 1, 59, 61):
        service.clock.advance(dt.timedelta(seconds=seconds))
        assert service.send("GET", "/who", key.text).status_code == 200
        noted.append((service.rows("SELECT last_used_at FROM treaty.api_key")[0][0] - NOON).total_seconds())
    assert noted == [0, 0, 60, 60, 180]


def test_only_services_where_the_contract_says_so(service: Notes) -> None:
    service.organization(ann="admin")
    assert code(service.send("GET", "/who/service", service.token("ann"))) == (403, "forbidden")
    assert code(service.send("GET", "/who/service")) == (401, "unauthenticated")


def test_anonymous_operations_ask_nobody(service: Notes) -> None:
    nobody = {"kind": "anonymous", "id": "anonymous", "roles": []}
    assert service.send("GET", "/who/anybody").json() == nobody
    assert service.send("GET", "/who/anybody", "not a token").json() == nobody


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic YTpi", "Bearer a b", "Bearer tk_", "Bearer é", "tk_a_b"])
def test_without_credentials_there_is_a_challenge(service: Notes, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode()}
    answer = service.send("GET", "/who", headers=headers)
    assert code(answer) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def _signed(service: Notes, secret: str | None = None, **claims: Any) -> str:
    good = {"iss": "treaty", "aud": "treaty", "sub": "ann", "exp": NOON.timestamp() + 60}
    kept = {name: value for name, value in {**good, **claims}.items() if value is not None}
    return jwt.encode(kept, secret or service.settings.jwt_key, algorithm="HS256")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOON.timestamp() - 30}, {"exp": None}, {"exp": "soon"}, {"exp": True}, {"exp": [1]},
        {"nbf": NOON.timestamp() + 31}, {"nbf": "now"}, {"iss": "somebody"}, {"iss": None}, {"aud": "others"},
        {"aud": None}, {"sub": None}, {"sub": ""}, {"sub": "a" * 256}, {"sub": "a\x00"}, {"tenant": "acme"},
        {"tenant": 5}, {"roles": "admin"}, {"roles": [1]}, {"roles": {"admin": True}},
    ],
)  # fmt: skip
def test_tokens_that_do_not_hold(service: Notes, claims: dict[str, Any]) -> None:
    service.organization(ann="admin")
    answer = service.send("GET", "/who", _signed(service, **claims))
    assert code(answer) == (401, "unauthenticated")
    assert service.rows("SELECT count(*) FROM treaty.failed_attempt") == [(0,)], "it was signed here: nobody guessed"


def test_the_service_s_clock_decides_when_a_token_expires(service: Notes) -> None:
    service.organization(ann="admin")
    token = _signed(service, exp=NOON.timestamp() + 60, nbf=NOON.timestamp() + 20)
    for seconds, status in ((0, 200), (89, 200), (90, 401)):  # half a minute of leeway
        service.clock.set(NOON + dt.timedelta(seconds=seconds))
        assert service.send("GET", "/who", token).status_code == status


def test_forged_tokens(service: Notes) -> None:
    service.organization(ann="admin")
    good = _signed(service)
    head, body, signature = good.split(".")
    unsigned = urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    deep = urlsafe_b64encode(b'{"a":' * 5000 + b"1" + b"}" * 5000).decode()
    other = json.dumps({"iss": "treaty", "aud": "treaty", "sub": "bob", "exp": 9e9}).encode()
    for forged in (
        _signed(service, "x" * 32), f"{head}.{body}.{signature[::-1]}", f"{unsigned}.{body}.", f"{deep}.{body}.x",
        f"{head}.{urlsafe_b64encode(other).rstrip(b'=').decode()}.{signature}", "tk_0123456789ab_" + "0" * 64,
    ):  # fmt: skip
        service.rows("DELETE FROM treaty.failed_attempt")
        assert code(service.send("GET", "/who", forged)) == (401, "unauthenticated"), forged[:60]
        assert service.rows("SELECT attempts FROM treaty.failed_attempt") == [(1,)]


def test_a_key_needs_its_own_secret_and_can_be_revoked(service: Notes) -> None:
    organization = service.organization()
    key, other = service.key(organization), ApiKey.new()
    assert code(service.send("GET", "/who", f"tk_{key.prefix}_{other.text[-64:]}")) == (401, "unauthenticated")
    assert service.send("GET", "/who", key.text).status_code == 200
    service.rows("UPDATE treaty.api_key SET revoked_at = %s", NOON + dt.timedelta(minutes=1))
    assert service.send("GET", "/who", key.text).status_code == 200
    service.clock.advance(dt.timedelta(minutes=1))
    assert code(service.send("GET", "/who", key.text)) == (401, "unauthenticated")


def test_an_address_that_guesses_has_to_wait(service: Notes) -> None:
    organization = service.organization(ann="admin")
    token = service.token("ann")

    async def attempts() -> list[tuple[int, str | None]]:
        seen = []
        for turn in range(8):
            async with service.client("guess", replica=turn % 2) as client:
                answer = await client.get("/who")
                seen.append((answer.status_code, answer.headers.get("retry-after")))
        return seen

    assert service.run(attempts()) == [(401, None)] * 5 + [(429, "300")] * 3
    refused = service.send("GET", "/who", token)
    assert code(refused) == (429, "too_many_failed_attempts")
    elsewhere = {"X-Forwarded-For": "2001:db8::1"}
    assert service.send("GET", "/who", token, headers=elsewhere).status_code == 200
    service.clock.advance(dt.timedelta(minutes=5))
    assert service.send("GET", "/who", token).json()["tenant"] == str(organization)


def test_an_ipv6_network_is_one_address(service: Notes) -> None:
    for number in range(6):
        headers = {"X-Forwarded-For": f"2001:db8:0:1::{number}"}
        answer = service.send("GET", "/who", "guess", headers=headers)
    assert answer.status_code == 429
    neighbour = service.send("GET", "/who", "guess", headers={"X-Forwarded-For": "2001:db8:0:2::1"})
    assert neighbour.status_code == 401


def test_an_expired_token_or_none_at_all_is_no_guess(service: Notes) -> None:
    service.organization(ann="admin")
    for _ in range(8):
        assert service.send("GET", "/who").status_code == 401
        assert service.send("GET", "/who", _signed(service, exp=1)).status_code == 401
    assert service.send("GET", "/who", service.token("ann")).status_code == 200


def test_a_key_with_scopes_opens_only_those(service: Notes) -> None:
    organization = service.organization()
    for scopes, statuses in (
        ([], (200, 200)), (["notes"], (200, 200)), (["notes.who"], (200, 200)), (["notes.who.service"], (403, 200)),
        (["notes.write", "notes.who"], (200, 200)), (["notes.wh", "note"], (403, 403)), (["notes.read"], (403, 403)),
    ):  # fmt: skip
        key = service.key(organization, scopes=scopes).text
        answers = [service.send("GET", path, key) for path in ("/who", "/who/service")]
        assert tuple(answer.status_code for answer in answers) == statuses, scopes
        for refused in (answer for answer in answers if answer.status_code == 403):
            assert code(refused) == (403, "forbidden")
