"""The descriptor that a contract generates: everything the pipeline needs to know about an operation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Concatenate, Generic, Literal, TypeAlias, TypeVar

from treaty_runtime.models import Event, Input, Shape
from treaty_runtime.refusals import Refusal
from treaty_runtime.unit_of_work import Item, Transaction, UnitOfWork

__all__ = [
    "BatchImplementation",
    "Idempotency",
    "Implementation",
    "Operation",
    "Paging",
    "Parameter",
    "RateLimit",
    "Result",
    "within",
]

InputT = TypeVar("InputT", bound=Input)
OutputT = TypeVar("OutputT", bound=Shape)

Result: TypeAlias = OutputT | Refusal
"""What becomes of one request of a batch: its output, or the error that it is refused with."""

Implementation = Callable[Concatenate[UnitOfWork, InputT, ...], Awaitable[OutputT]]
"""What carries an operation out; of one that answers in pages, it takes the `Page`, too."""
BatchImplementation = Callable[[Transaction, Sequence[Item[InputT]]], Awaitable[Sequence[Result[OutputT]]]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A field that does not travel in the body.

    `field` is its name in the contract, `name` its name where it stands; `kind` says how its text is read;
    `many` that it may be repeated (query strings only).
    """

    field: str
    place: Literal["path", "query", "header"]
    name: str
    kind: Literal["string", "integer", "number", "boolean"] = "string"
    many: bool = False


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `requests` per `per`, over all replicas, shared by one user, organization or key.

    Anonymous callers are known by their addresses. By `user` and by `key`, each person and each key has its own budget.
    """

    requests: int
    per: timedelta
    by: Literal["user", "organization", "key"]


@dataclass(frozen=True, slots=True)
class Idempotency:
    """`field` (a Python attribute of the input) identifies a request; its answer is kept for `keep`."""

    field: str
    keep: timedelta


@dataclass(frozen=True, slots=True)
class Paging:
    """The output has a list `of` items, at most `limit` of them in a page, in the ascending order of their `order`.

    These are Python attributes; `position` is the type of their values in one item, a tuple.
    """

    of: str
    limit: int
    order: tuple[str, ...]
    position: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[InputT, OutputT]):
    """One operation of a contract, as the pipeline enforces it.

    `sensitive` are paths of wire names into the input (`card.number`; `*` for items of lists and values of maps): what
    is there reaches neither logs nor audit nor errors. `read_roles` are such paths into the output, each with the roles
    that may read what is there. `entitlement` is a feature that the tenant needs to be entitled to. Callers may keep an
    answer for as long as `cache`. An operation that `is_older` is served beside a newer version of the same key, which
    `successor` is the path of, unless it is the same.
    """

    key: str
    version: str
    kind: Literal["command", "query"]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    status: int
    input: type[InputT]
    output: type[OutputT]
    has_body: bool = False
    parameters: tuple[Parameter, ...] = ()
    errors: tuple[type[Refusal], ...] = ()
    emits: tuple[type[Event], ...] = ()
    paging: Paging | None = None
    auth: Literal["anonymous", "user", "service"] = "user"
    flag: str | None = None
    roles: frozenset[str] = frozenset()
    rate_limit: RateLimit | None = None
    idempotency: Idempotency | None = None
    entitlement: str | None = None
    cache: timedelta | None = None
    audit: bool = False
    sensitive: frozenset[str] = frozenset()
    read_roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_older: bool = False
    successor: str | None = None
    latency_objective: float | None = None  # seconds
    deprecated: date | None = None
    sunset: date | None = None

    @property
    def identity(self) -> str:
        """What tells it from every other operation: the key, with `@1` for an older version."""
        return f"{self.key}@{self.major}" if self.is_older else self.key

    @property
    def major(self) -> int:
        """The major version: idempotency keys of different majors are different keys."""
        return int(self.version.split(".", 1)[0])


def within(key: str, scope: str) -> bool:
    """Whether an operation's key is `scope` itself, or stands below the namespace that `scope` is."""
    return key == scope or key.startswith(f"{scope}.")
