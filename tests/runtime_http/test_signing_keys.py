"""Access tokens from whoever signs people in: public keys, their rotation, and what is never taken for one."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pydantic import SecretStr

from tests.runtime_http import notes
from tests.runtime_http.conftest import NOON, Notes, code
from treaty_runtime.acceptance.server import Server
from treaty_runtime.application import build_app
from treaty_runtime.settings import Settings

RSA, OTHER_RSA, SHORT_RSA = (rsa.generate_private_key(65537, bits) for bits in (2048, 2048, 1024))
EC, OTHER_EC = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
EC_384 = ec.generate_private_key(ec.SECP384R1())


def published(key: Any, name: str | None, **more: Any) -> dict[str, Any]:
    """A key as a provider shows it."""
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    written: dict[str, Any] = algorithm.to_jwk(key.public_key(), as_dict=True)
    return written | ({"kid": name} if name else {}) | more


def signed(key: Any, algorithm: str, name: str | None = None, **claims: Any) -> str:
    good = {"iss": "login", "aud": "notes", "sub": "ann", "exp": NOON.timestamp() + 3600}
    return jwt.encode(good | claims, key, algorithm=algorithm, headers={"kid": name} if name else {})


@dataclass(slots=True)
class Provider:
    """Shows keys over HTTP, and counts how often it was asked."""

    keys: list[Any] = field(default_factory=list)
    status: int = 200
    asked: int = 0
    url: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        body = json.dumps({"keys": self.keys}).encode()
        head = f"HTTP/1.1 {self.status} Said\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()


@pytest.fixture
def provider(service: Notes) -> Iterator[Provider]:
    made = Provider()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(made.answer, "127.0.0.1", 0)

    server = service.run(start())
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys"
    yield made
    server.close()


Who = Callable[[str], httpx.Response]


@pytest.fixture
def served_with(service: Notes, tmp_path: Path) -> Iterator[Callable[..., Who]]:
    """Serve the notes with other settings; what comes back asks `GET /who` with a token."""
    service.organization(ann="admin")
    servers = []

    def serve(**settings: Any) -> Who:
        given = service.settings.model_dump() | {"jwt_issuer": "login", "jwt_audience": "notes"} | settings
        app = build_app(notes.definition(tmp_path), notes.routes(), settings=Settings(**given), clock=service.clock)
        server = Server(app)
        servers.append(server)
        assert service.run(server.start())
        return lambda token: service.send("GET", f"{server.address}/who", token)

    yield serve
    for server in servers:
        service.run(asyncio.wait_for(server.stop(), 60))


def test_tokens_of_a_provider_hold(service: Notes, provider: Provider, served_with: Callable[..., Who]) -> None:
    provider.keys = [published(RSA, "r"), published(EC, "e", use="sig", alg="ES256")]
    who = served_with(jwt_jwks=provider.url, jwt_leeway=10)
    for key, algorithm, name in ((RSA, "RS256", "r"), (EC, "ES256", "e"), (RSA, "RS256", None), (EC, "ES256", None)):
        assert who(signed(key, algorithm, name)).json()["id"] == "ann", (algorithm, name)
    assert provider.asked == 1
    for claims in ({"iss": "treaty"}, {"aud": "treaty"}, {"exp": NOON.timestamp() - 10}, {"sub": ""}):
        assert code(who(signed(RSA, "RS256", "r", **claims))) == (401, "unauthenticated")
    assert who(signed(RSA, "RS256", "r", exp=NOON.timestamp() - 9)).status_code == 200
    assert service.rows("SELECT count(*) FROM treaty.failed_attempt") == [(0,)], "a provider's tokens are no guesses"


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")  # of the key that must not do
def test_a_public_key_is_never_a_secret_and_no_key_serves_another_algorithm(
    service: Notes, provider: Provider, served_with: Callable[..., Who]
) -> None:
    shown = published(RSA, "r")
    shared = {"kty": "oct", "k": "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg", "kid": "o", "alg": "HS256"}
    provider.keys = [
        shown, published(EC, "e"), shared, published(OTHER_RSA, "enc", use="enc"), published(SHORT_RSA, "short"),
        published(OTHER_RSA, "other", alg="RS512"), published(EC_384, "384"), {"kid": "nothing"}, "nonsense",
        published(OTHER_RSA, "broken", n="!"),
    ]  # fmt: skip
    who = served_with(jwt_jwks=provider.url)
    assert who(signed(RSA, "RS256", "r")).status_code == 200
    public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    by_hand = jwt.api_jws.PyJWS()
    by_hand.get_algorithm_by_name("HS256").prepare_key = lambda key: key  # type: ignore[method-assign]
    claims = json.dumps({"iss": "login", "aud": "notes", "sub": "ann", "exp": NOON.timestamp() + 60}).encode()
    forged = [
        *(by_hand.encode(claims, secret, algorithm="HS256", headers={"kid": "r"})
          for secret in (public, json.dumps(shown).encode(), shown["n"].encode())),
        signed("x" * 41, "HS256", "o"), signed(service.settings.jwt_key, "HS512"), signed("", "none"),
        signed(OTHER_RSA, "RS256", "r"), signed(OTHER_RSA, "RS256", "enc"), signed(OTHER_RSA, "RS256", "other"),
        signed(RSA, "RS512", "r"), signed(RSA, "PS256", "r"), signed(OTHER_EC, "ES256", "e"), signed(EC, "ES256", "r"),
        signed(EC_384, "ES384", "384"), signed(SHORT_RSA, "RS256", "short"), signed(OTHER_RSA, "RS256"),
    ]  # fmt: skip
    for token in forged:
        service.rows("DELETE FROM treaty.failed_attempt")
        assert code(who(token)) == (401, "unauthenticated"), jwt.get_unverified_header(token)
        assert service.rows("SELECT attempts FROM treaty.failed_attempt") == [(1,)]
    ours = signed(service.settings.jwt_key, "HS256", "r")
    assert who(ours).status_code == 200, "the service has a secret of its own beside"


def test_keys_are_replaced_and_asked_for_twice_a_minute_at_most(
    service: Notes, provider: Provider, served_with: Callable[..., Who]
) -> None:
    provider.keys = [published(RSA, "old")]
    who = served_with(jwt_jwks=provider.url)
    old, new = signed(RSA, "RS256", "old"), signed(OTHER_RSA, "RS256", "new")
    assert who(old).status_code == 200
    for _ in range(3):
        assert who(new).status_code == 401
    assert provider.asked == 1
    provider.keys = [published(OTHER_RSA, "new")]
    service.clock.advance(dt.timedelta(seconds=30))
    assert [who(token).status_code for token in (old, new, old, new)] == [200, 200, 401, 200]
    assert provider.asked == 2


def test_a_provider_that_is_down_keeps_nobody_out(
    service: Notes, provider: Provider, served_with: Callable[..., Who]
) -> None:
    provider.keys, provider.status = [published(EC, "e")], 500
    who = served_with(jwt_jwks=provider.url)
    token = signed(EC, "ES256", "e")
    refused = who(token)
    assert code(refused) == (503, "unavailable")
    assert "keys" in refused.json()["detail"]
    assert service.logged("signing_keys_not_read")[0]["message"].startswith(f"{provider.url} answered 500.")
    provider.status = 200
    service.clock.advance(dt.timedelta(seconds=30))
    assert who(token).status_code == 200
    for status, keys in ((503, provider.keys), (200, []), (301, provider.keys)):
        provider.status, provider.keys = status, keys
        service.clock.advance(dt.timedelta(minutes=11))
        assert who(token).status_code == 200
        assert code(who(signed(EC, "ES256", "unknown"))) == (401, "unauthenticated")
    assert provider.asked == 5


def test_keys_may_stand_in_a_file(tmp_path: Path, served_with: Callable[..., Who]) -> None:
    path = tmp_path / "keys.json"
    who = served_with(jwt_jwks=str(path), jwt_secret=None, cursor_secret=SecretStr("c" * 64))
    assert code(who(signed(EC, "ES256", "e"))) == (503, "unavailable")
    path.write_text(json.dumps({"keys": [published(EC, "e")]}))
    who = served_with(jwt_jwks=str(path), jwt_secret=None, cursor_secret=SecretStr("c" * 64))
    assert who(signed(EC, "ES256", "e")).status_code == 200
    assert code(who(signed("x" * 64, "HS256"))) == (401, "unauthenticated"), "there is no secret to sign with"


def test_the_secret_before_still_holds(served_with: Callable[..., Who]) -> None:
    secrets = {name: letter * 64 for name, letter in (("now", "n"), ("before", "b"), ("long ago", "l"))}
    who = served_with(jwt_secret=SecretStr(secrets["now"]), jwt_secret_before=SecretStr(secrets["before"]))
    statuses = [who(signed(secret, "HS256")).status_code for secret in secrets.values()]
    assert statuses == [200, 200, 401]
