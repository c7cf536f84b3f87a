"""Fields of inputs, outputs, events, entities and types, as their author wrote them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints, Tag

from treaty.contract import patterns
from treaty.contract.base import MAPPING, NUMBER, TEXT, Sentence, Written, by_shape

FieldName = Annotated[str, StringConstraints(pattern=patterns.FIELD_NAME, max_length=60)]
Bound = Annotated[
    Annotated[int | float, Tag(NUMBER)] | Annotated[str, Tag(TEXT)],
    by_shape("a number (for a decimal: digits in quotes)"),
]
Role = Annotated[str, StringConstraints(pattern=patterns.ROLE)]
TypeExpression = Annotated[str, StringConstraints(min_length=1, max_length=250)]


class FieldSpec(Written):
    """One field, written out: `name: {type: string, maxLength: 64, description: …}`."""

    type: TypeExpression = Field(
        default="object",
        description=(
            "`string integer number decimal boolean datetime date duration uuid url email json`, `object`, "
            "`list of T`, `map of T` or a contract's name, with `optional` before it when it may be absent."
        ),
    )
    fields: dict[FieldName, FieldText] | None = Field(
        default=None, description="The fields of an inline `object` (or of the items of a `list of object`)."
    )
    description: Sentence | None = Field(default=None, description="Printed in docs, OpenAPI and docstrings.")
    default: JsonValue = Field(
        default=None, description="The value when none is given; `now` for a datetime in an entity."
    )
    enum: tuple[str, ...] | None = Field(default=None, min_length=1, description="The only values a string may have.")
    min_length: int | None = Field(default=None, ge=0, description="Fewest characters of a string.")
    max_length: int | None = Field(
        default=None, ge=1, le=1_000_000, description="Most characters of a string; 1,000 unless said."
    )
    pattern: str | None = Field(default=None, max_length=500, description="A regular expression (ECMA 262).")
    minimum: Bound | None = Field(default=None, description="The least value of a number.")
    maximum: Bound | None = Field(default=None, description="The greatest value of a number.")
    exclusive_minimum: Bound | None = Field(default=None, description="A number must be above it.")
    exclusive_maximum: Bound | None = Field(default=None, description="A number must be below it.")
    multiple_of: int | None = Field(default=None, ge=1, description="An integer must be a multiple of it.")
    min_items: int | None = Field(default=None, ge=0, description="Fewest items of a list.")
    max_items: int | None = Field(default=None, ge=0, description="Most items of a list.")
    sensitive: bool = Field(default=False, description="The value never reaches logs, audit records or error messages.")
    read_roles: tuple[Role, ...] | None = Field(
        default=None,
        min_length=1,
        description="In answers: left out for callers who have none of these roles; the field is `optional`.",
    )
    primary: bool = Field(default=False, description="Entities: this field is the primary key.")
    renamed_from: FieldName | None = Field(
        default=None, description="Entities: the stored field kept its data; this was its name."
    )


FieldText = Annotated[
    Annotated[FieldSpec, Tag(MAPPING)] | Annotated[TypeExpression, Tag(TEXT)],
    by_shape("a type, such as `string`, or a mapping, such as `{type: string, maxLength: 64}`"),
]
Fields = dict[FieldName, FieldText]
