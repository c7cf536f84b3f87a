"""Kinds `command` and `query`: what a caller can ask for, as its author wrote it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, JsonValue, StringConstraints, Tag

from treaty.contract import patterns
from treaty.contract.base import MAPPING, PAGE, TEXT, Contract, Date, Duration, Sentence, Written, by_shape, shape_of
from treaty.contract.fields import FieldName, Fields, Role, TypeExpression
from treaty.contract.service_level import ServiceLevelSpec

HttpLine = Annotated[str, StringConstraints(min_length=1, max_length=300)]
ErrorCode = Annotated[str, StringConstraints(pattern=patterns.ERROR_CODE, max_length=60)]
ScenarioKey = Annotated[str, StringConstraints(pattern=patterns.SCENARIO_KEY, max_length=100)]
Phrase = Annotated[str, StringConstraints(pattern=patterns.PHRASE, max_length=300)]
FlagName = Annotated[str, StringConstraints(pattern=patterns.FLAG, max_length=60)]
FeatureName = Annotated[str, StringConstraints(pattern=patterns.FEATURE, max_length=80)]
HeaderName = Annotated[str, StringConstraints(pattern=patterns.HEADER_NAME, max_length=60)]


class ErrorSpec(Written):
    """A declared error, written out: `{status: 404, when: …}`."""

    status: int = Field(
        default=409,
        ge=400,
        le=499,
        description="HTTP status: 409 unless said; 403 for entitlement, 404 for missing; never 422.",
    )
    when: Sentence = Field(description="The sentence that tells the caller what happened.")


ErrorText = Annotated[
    Annotated[ErrorSpec, Tag(MAPPING)] | Annotated[Sentence, Tag(TEXT)],
    by_shape("a sentence, or a mapping, such as `{status: 404, when: There is no such thing.}`"),
]
Errors = dict[ErrorCode, ErrorText]


class RateLimitSpec(Written):
    """How often one caller may call, over all replicas."""

    requests: int = Field(ge=1, le=1_000_000, description="How many requests.")
    per: Literal["second", "minute", "hour", "day"] = Field(description="In which time.")
    by: Literal["user", "organization", "key"] = Field(
        description="Who shares the budget: one principal, one tenant, or one API key."
    )


class IdempotencySpec(Written):
    """Which field makes two requests the same one, and for how long the answer is kept."""

    key: FieldName = Field(description="The input field that identifies the request.")
    keep: Duration = Field(description="How long the stored answer is given again, such as `24h`.")


class CacheSpec(Written):
    """For how long a caller may keep an answer and use it again without asking."""

    private: Duration = Field(
        description="For how long the caller's own cache may do so, such as `60s`; `1d` at most. Nobody on the way may."
    )


class PolicySpec(Written):
    """Who may call, how often, and what is remembered of it."""

    auth: Literal["anonymous", "user", "service"] | None = Field(
        default=None,
        description="`user`: any principal of the tenant (the default); `service`: an API key only; `anonymous`.",
    )
    flag: FlagName | None = Field(
        default=None,
        description="A feature flag: where it is off, there is nothing here (404). `treaty flag` turns it.",
    )
    roles: tuple[Role, ...] | None = Field(
        default=None, description="The caller has one of these roles, or is refused with 403."
    )
    rate_limit: RateLimitSpec | None = Field(default=None, description="Refused with 429 beyond it.")
    idempotency: IdempotencySpec | None = Field(default=None, description="Same key, same body: one effect.")
    entitlement: FeatureName | None = Field(
        default=None,
        description="A feature that is paid for: who is not entitled to it gets 403, and is told where to get it.",
    )
    cache: CacheSpec | None = Field(
        default=None,
        description="Callers may keep a query's answers for a while, and ask with `If-None-Match` if they hold.",
    )
    audit: bool | None = Field(default=None, description="Every call, refused ones too, leaves an audit record.")


class EmitSpec(Written):
    """An event that the operation may emit: `{event: limit.reached, when: …}`."""

    event: TypeExpression = Field(description="The event's contract.")
    when: Sentence | None = Field(default=None, description="When it is emitted; printed in the docs.")


EmitText = Annotated[
    Annotated[EmitSpec, Tag(MAPPING)] | Annotated[TypeExpression, Tag(TEXT)],
    by_shape("an event, or a mapping, such as `{event: limit.reached, when: The limit is crossed.}`"),
]
OutputText = Annotated[
    Annotated[Fields, Tag(MAPPING)] | Annotated[TypeExpression, Tag(TEXT)],
    by_shape("a mapping of fields, or the name of a contract of kind `type`"),
]


class PageSpec(Written):
    """How an answer is divided: `{of: days, limit: 500, order: [date, workspaceId]}`."""

    of: FieldName = Field(description="What the list of items is called in the answer.")
    limit: int = Field(ge=1, le=1000, description="How many items a page has at most.")
    order: tuple[FieldName, ...] = Field(
        min_length=1,
        max_length=4,
        description="The fields of the item by which items are ordered, ascending; no two are alike in all.",
    )


class FormatsSpec(Written):
    """Where all pages are in one answer, and in which form: `{csv: GET /billing/usage/export}`."""

    csv: HttpLine = Field(description="`GET /path`: a CSV file with a line for each item, streamed.")


class PagedOutput(Written):
    """An answer in pages: the items of one page, and what stands beside them."""

    page: PageSpec = Field(description="The list, its longest length, and its order.")
    item: Fields = Field(min_length=1, description="The fields of one item.")
    with_: Fields = Field(default_factory=dict, alias="with", description="What every page says beside its items.")
    formats: FormatsSpec | None = Field(
        default=None, description="Other routes of the same query, which answer with all pages at once."
    )


def _output_shape(value: Any) -> str | None:
    # A field that is called `page` says its type; a page says what it is of.
    page = value.get("page") if isinstance(value, dict) else None
    is_page = isinstance(page, dict) and not page.keys() & {"type", "fields"}
    return PAGE if is_page or isinstance(value, PagedOutput) else shape_of(value)


OperationOutput = Annotated[
    Annotated[Fields, Tag(MAPPING)] | Annotated[PagedOutput, Tag(PAGE)] | Annotated[TypeExpression, Tag(TEXT)],
    Discriminator(
        _output_shape,
        custom_error_type="shape",
        custom_error_message="a mapping of fields, a page, or the name of a contract of kind `type`",
    ),
]


class ScenarioSpec(Written):
    """A promise in Given/When/Then, run against the real service by `treaty verify`."""

    key: ScenarioKey = Field(description="Its name within the contract.")
    given: tuple[Phrase, ...] = Field(default=(), description="What was so before.")
    when: tuple[Phrase, ...] = Field(min_length=1, description="What happens.")
    then: tuple[Phrase, ...] = Field(min_length=1, description="What must be so afterwards.")


class ExampleSpec(Written):
    """A concrete request and its answer: checked, executed and shown in the docs."""

    key: ScenarioKey = Field(description="Its name within the contract.")
    given: tuple[Phrase, ...] = Field(default=(), description="What was so before.")
    input: dict[str, JsonValue] = Field(default_factory=dict, description="What is sent.")
    output: dict[str, JsonValue] | None = Field(
        default=None, description="What is answered; uuid, datetime and url are compared by type."
    )
    error: ErrorCode | None = Field(default=None, description="The error it is refused with, instead of an output.")


class AcceptanceSpec(Written):
    """How one shows that the contract is kept."""

    scenarios: tuple[ScenarioSpec, ...] = Field(default=(), description="Given/When/Then.")
    examples: tuple[ExampleSpec, ...] = Field(default=(), description="Requests and answers.")


class OperationContract(Contract):
    """A command (changes something) or a query (reads)."""

    kind: Literal["command", "query"] = Field(description="`command` changes something; `query` only reads.")
    deprecated: Date | None = Field(
        default=None, description="Since when it is deprecated; every answer says so in the header `Deprecation`."
    )
    sunset: Date | None = Field(
        default=None, description="From when on callers can't count on it; in the header `Sunset` of every answer."
    )
    goal: Sentence | None = Field(default=None, description="Why it exists; printed in the docs.")
    context: Sentence | None = Field(default=None, description="Who calls it, and when; printed in the docs.")
    http: HttpLine = Field(description="`METHOD /path/{name} -> status`; the status is 200 unless said.")
    headers: dict[FieldName, HeaderName] = Field(
        default_factory=dict, description="Input fields that travel in a header instead of the body."
    )
    input: Fields = Field(default_factory=dict, description="What the caller sends.")
    output: OperationOutput = Field(
        default_factory=dict, description="What the caller gets: fields, a page, or the name of a `type`."
    )
    errors: Errors = Field(default_factory=dict, description="How it may refuse, beside the pipeline's own codes.")
    policy: PolicySpec = Field(default_factory=PolicySpec, description="Enforced before and around the implementation.")
    slo: ServiceLevelSpec | None = Field(
        default=None, description="How well it is to be served; becomes alert rules for Prometheus."
    )
    emits: tuple[EmitText, ...] = Field(default=(), description="The only events that it may emit.")
    batch: bool = Field(
        default=False,
        description="Requests of one tenant that come at once share a transaction; the implementation takes many.",
    )
    handler: Annotated[str, StringConstraints(pattern=patterns.HANDLER)] | None = Field(
        default=None, description="`package.module:function` of the implementation, when it is not the usual one."
    )
    acceptance: AcceptanceSpec = Field(default_factory=AcceptanceSpec, description="How one shows that it is kept.")
