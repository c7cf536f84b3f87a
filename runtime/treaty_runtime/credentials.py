"""What callers present: API keys (`tk_<prefix>_<secret>`, kept as a hash) and access tokens (JWT).

Tokens are signed with the service's own secret (HS256) or with a key of whoever signs people in (RS256, ES256). Which
keys are tried follows from the algorithm that a token says it has: a public key is never taken for a secret.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

import jwt
from jwt.types import Options
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from treaty_runtime.fields import storable
from treaty_runtime.refusals import Refusal, Unauthenticated
from treaty_runtime.settings import Settings
from treaty_runtime.signing_keys import SigningKeys

__all__ = ["KEY_MARK", "ApiKey", "Presented", "Token", "issue_token"]

KEY_MARK = "tk_"
KEY_TEXT = re.compile(r"tk_([0-9a-f]{12})_([0-9a-f]{64})")
SYMMETRIC = "HS256"
NOT_OURS = "The access token was not made for this service."
REQUIRED_CLAIMS = ["iss", "aud", "exp", "sub"]


class _Claims(BaseModel):
    """The claims that matter here; issuers add others."""

    sub: Annotated[str, Field(min_length=1, max_length=255), AfterValidator(storable)]
    exp: Annotated[float, Field(allow_inf_nan=False)]
    nbf: Annotated[float, Field(allow_inf_nan=False)] = 0
    tenant: UUID | None = None
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is handed out. The prefix is no secret: keys are looked up, listed and revoked by it."""

    prefix: str
    text: str

    @classmethod
    def new(cls) -> Self:
        """A key that nobody has yet."""
        prefix = secrets.token_hex(6)
        return cls(prefix, f"{KEY_MARK}{prefix}_{secrets.token_hex(32)}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that a text spells. Raises `Unauthenticated` when it spells none."""
        found = KEY_TEXT.fullmatch(text)
        if found is None:
            raise Unauthenticated("This is no API key.", guessed=True)
        return cls(found[1], text)

    def hash(self) -> bytes:
        """What is kept of it. A plain hash does: the secret is random, so there is nothing to guess it from."""
        return hashlib.sha256(self.text.encode()).digest()

    def matches(self, kept: bytes | None) -> bool:
        """Whether it is the key that was kept; as slow for none at all as for another."""
        return hmac.compare_digest(self.hash(), kept or bytes(32)) and kept is not None


@dataclass(frozen=True, slots=True)
class Token:
    """What an access token says: whose it is, and perhaps for which tenant and with which roles."""

    subject: str
    tenant: UUID | None
    roles: frozenset[str]

    @classmethod
    async def read(cls, text: str, settings: Settings, keys: SigningKeys, now: datetime) -> Self:
        """The content of a token that was signed for this service and has not expired.

        Raises `Unauthenticated`; `guessed` when it was signed with none of the keys. Raises `Unavailable` when its key
        cannot be looked up.
        """
        claims = _verified_claims(text, await _keys_for(text, settings, keys, now), settings)
        try:
            read = _Claims.model_validate(claims)
        except ValidationError:
            raise Unauthenticated("The access token has claims of the wrong form.") from None
        _check_times(read, now, settings.jwt_leeway)
        return cls(read.sub, read.tenant, read.roles)


Presented = ApiKey | Token | Refusal
"""What came with a call: credentials, or why they can't be read, to be said in its turn."""


def issue_token(
    settings: Settings,
    person: str,
    *,
    now: datetime,
    valid_for: timedelta,
    tenant: UUID | None = None,
    roles: Iterable[str] = (),
) -> str:
    """An access token of a person, as an identity provider that shares the service's secret would make it."""
    claims: dict[str, Any] = {
        "iss": settings.jwt_issuer,
        "aud": settings.jwt_audience,
        "sub": person,
        "iat": int(now.timestamp()),
        "exp": int((now + valid_for).timestamp()),
    }
    if tenant:
        claims["tenant"] = str(tenant)
    if roles := sorted(roles):
        claims["roles"] = roles
    return jwt.encode(claims, settings.jwt_key, algorithm="HS256")


async def _keys_for(
    text: str, settings: Settings, keys: SigningKeys, now: datetime
) -> tuple[str, Sequence[str | jwt.PyJWK]]:
    """The algorithm of a token and the keys that may have signed it."""
    try:
        header = jwt.get_unverified_header(text)
    except (jwt.InvalidTokenError, RecursionError):
        raise Unauthenticated(NOT_OURS, guessed=True) from None
    algorithm, name = str(header.get("alg")), header.get("kid")
    if algorithm == SYMMETRIC:
        return algorithm, settings.jwt_keys
    key = await keys.find(algorithm, name if isinstance(name, str) else None, now)
    return algorithm, () if key is None else (key,)


def _verified_claims(text: str, signed: tuple[str, Sequence[str | jwt.PyJWK]], settings: Settings) -> dict[str, Any]:
    # The library would ask its own clock about the times; they are checked below, by the service's.
    options: Options = {"require": REQUIRED_CLAIMS, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
    algorithm, keys = signed
    for key in keys:
        try:
            claims: dict[str, Any] = jwt.decode(
                text,
                key,
                algorithms=[algorithm],
                issuer=settings.jwt_issuer,
                audience=settings.jwt_audience,
                options=options,
            )
        except jwt.InvalidSignatureError:
            continue  # with another key, perhaps
        except (jwt.DecodeError, jwt.InvalidAlgorithmError, RecursionError):
            break
        except jwt.InvalidTokenError as error:
            raise Unauthenticated(f"The access token is not valid here: {error}.") from None
        return claims
    raise Unauthenticated(NOT_OURS, guessed=True)


def _check_times(claims: _Claims, now: datetime, leeway: float) -> None:
    if now.timestamp() >= claims.exp + leeway:
        raise Unauthenticated("The access token has expired.")
    if now.timestamp() < claims.nbf - leeway:
        raise Unauthenticated("The access token is not valid yet.")
