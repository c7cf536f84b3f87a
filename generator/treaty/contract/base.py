"""What every part of a contract has in common, as its author wrote it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints
from pydantic.alias_generators import to_camel

from treaty.contract import patterns

Sentence = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Version = Annotated[str, StringConstraints(pattern=patterns.VERSION)]
Key = Annotated[str, StringConstraints(pattern=patterns.KEY, max_length=200)]
Date = Annotated[str, StringConstraints(pattern=patterns.DATE)]
Duration = Annotated[str, StringConstraints(pattern=patterns.DURATION)]


# What a value looks like decides between the ways of writing something, so that a mistake has one message:
# `Tag(TEXT)` and so on mark the ways. The angle brackets keep them apart from the author's own keys.
TEXT, NUMBER, LIST, MAPPING = "<text>", "<number>", "<list>", "<mapping>"


def by_shape(expected: str) -> Discriminator:
    """Choose between tagged ways of writing by shape; `expected` says what would be right."""
    return Discriminator(_shape, custom_error_type="shape", custom_error_message=expected)


_TAGS = {str: TEXT, int: NUMBER, float: NUMBER, list: LIST, tuple: LIST, dict: MAPPING}


def _shape(value: Any) -> str | None:
    # pydantic asks this for every field of every contract: by the very type, which a boolean has of its own.
    return _TAGS.get(type(value)) or (MAPPING if isinstance(value, BaseModel) else None)


class Written(BaseModel):
    """Anything an author writes: closed (an unknown word is an error), immutable, camelCase."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True, defer_build=True
    )


class Stability(StrEnum):
    """How much a reader may rely on a contract."""

    IDEA = "idea"
    EXPERIMENTAL = "experimental"
    BETA = "beta"
    STABLE = "stable"
    DEPRECATED = "deprecated"


class Contract(Written):
    """The words that every kind of contract has."""

    key: Key = Field(description="The contract's name: its path under `contracts/` with dots.")
    version: Version = Field(description="A semantic version, `major.minor.patch`.")
    stability: Stability = Field(
        default=Stability.STABLE,
        description="How much readers may rely on it; printed in the docs and in OpenAPI.",
    )
    owners: tuple[Sentence, ...] = Field(
        default=(), description="Who answers for it; printed in the docs and in OpenAPI."
    )
    tags: tuple[Sentence, ...] = Field(default=(), description="Groups it in the docs and in OpenAPI.")
    description: Sentence = Field(description="One sentence: what it is or does.")
