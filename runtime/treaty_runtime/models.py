"""Base classes of what generated modules declare: inputs, outputs, shared shapes, events and tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema
from sqlalchemy.orm import declared_attr
from sqlmodel import SQLModel

from treaty_runtime.strictness import strict_fields

__all__ = ["Entity", "Event", "Input", "Key", "Output", "Shape"]


def wire_name(attribute: str) -> str:
    """The name on the wire of an attribute that does not say another: `from_` is `from`, `sent_at` is `sentAt`."""
    return to_camel(attribute.rstrip("_"))


class Shape(BaseModel):
    """A closed, strict object of the wire. A field without a value is absent there, never null."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        alias_generator=wire_name,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        protected_namespaces=(),  # contracts name their fields; what pydantic has itself gets a trailing underscore
    )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """What pydantic makes of the class, with what JSON means here."""
        schema = handler(source)
        strict_fields(handler.resolve_ref_schema(schema))
        return schema


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
    """A table. `TENANT` names the attribute that holds the tenant, `None` for tables that all tenants share.

    `STAMPED` names the attributes with `default: now`: left out, they get the time of the transaction. `KEEP` says how
    long rows are kept; `None` is for ever. With `REVISED` the session counts a row's changes in `revision`, and refuses
    to change a row that is not at the revision which it read: `StaleDataError`, for the caller `stale`.
    """

    model_config = {"protected_namespaces": ()}

    KEY: ClassVar[str]
    TENANT: ClassVar[str | None]
    APPEND_ONLY: ClassVar[bool] = False
    STAMPED: ClassVar[tuple[str, ...]] = ()
    KEEP: ClassVar[timedelta | None] = None
    REVISED: ClassVar[bool] = False

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  SQLAlchemy hands it the class
        """What SQLAlchemy is told of the class beside its columns."""
        return {"version_id_col": cls.__table__.c.revision} if cls.REVISED else {}  # type: ignore[attr-defined]


class Key(SQLModel):
    """What occurs once in all partitions of a table, and where its row is.

    Read it to find the row: it leads to the one partition. The database writes it when the row is added.
    """

    model_config = {"protected_namespaces": ()}
