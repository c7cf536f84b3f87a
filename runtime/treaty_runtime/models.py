"""Base classes of what generated modules declare: inputs, outputs, shared shapes, events and tables."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator
from sqlmodel import SQLModel

__all__ = ["Entity", "Event", "Input", "Output", "Shape"]


class Shape(BaseModel):
    """A closed, strict object of the wire. A field without a value is absent there, never null."""

    model_config = ConfigDict(
        strict=True, extra="forbid", validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_null(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.mode == "json":
            raise ValueError("must not be null; leave it out instead")
        return value


class Input(Shape):
    """What an operation takes."""

    model_config = ConfigDict(frozen=True)


class Output(Shape):
    """What an operation answers."""


class Event(Shape):
    """What an operation tells the world. `TYPE` is the CloudEvents type, `KEY` the contract."""

    model_config = ConfigDict(frozen=True)

    KEY: ClassVar[str]
    TYPE: ClassVar[str]
    VERSION: ClassVar[str]


class Entity(SQLModel):
    """A table. `TENANT` names the attribute that holds the tenant, `None` for tables that all tenants share."""

    KEY: ClassVar[str]
    TENANT: ClassVar[str | None]
    APPEND_ONLY: ClassVar[bool] = False
