"""The linked model: contracts with defaults filled in, references followed and names decided.

Everything downstream (rules, emit) reads this and nothing else. References between contracts are kept as keys
and looked up in `Model`, so that circular ones need no special care.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

from treaty.contract.base import Stability
from treaty.contract.vocabulary import Act, Expectation
from treaty.diagnostics import Location
from treaty.names import without_version
from treaty.resolve.service_levels import ServiceLevel

ScalarName = Literal[
    "string", "integer", "number", "decimal", "boolean", "datetime", "date", "duration", "uuid", "url", "email", "json"
]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A built-in type."""

    name: ScalarName


@dataclass(frozen=True, slots=True)
class ListOf:
    """`list of T`."""

    item: FieldType


@dataclass(frozen=True, slots=True)
class MapOf:
    """`map of T`: string keys."""

    value: FieldType


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A `type` contract, by key: a shape or an enumeration."""

    key: str


@dataclass(frozen=True, slots=True)
class EntityRef:
    """A reference from an entity's field to the row of another entity, by key."""

    key: str


@dataclass(frozen=True, slots=True)
class Inline:
    """An inline object; `class_name` is the Python class it becomes, unique in its module."""

    class_name: str
    fields: tuple[Field, ...]


FieldType = Scalar | ListOf | MapOf | TypeRef | EntityRef | Inline


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """JSON Schema keywords of a field. A string's `max_length` is always set (1,000 unless said)."""

    enum: tuple[str, ...] | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    minimum: int | float | str | None = None
    maximum: int | float | str | None = None
    exclusive_minimum: int | float | str | None = None
    exclusive_maximum: int | float | str | None = None
    multiple_of: int | None = None
    min_items: int | None = None
    max_items: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: `name` on the wire (camelCase), `python_name` in code, `column` in a table (references: `…_id`)."""

    name: str
    python_name: str
    column: str
    type: FieldType
    optional: bool
    default: Any = None
    has_default: bool = False
    description: str | None = None
    constraints: Constraints = Constraints()
    sensitive: bool = False
    read_roles: tuple[str, ...] = ()
    primary: bool = False
    renamed_from: str | None = None
    at: Location

    @property
    def is_stamped(self) -> bool:
        """Whether a new row gets the service's time in this field."""
        return self.has_default and self.default == "now" and self.type == Scalar("datetime")

    @property
    def explanation(self) -> str | None:
        """What readers are told of it: its description, and who is shown it."""
        if not self.read_roles:
            return self.description
        roles = " or ".join(f"`{role}`" for role in self.read_roles)
        shown = f"In answers only for callers with the role {roles}."
        return f"{self.description} {shown}" if self.description else shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What every contract says of itself.

    `key` tells it from every other contract, and `name` is the part behind the namespace: both end with `@1` for an
    older version that is still served.
    """

    kind: str
    key: str
    namespace: str
    name: str
    version: str
    stability: Stability
    owners: tuple[str, ...]
    tags: tuple[str, ...]
    description: str
    path: str
    at: Location
    deprecated: date | None = None
    sunset: date | None = None

    @property
    def plain_key(self) -> str:
        """The key that the contract says of itself: the same for all its versions."""
        return without_version(self.key)[0]

    @property
    def major(self) -> int:
        """The first number of the version."""
        return int(self.version.split(".", 1)[0])

    @property
    def is_older(self) -> bool:
        """Whether a newer version is served beside it."""
        return self.key != self.plain_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """A declared error; `class_name` is its Python exception."""

    code: str
    class_name: str
    status: int
    when: str
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """So many requests in so many seconds, shared by one user, organization or key."""

    requests: int
    per: Literal["second", "minute", "hour", "day"]
    by: Literal["user", "organization", "key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """The field that identifies a request, and how many seconds its answer is kept."""

    field: Field
    keep_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The policy with every word decided."""

    auth: Literal["anonymous", "user", "service"] = "user"
    flag: str | None = None
    roles: tuple[str, ...] = ()
    rate_limit: RateLimit | None = None
    idempotency: Idempotency | None = None
    entitlement: str | None = None  # a feature
    cache_seconds: int | None = None  # for how long the caller's own cache may use an answer again
    audit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Emit:
    """An event that an operation may emit, by key."""

    event: str
    when: str | None
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A field that does not travel in the body: where it stands and what it is called there."""

    field: Field
    place: Literal["path", "query", "header"]
    wire_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of a scenario: its keyword's meaning, its text, where it is written, the phrase it matched."""

    type: Literal["given", "when", "then"]
    text: str
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A promise in Given/When/Then."""

    key: str
    steps: tuple[Step, ...]
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A concrete request and its answer; either `output` or `error` is set."""

    key: str
    given: tuple[Step, ...]
    input: Mapping[str, Any]
    output: Mapping[str, Any] | None
    error: str | None
    at: Location
    input_at: Location
    output_at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A second route of an operation, which answers GET with all pages in one file."""

    http_path: str
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The answer is divided: at most `limit` items, in the ascending order of some of their fields.

    The output is the list `of` items, `next`, and the fields `beside` them; `asked` are the fields that the input gets.
    With `csv`, all of it is also one file.
    """

    of: str
    limit: int
    order: tuple[Field, ...]
    item: Inline
    beside: tuple[Field, ...]
    asked: tuple[Field, ...]
    csv: Export | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A command or query, ready to be emitted."""

    header: Header
    module: str  # generated module: "saas.billing.usage_record"
    class_name: str  # "UsageRecord"
    implementation: tuple[str, str]  # ("saas.billing.usage", "record")
    batch: bool  # whether the implementation takes many requests at once
    goal: str | None
    context: str | None
    method: str
    http_path: str  # "/billing/usage/{name}"
    status: int
    input: tuple[Field, ...]
    body: tuple[Field, ...]  # the fields of `input` that travel in the JSON body
    parameters: tuple[Parameter, ...]  # the others
    output: tuple[Field, ...] | TypeRef
    page: Page | None = None
    errors: tuple[Error, ...]
    policy: Policy
    service_level: ServiceLevel | None
    emits: tuple[Emit, ...]
    scenarios: tuple[Scenario, ...]
    examples: tuple[Example, ...]

    @property
    def csv(self) -> Export | None:
        """Where all its pages are one CSV file."""
        return self.page.csv if self.page else None

    def as_csv(self) -> Operation | None:
        """Itself as it is asked for that file: nobody keeps it, and how long it takes depends on how long it is."""
        if self.page is None or self.page.csv is None:
            return None
        asked = {field.name for field in self.page.asked}
        return replace(
            self,
            method="GET",
            http_path=self.page.csv.http_path,
            status=200,
            parameters=tuple(parameter for parameter in self.parameters if parameter.field.name not in asked),
            policy=replace(self.policy, cache_seconds=None),
            service_level=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Five fields of cron, in a time zone."""

    cron: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job, ready to be emitted."""

    header: Header
    module: str
    class_name: str
    implementation: tuple[str, str]
    goal: str | None
    context: str | None
    schedule: Schedule | None
    on: str | None  # the key of the event that it is done after: its input is that event's payload
    each_tenant: bool
    input: tuple[Field, ...]
    output: tuple[Field, ...] | TypeRef
    once: Field | None
    attempts: int
    backoff_seconds: int
    timeout_seconds: int
    emits: tuple[Emit, ...]
    audit: bool
    scenarios: tuple[Scenario, ...]
    examples: tuple[Example, ...] = ()  # nobody sends a job and waits for its answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A field of a job's input, and where an event says it."""

    field: Field
    path: str
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """A job, by key, that is done after each event of certain types; `tenant` is where those say whose they are.

    `position` is its place in the contract.
    """

    events: tuple[str, ...]
    job: str
    given: tuple[Given, ...]
    tenant: str | None
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTenant:
    """The tenant whose row has in the field `by` what an event says at the path `where`."""

    by: Field
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A webhook, ready to be emitted. `fetch` is the module and the function that completes thin events."""

    header: Header
    module: str
    class_name: str
    goal: str | None
    context: str | None
    method: str
    http_path: str
    provider: Literal["stripe"]
    tolerance_seconds: int
    keep_seconds: int
    tenant: WebhookTenant | None
    fetch: tuple[str, str] | None
    handles: tuple[Handling, ...]
    scenarios: tuple[Scenario, ...]
    examples: tuple[Example, ...] = ()  # events are signed by whoever sends them


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event, ready to be emitted."""

    header: Header
    module: str
    class_name: str
    type: str
    payload: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """The columns that say which person has which role in the tenant."""

    person: Field
    role: Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitles:
    """The columns that say which feature the tenant is entitled to, and since when it is not paid for any more."""

    feature: Field
    lapsed: Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Rows are kept in parts by the time in `by`: one for each day, month or year."""

    by: Field
    every: Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Rows are deleted when `after` is `seconds` ago; `text` is how the contract says it, such as `400d`."""

    after: Field
    seconds: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """An entity, ready to be emitted. `tenant_column` is `None` for shared tables, `id` for the tenant itself."""

    header: Header
    module: str
    class_name: str
    table: str
    fields: tuple[Field, ...]
    primary: Field
    tenant: Field | None
    append_only: bool
    unique: tuple[tuple[Field, ...], ...]  # as written: the tenant's column is added when emitted
    index: tuple[tuple[Field, ...], ...]
    partition: Partition | None
    keep: Keep | None
    revision: Field | None  # counts the changes of a row; none of `fields`
    grants: Grants | None
    entitles: Entitles | None

    @property
    def is_tenant(self) -> bool:
        """Whether a row of this entity is itself a tenant."""
        return self.tenant is not None and self.tenant is self.primary

    def is_key(self, fields: tuple[Field, ...]) -> bool:
        """Whether this combination is unique over all partitions: then a table of its own holds it."""
        return self.partition is not None and self.partition.by not in fields


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumValue:
    """One value of an enumeration; `python_name` is its member."""

    value: str
    python_name: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A shared shape (`fields`) or an enumeration (`values`); the other one is empty."""

    header: Header
    module: str
    class_name: str
    fields: tuple[Field, ...]
    values: tuple[EnumValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One phrase: its wordings (parse patterns), its function's name, and what it means.

    References to contracts inside acts and expectations are already full keys.
    """

    type: Literal["given", "when", "then"]
    patterns: tuple[str, ...]
    function_name: str
    acts: tuple[Act, ...]
    expect: Expectation | None
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The phrases of a namespace."""

    header: Header
    module: str
    phrases: tuple[Phrase, ...]


Played = Operation | Job | Webhook
"""What has scenarios of its own."""
LinkedContract = Operation | Job | Webhook | Event | Entity | Type | Vocabulary


@dataclass(frozen=True)
class Model:
    """All contracts, linked. Each mapping goes from key to contract, sorted by key."""

    operations: Mapping[str, Operation] = field(default_factory=dict)
    events: Mapping[str, Event] = field(default_factory=dict)
    entities: Mapping[str, Entity] = field(default_factory=dict)
    types: Mapping[str, Type] = field(default_factory=dict)
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict)
    jobs: Mapping[str, Job] = field(default_factory=dict)
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)

    def contracts(self) -> Iterator[LinkedContract]:
        """All contracts, by kind and key."""
        groups = (
            self.operations,
            self.jobs,
            self.webhooks,
            self.events,
            self.entities,
            self.types,
            self.vocabularies,
        )
        for group in groups:
            yield from group.values()

    def headers(self) -> Iterator[Header]:
        """The headers of all contracts, by kind and key."""
        return (contract.header for contract in self.contracts())

    def successor(self, operation: Operation) -> Operation | None:
        """The next newer version of an operation that is served beside it."""
        return self._successors.get(operation.header.key)

    @cached_property
    def _successors(self) -> dict[str, Operation]:
        keys = {operation.header.plain_key for operation in self.operations.values() if operation.header.is_older}
        versions = sorted(
            (operation for operation in self.operations.values() if operation.header.plain_key in keys),
            key=lambda operation: (operation.header.plain_key, operation.header.major),
        )
        return {
            older.header.key: newer
            for older, newer in pairwise(versions)
            if older.header.plain_key == newer.header.plain_key
        }

    @cached_property
    def implemented(self) -> Mapping[str, Operation | Job]:
        """What a function implements: operations and jobs, by key."""
        return {**self.operations, **self.jobs}

    @cached_property
    def played(self) -> Mapping[str, Played]:
        """What has scenarios of its own: operations, jobs and webhooks, by key."""
        return {**self.implemented, **self.webhooks}

    def tenant_field(self, job: Job) -> Field | None:
        """The field of a job's input that holds the tenant it works for: `organizationId`, of an `Organization`."""
        if self.tenant_entity is None or not job.each_tenant:
            return None
        return next((field for field in job.input if field.name == self.tenant_field_name), None)

    @cached_property
    def tenant_field_name(self) -> str | None:
        """What the field is called that holds a tenant's id; `None` where no entity is the tenant."""
        if self.tenant_entity is None:
            return None
        name = self.tenant_entity.class_name
        return f"{name[:1].lower()}{name[1:]}Id"

    @cached_property
    def tenant_entity(self) -> Entity | None:
        """The entity whose rows are the tenants."""
        return next((entity for entity in self.entities.values() if entity.is_tenant), None)

    @cached_property
    def counts_changes(self) -> bool:
        """Whether there are entities whose changes may be refused because another one came first."""
        return any(entity.revision for entity in self.entities.values())

    @cached_property
    def memberships(self) -> Entity | None:
        """The entity that lists who belongs to which tenant."""
        return next((entity for entity in self.entities.values() if entity.grants), None)

    @cached_property
    def entitlements(self) -> Entity | None:
        """The entity that says what tenants are entitled to."""
        return next((entity for entity in self.entities.values() if entity.entitles), None)
