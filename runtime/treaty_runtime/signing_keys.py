"""The public keys of whoever signs people in (JWKS, RFC 7517): read when they are needed, kept, and read again.

Nobody waits for a rotation: keys that are old are read again beside the requests, and while that fails those that are
known still hold. Only a token whose key is not known yet waits for one reading, of which there is not more than one in
half a minute, whatever tokens come.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import structlog

from treaty_runtime.errors import SettingsError
from treaty_runtime.logging import failure
from treaty_runtime.refusals import Unavailable

__all__ = ["ALGORITHMS", "SigningKeys"]

ALGORITHMS = ("RS256", "ES256")
MAX_AGE = timedelta(minutes=10)
BETWEEN_READINGS = timedelta(seconds=30)
TIMEOUT_SECONDS = 5.0
MOST_BYTES = 1_000_000
SHORTEST_RSA_KEY = 2048

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.signing_keys")

# By algorithm and the name that tokens call the key by (`kid`); a key without a name is `None`.
Keys = Mapping[tuple[str, str | None], jwt.PyJWK]


class SigningKeys:
    """The keys at one place: a URL or a file. Without a place there are none."""

    def __init__(self, source: str | None) -> None:
        """Read nothing yet."""
        self._source = source
        self._keys: Keys = {}
        self._read_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._reading: asyncio.Task[None] | None = None

    async def find(self, algorithm: str, name: str | None, now: datetime) -> jwt.PyJWK | None:
        """The key of this name that signs with `algorithm`; `None` when there is none.

        Raises `Unavailable` when no keys could be read yet.
        """
        if self._source is None or algorithm not in ALGORITHMS:
            return None
        if self._read_at is None or abs(now - self._read_at) >= MAX_AGE:
            self._begin_reading(now)
        if self._key(algorithm, name) is None:
            self._begin_reading(now)
            if self._reading:
                await asyncio.wait({self._reading})
        if self._read_at is None:
            raise Unavailable("The keys that access tokens are signed with cannot be read now. Try again.")
        return self._key(algorithm, name)

    async def close(self) -> None:
        """Stop reading."""
        if self._reading:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    def _key(self, algorithm: str, name: str | None) -> jwt.PyJWK | None:
        """By its name. A token that names none means the only key there is."""
        if name is None:
            keys = [key for (signs_with, _), key in self._keys.items() if signs_with == algorithm]
            return keys[0] if len(keys) == 1 else None
        return self._keys.get((algorithm, name))

    def _begin_reading(self, now: datetime) -> None:
        rested = self._tried_at is None or abs(now - self._tried_at) >= BETWEEN_READINGS
        if rested and (self._reading is None or self._reading.done()):
            self._tried_at = now
            self._reading = asyncio.create_task(self._read(now))

    async def _read(self, now: datetime) -> None:
        try:
            self._keys = _usable(json.loads(await _text_of(self._source or "")))
            self._read_at = now
        except Exception as error:
            log.error("signing_keys_not_read", source=self._source, **failure(error))  # noqa: TRY400 - it is all there


async def _text_of(source: str) -> bytes:
    """What is at a URL or in a file. Redirects are not followed: keys come from where the operator said."""
    if "://" not in source:
        return await asyncio.to_thread(Path(source).read_bytes)
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client, client.stream("GET", source) as answer:
        if answer.status_code != httpx.codes.OK:
            raise SettingsError(f"{source} answered {answer.status_code}. Correct TREATY_JWT_JWKS.")
        text = bytearray()
        async for part in answer.aiter_bytes():
            text += part
            if len(text) > MOST_BYTES:
                raise SettingsError(f"{source} answered more than {MOST_BYTES} bytes. Correct TREATY_JWT_JWKS.")
        return bytes(text)


def _usable(document: Any) -> Keys:
    """The keys that tokens may be signed with. Others are passed over: sets of keys are for many purposes."""
    written = document.get("keys") if isinstance(document, dict) else None
    keys = dict(_read_keys(written)) if isinstance(written, list) else {}
    if not keys:
        raise SettingsError(
            "There is no key for RS256 (2,048 bits or more) or ES256 with a name of its own. Correct TREATY_JWT_JWKS."
        )
    return keys


def _read_keys(written: Iterable[Any]) -> Iterable[tuple[tuple[str, str | None], jwt.PyJWK]]:
    for each in written:
        algorithm = _algorithm_of(each)
        if algorithm is None:
            continue
        try:
            key = jwt.PyJWK(each, algorithm)
        except (jwt.PyJWKError, jwt.InvalidKeyError):
            continue
        if algorithm == "ES256" or key.key.key_size >= SHORTEST_RSA_KEY:
            yield (algorithm, each.get("kid")), key


def _algorithm_of(written: Any) -> str | None:
    """The one algorithm that a key may be used with, whatever a token says; never a secret one."""
    if not isinstance(written, dict) or not isinstance(written.get("kid"), str | None):
        return None
    if written.get("use", "sig") != "sig":
        return None
    match written:
        case {"kty": "RSA"}:
            algorithm = "RS256"
        case {"kty": "EC", "crv": "P-256"}:
            algorithm = "ES256"
        case _:
            return None
    return algorithm if written.get("alg", algorithm) == algorithm else None
