"""The descriptor that a contract generates: everything the pipeline needs to know about an operation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Concatenate, Generic, Literal, Self, TypeAlias, TypeVar

from treaty_runtime.models import Event, Input, Shape
from treaty_runtime.refusals import Refusal
from treaty_runtime.unit_of_work import Item, Transaction, UnitOfWork

__all__ = [
    "ASKED",
    "BatchImplementation",
    "Csv",
    "CsvColumn",
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


# Of an export, so many items are read at a time: other requests wait while they are made.
LONGEST_READ = 100
# What the generator calls the fields of the input that every page has.
ASKED = frozenset({"cursor", "limit"})


@dataclass(frozen=True, slots=True)
class CsvColumn:
    """A field of the item as a column of CSV, by its wire name.

    A `text` may be anything that somebody wrote; `json` is what no cell can hold otherwise, such as a list.
    """

    name: str
    kind: Literal["plain", "text", "json"] = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Csv:
    """All pages of an operation are also one CSV file at `path`: a line for each item of the list `of` (a wire name).

    `beside` are the wire names of what the pages say beside their items.
    """

    path: str
    file_name: str
    of: str
    columns: tuple[CsvColumn, ...]
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[InputT, OutputT]):
    """One operation of a contract, as the pipeline enforces it.

    `sensitive` are paths of wire names into the input (`card.number`; `*` for items of lists and values of maps): what
    is there reaches neither logs nor audit nor errors. `read_roles` are such paths into the output, each with the roles
    that may read what is there. `entitlement` is a feature that the tenant needs to be entitled to. Callers may keep an
    answer for as long as `cache`. An operation that `is_older` is served beside a newer version of the same key, which
    `successor` is the path of, unless it is the same.

    With `csv` there is a second way to ask the same: `as_csv` is the operation as it is asked there.
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
    csv: Csv | None = None
    is_export: bool = False
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
        """What tells it from every other operation: the key, with `@1` for an older version, and `:csv` for exports."""
        version = f"@{self.major}" if self.is_older else ""
        return f"{self.key}{version}{self.suffix}"

    @property
    def suffix(self) -> str:
        """What tells an export from the operation that it belongs to."""
        return ":csv" if self.is_export else ""

    @property
    def major(self) -> int:
        """The major version: idempotency keys of different majors are different keys."""
        return int(self.version.split(".", 1)[0])

    def as_csv(self) -> Self:
        """The operation as it is asked for all pages at once: nobody keeps the answer, and it takes as long as it is.

        Raises `RuntimeError` when the contract names no such format.
        """
        if self.csv is None or self.paging is None:
            raise RuntimeError(f"{self.identity} has no `formats`")
        parameters = tuple(parameter for parameter in self.parameters if parameter.field not in ASKED)
        return replace(
            self,
            path=self.csv.path,
            status=200,
            parameters=parameters,
            paging=replace(self.paging, limit=min(self.paging.limit, LONGEST_READ)),
            cache=None,
            latency_objective=None,
            is_export=True,
        )


def within(key: str, scope: str) -> bool:
    """Whether an operation's key is `scope` itself, or stands below the namespace that `scope` is."""
    return key == scope or key.startswith(f"{scope}.")
