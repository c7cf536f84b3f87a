"""Kinds `event`, `entity` and `type`: what is told, kept and shared, as its author wrote it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, Tag

from treaty.contract import patterns
from treaty.contract.base import LIST, MAPPING, TEXT, Contract, Date, Duration, Sentence, Written, by_shape
from treaty.contract.fields import FieldName, Fields

EventType = Annotated[str, StringConstraints(pattern=patterns.EVENT_TYPE)]
EnumValue = Annotated[str, StringConstraints(pattern=patterns.ENUM_VALUE, max_length=100)]


class EventContract(Contract):
    """Something that happened, told to whoever listens."""

    kind: Literal["event"] = Field(description="Always `event`.")
    deprecated: Date | None = Field(default=None, description="Since when it is deprecated; printed in its schema.")
    sunset: Date | None = Field(
        default=None, description="From when on readers can't count on it; printed in its schema."
    )
    type: EventType | None = Field(default=None, description="The CloudEvents type; the key when left out.")
    payload: Fields = Field(min_length=1, description="What is told.")


class GrantsSpec(Written):
    """Rows of this entity say which person acts in the tenant, and with which role."""

    person: FieldName = Field(description="The string field that holds the person (the token's `sub`).")
    role: FieldName = Field(description="The field that holds the role.")


class EntitlesSpec(Written):
    """Rows of this entity say which features the tenant is entitled to, and since when one is not paid for any more."""

    feature: FieldName = Field(description="The string field that holds the feature, as policies name it.")
    lapsed: FieldName = Field(
        description="The optional datetime field since when it is not paid for; access stays for a time of grace."
    )


class PartitionSpec(Written):
    """The table is kept in parts, one for each period of time."""

    by: FieldName = Field(description="The datetime field with `default: now` whose period a row belongs to.")
    every: Literal["day", "month", "year"] = Field(description="How long a period is, in UTC.")


class KeepSpec(Written):
    """Rows are deleted when they are old."""

    for_: Duration = Field(alias="for", description="How long rows are kept, such as `400d`.")
    after: FieldName = Field(description="The datetime field that says since when; with `partition`, the same field.")


class EntityContract(Contract):
    """Something that is kept: a table."""

    kind: Literal["entity"] = Field(description="Always `entity`.")
    tenant: FieldName | None = Field(
        default=None,
        description=(
            "The reference to the organization that owns the row (row-level security keeps others out); "
            "`id` for the entity that is itself the tenant. Left out: shared by all tenants, read only."
        ),
    )
    append_only: bool = Field(default=False, description="Rows are never changed or deleted; the database refuses it.")
    fields: Fields = Field(min_length=1, description="The columns.")
    unique: tuple[tuple[FieldName, ...], ...] = Field(
        default=(), description="Combinations that occur once (within the tenant)."
    )
    index: tuple[tuple[FieldName, ...], ...] = Field(
        default=(), description="Combinations that are searched for (within the tenant)."
    )
    partition: PartitionSpec | None = Field(
        default=None, description="Rows are kept in parts by time, made ahead of it; needs `appendOnly`."
    )
    revision: bool = Field(
        default=False,
        description="Rows count their changes in `revision`; a change of a row that another one changed is refused.",
    )
    keep: KeepSpec | None = Field(default=None, description="Rows that are older are deleted by the worker.")
    grants: GrantsSpec | None = Field(default=None, description="This entity is the membership list of the tenant.")
    entitles: EntitlesSpec | None = Field(
        default=None, description="This entity says what the tenant is entitled to; `entitlement` of policies reads it."
    )


class ValueSpec(Written):
    """One value of an enumeration, written out."""

    description: Sentence = Field(description="What the value means; printed in the docs.")


ValueText = Annotated[
    Annotated[ValueSpec, Tag(MAPPING)] | Annotated[Sentence, Tag(TEXT)], by_shape("a sentence that describes the value")
]
Values = Annotated[
    Annotated[tuple[EnumValue, ...], Tag(LIST)] | Annotated[dict[EnumValue, ValueText], Tag(MAPPING)],
    by_shape("a list of values, or a mapping of values to descriptions"),
]


class TypeContract(Contract):
    """A shape or an enumeration that several contracts share."""

    kind: Literal["type"] = Field(description="Always `type`.")
    fields: Fields | None = Field(default=None, min_length=1, description="The fields of a shape.")
    values: Values | None = Field(
        default=None, min_length=1, description="The values of an enumeration, with or without descriptions."
    )
