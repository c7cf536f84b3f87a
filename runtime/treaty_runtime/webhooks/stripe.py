"""Stripe as a sender of webhooks.

`Stripe-Signature: t=<seconds>,v1=<HMAC-SHA256 of "t.body">`, several of them while a secret is being replaced. Stripe's
SDK checks the same, but by the machine's clock, for bodies that are text, and takes signatures from the future; so it
is done here, and the tests hold it against the SDK.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from treaty_runtime.identifiers import new_id
from treaty_runtime.refusals import BadSignature
from treaty_runtime.settings import Settings
from treaty_runtime.webhooks.providers import Notice, Unreadable

__all__ = ["STRIPE"]

HEADER = "Stripe-Signature"
SNAPSHOT, THIN = "event", "v2.core.event"
OF_V1 = "v1."  # what the types of thin events about objects of the API v1 begin with
MOST_SIGNATURES = 16
PRINTABLE = re.compile(r"[\x21-\x7e]{1,200}")
EVENTS = "/v2/core/events"
ADDRESS = re.compile(r"/v[12]/[\x21-\x7e]{1,500}")
LATEST = 253_402_300_799  # the last second of the year 9999


@dataclass(frozen=True, slots=True)
class _Signed:
    """What the header says."""

    time: str
    marks: tuple[str, ...]

    def prove(self, body: bytes, secrets: Sequence[str]) -> None:
        content = self.time.encode() + b"." + body
        for secret in secrets:
            own = _mark(content, secret)
            if any(hmac.compare_digest(own, mark) for mark in self.marks):
                return
        raise BadSignature("No active secret signed this body.", reason="wrong")


class _Stripe:
    """The provider `stripe`."""

    def missing(self, settings: Settings) -> Sequence[str]:
        said = {"STRIPE_API_KEY": settings.stripe_api_key, "STRIPE_WEBHOOK_SECRETS": settings.stripe_webhook_secrets}
        return [name for name, value in said.items() if value is None]

    def secrets(self, settings: Settings) -> Sequence[str]:
        return settings.stripe_secrets

    def claim(self, headers: Mapping[str, str], now: datetime, tolerance: timedelta) -> _Signed:
        signed = _header(headers.get(HEADER))
        age = now - datetime.fromtimestamp(int(signed.time), UTC)
        if age > tolerance:
            raise BadSignature(f"It was signed more than {tolerance.total_seconds():.0f} s ago.", reason="old")
        if age < -tolerance:
            raise BadSignature(f"It was signed more than {tolerance.total_seconds():.0f} s from now.", reason="future")
        return signed

    def read(self, body: bytes) -> Notice:
        data = _json(body)
        kind, id_, type_ = data.get("object"), data.get("id"), data.get("type")
        if kind not in (SNAPSHOT, THIN):
            raise Unreadable(f"it is neither an `{SNAPSHOT}` nor a `{THIN}`")
        for name, value in (("id", id_), ("type", type_)):
            if not isinstance(value, str) or not PRINTABLE.fullmatch(value):
                raise Unreadable(f"its `{name}` is no name")
        thin = kind == THIN
        version = data.get("api_version")
        return Notice(
            id=str(id_),
            type=str(type_),
            types=frozenset({str(type_), *([str(type_).removeprefix(OF_V1)] if thin else [])}),
            api_version=version if isinstance(version, str) and PRINTABLE.fullmatch(version) else None,
            occurred_at=_moment(data.get("created")),
            data=data,
            address=_address(data) if thin else None,
        )

    def sign(self, body: bytes, secret: str, at: datetime) -> dict[str, str]:
        time = str(int(at.timestamp()))
        return {HEADER: f"t={time},v1={_mark(time.encode() + b'.' + body, secret)}"}

    def event(self, type_: str, thing: Mapping[str, Any], said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        known = {"id": f"evt_{new_id().hex}", "type": type_, "livemode": False, **said}
        if said.get("object") == THIN:
            return {"created": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), **known}
        return {
            "object": SNAPSHOT,
            "created": int(at.timestamp()),
            "api_version": None,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "data": {"object": dict(thing)},
            **known,
        }


STRIPE = _Stripe()


def _header(text: str | None) -> _Signed:
    if not text:
        raise BadSignature(f"The header {HEADER} is missing.", reason="missing")
    parts = [part.strip().partition("=") for part in text.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    marks = tuple(value for name, _, value in parts if name == "v1" and value.isascii())[:MOST_SIGNATURES]
    if len(times) != 1 or not re.fullmatch(r"[0-9]{1,12}", times[0]) or int(times[0]) > LATEST or not marks:
        raise BadSignature(f"The header {HEADER} says no time and signature.", reason="missing")
    return _Signed(times[0], marks)


def _mark(content: bytes, secret: str) -> str:
    return hmac.digest(secret.encode(), content, "sha256").hex()


def _json(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise Unreadable("it is not UTF-8") from None
    except (ValueError, RecursionError):
        raise Unreadable("it is not JSON") from None
    if not isinstance(data, dict):
        raise Unreadable("it is JSON, and no object")
    return data


def _moment(created: Any) -> datetime | None:
    """Snapshot events say seconds, thin ones a date-time."""
    if isinstance(created, int) and not isinstance(created, bool) and 0 <= created <= LATEST:
        return datetime.fromtimestamp(created, UTC)
    if isinstance(created, str):
        try:
            moment = datetime.fromisoformat(created)
            # In UTC, or some at the ends of time could be stored and not be read again.
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    return None


def _address(data: Mapping[str, Any]) -> str:
    """Where the object is that a thin event names; of one that names none, where it is itself."""
    related = data.get("related_object")
    address = related.get("url") if isinstance(related, dict) else None
    named = isinstance(address, str) and ADDRESS.fullmatch(address)
    return str(address) if named else f"{EVENTS}/{quote(str(data['id']), safe='')}"
