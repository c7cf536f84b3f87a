"""Policies compared, as they are in force: with the words of the folders above."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.diagnostics import Location
from treaty.diff.base import Found, Which
from treaty.diff.catalogue import policy as classes
from treaty.diff.side import Sides
from treaty.diff.wording import many, of_time
from treaty.resolve.model import Idempotency, Operation, RateLimit

_STRICTNESS = ("anonymous", "user", "service")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_SHARERS = ("organization",)  # whose budget the others, users and keys, share


def compare_policies(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    """What became of an operation's policy."""
    yield from _auth(old, new, sides)
    yield from _flag(old, new, sides)
    yield from _roles(old, new, sides)
    yield from _rate(old, new, sides)
    yield from _idempotency(old, new, sides)
    yield from _entitlement(old, new, sides)
    yield from _cache(old, new, sides)
    yield from _audit(old, new, sides)


def _place(old: Operation, new: Operation, word: str, sides: Sides) -> tuple[Location, Which]:
    """Where a word of the policy stands, in the contract or in a folder's defaults; in OLD, if NEW does not say it."""
    said = sides.new.book.merged[new.header.key].policy.get(word)
    if said:
        return said.at, "new"
    was = sides.old.book.merged[old.header.key].policy.get(word)
    return (was.at, "old") if was else (new.header.at, "new")


def _auth(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    before, after = old.policy.auth, new.policy.auth
    if before != after:
        tightened = _STRICTNESS.index(after) > _STRICTNESS.index(before)
        kind = classes.AUTH_TIGHTENED if tightened else classes.AUTH_LOOSENED
        at, side = _place(old, new, "auth", sides)
        yield Found(kind, at, f"`auth` is `{after}`; it was `{before}`.", side)


def _flag(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    before, after = old.policy.flag, new.policy.flag
    if before == after:
        return
    at, side = _place(old, new, "flag", sides)
    if before is None:
        yield Found(classes.FLAG_ADDED, at, f"It is behind the flag `{after}` now.", side)
    elif after is None:
        yield Found(classes.FLAG_REMOVED, at, f"It is no longer behind the flag `{before}`.", side)
    else:
        yield Found(classes.FLAG_CHANGED, at, f"It is behind the flag `{after}`; it was `{before}`.", side)


def _roles(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    before, after = set(old.policy.roles), set(new.policy.roles)
    if before == after:
        return
    at, side = _place(old, new, "roles", sides)
    if not before:
        yield Found(classes.ROLES_TIGHTENED, at, f"The role {_either(after)} is needed; none was.", side)
    elif not after:
        yield Found(classes.ROLES_LOOSENED, at, f"No role is needed; {_either(before)} was.", side)
    else:
        if lost := before - after:
            yield Found(classes.ROLES_TIGHTENED, at, f"The role {_either(lost)} no longer lets callers in.", side)
        if gained := after - before:
            yield Found(classes.ROLES_LOOSENED, at, f"The role {_either(gained)} lets callers in, too.", side)


def _either(roles: set[str]) -> str:
    return " or ".join(f"`{role}`" for role in sorted(roles))


def _rate(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    before, after = old.policy.rate_limit, new.policy.rate_limit
    at, side = _place(old, new, "rate_limit", sides)
    if before == after:
        return
    if before is None or after is None:
        if after:
            yield Found(classes.RATE_LOWERED, at, f"The limit is {_limit(after)}; there was none.", side)
        if before:
            yield Found(classes.RATE_REMOVED, at, f"There is no limit; it was {_limit(before)}.", side)
        return
    if before.by != after.by:
        kind = classes.RATE_SHARED if after.by in _SHARERS else classes.RATE_SPLIT
        yield Found(kind, at, f"The limit is for each {after.by}; it was for each {before.by}.", side)
    if (before.requests, before.per) != (after.requests, after.per):
        kind = classes.RATE_LOWERED if _is_lower(after, before) else classes.RATE_RAISED
        yield Found(kind, at, f"The limit is {_limit(after)}; it was {_limit(before)}.", side)


def _limit(limit: RateLimit) -> str:
    return f"{many(limit.requests, 'request')} a {limit.per}"


def _is_lower(new: RateLimit, old: RateLimit) -> bool:
    """Whether fewer come through at once, or in the long run."""
    return new.requests < old.requests or new.requests * _SECONDS[old.per] < old.requests * _SECONDS[new.per]


def _idempotency(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    before, after = old.policy.idempotency, new.policy.idempotency
    at, side = _place(old, new, "idempotency", sides)
    if before and after:
        yield from _kept(before, after, at, side)
    elif before:
        message = f"Requests with the same `{before.field.name}` are no longer the same request."
        yield Found(classes.IDEMPOTENCY_REMOVED, at, message, side)
    elif after:
        message = f"Requests with the same `{after.field.name}` are the same request now."
        yield Found(classes.IDEMPOTENCY_ADDED, at, message, side)


def _kept(old: Idempotency, new: Idempotency, at: Location, side: Which) -> Iterator[Found]:
    if old.field.name != new.field.name:
        message = f"The key is `{new.field.name}`; it was `{old.field.name}`."
        yield Found(classes.IDEMPOTENCY_KEY_CHANGED, at, message, side)
    if old.keep_seconds != new.keep_seconds:
        kind = classes.KEEP_SHORTENED if new.keep_seconds < old.keep_seconds else classes.KEEP_LENGTHENED
        message = f"Answers are kept for {of_time(new.keep_seconds)}; it was {of_time(old.keep_seconds)}."
        yield Found(kind, at, message, side)


def _entitlement(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    before, after = old.policy.entitlement, new.policy.entitlement
    if before == after:
        return
    at, side = _place(old, new, "entitlement", sides)
    if before is None:
        yield Found(classes.ENTITLEMENT_ADDED, at, f"It needs an entitlement to `{after}` now.", side)
    elif after is None:
        yield Found(classes.ENTITLEMENT_REMOVED, at, f"It no longer needs an entitlement to `{before}`.", side)
    else:
        message = f"It needs an entitlement to `{after}`; it was `{before}`."
        yield Found(classes.ENTITLEMENT_CHANGED, at, message, side)


def _cache(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    before, after = old.policy.cache_seconds, new.policy.cache_seconds
    if before == after:
        return
    at, side = _place(old, new, "cache", sides)
    if before is None or after is None:
        kind = classes.CACHE_ADDED if after else classes.CACHE_REMOVED
        message = (
            f"Callers may use an answer again for {of_time(after)}."
            if after
            else "Callers may not use an answer again any more."
        )
        yield Found(kind, at, message, side)
    else:
        kind = classes.CACHE_LENGTHENED if after > before else classes.CACHE_SHORTENED
        message = f"Callers may use an answer again for {of_time(after)}; it was {of_time(before)}."
        yield Found(kind, at, message, side)


def _audit(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    at, side = _place(old, new, "audit", sides)
    if old.policy.audit and not new.policy.audit:
        yield Found(classes.AUDIT_OFF, at, "Calls are no longer recorded for audit.", side)
    if new.policy.audit and not old.policy.audit:
        yield Found(classes.AUDIT_ON, at, "Calls are recorded for audit now.", side)
