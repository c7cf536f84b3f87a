"""What every part of a contract has in common, as its author wrote it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

Sentence = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Version = Annotated[str, StringConstraints(pattern=r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")]
Key = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)+$", max_length=200)
]
Duration = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,5}(s|m|h|d)$")]


class Written(BaseModel):
    """Anything an author writes: closed (an unknown word is an error), immutable, camelCase."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True
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
    tags: tuple[Sentence, ...] = Field(
        default=(), description="Groups it in the docs and in OpenAPI."
    )
    description: Sentence = Field(description="One sentence: what it is or does.")
