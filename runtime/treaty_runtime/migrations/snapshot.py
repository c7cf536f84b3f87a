"""What a schema is, as plain data: `generated/schema.json`, and its copy beside the revisions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from treaty_runtime.errors import MigrationError

__all__ = ["Column", "ForeignKey", "Snapshot", "Table"]

ColumnType = Annotated[
    str,
    Field(
        pattern=r"^(uuid|bigint|double precision|boolean|timestamptz|date|interval|jsonb|numeric"
        r"|varchar\([1-9]\d{0,7}\)|numeric\([1-9]\d{0,2},\d{1,3}\))$"
    ),
]


class _Part(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, extra="forbid", frozen=True
    )


class Column(_Part):
    """A column; `default` is an SQL literal, `renamed_from` the name under which it was kept before."""

    type: ColumnType
    nullable: bool
    default: str | None = None
    renamed_from: str | None = None


class ForeignKey(_Part):
    """Columns that point at the columns of a table."""

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


class Table(_Part):
    """A table. `tenant` is the column that says whose a row is: the primary key for the tenants' own table.

    `system_reads` lets the system role read the rows of every tenant: it looks memberships up before the tenant of a
    request is known.
    """

    entity: str
    tenant: str | None
    append_only: bool
    system_reads: bool = False
    columns: dict[str, Column]
    primary_key: tuple[str, ...]
    unique: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    indexes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    foreign_keys: dict[str, ForeignKey] = Field(default_factory=dict)
    checks: dict[str, str] = Field(default_factory=dict)


class Snapshot(_Part):
    """All tables of an application."""

    format: Literal[1] = 1
    tables: dict[str, Table] = Field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The snapshot in a file. Raises `MigrationError` when it is none."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            reason = error.strerror if isinstance(error, OSError) else _first(error)
            raise MigrationError(f"{path} is not a schema snapshot: {reason}. Run `treaty generate`.") from error


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
