"""What a schema is, as plain data: `generated/schema.json`, and its copy beside the revisions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from treaty_runtime.errors import MigrationError

__all__ = ["Column", "ForeignKey", "Keep", "Key", "KeyTable", "Partition", "Snapshot", "Table"]

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


class Partition(_Part):
    """The rows of a table are kept in parts, by the period that the time in `by` is in."""

    by: str
    every: Literal["day", "month", "year"]


class Keep(_Part):
    """Rows are deleted when `after` is an interval ago."""

    interval: Annotated[str, Field(alias="for", pattern=r"^[1-9]\d{0,5} (seconds|minutes|hours|days)$")]
    after: str


class Key(_Part):
    """What is unique over all partitions: the constraint's name, and the columns."""

    name: str
    columns: tuple[str, ...]


class Table(_Part):
    """A table. `tenant` is the column that says whose a row is: the primary key for the tenants' own table.

    `system_reads` lets the system role read the rows of every tenant: it looks memberships up before the tenant of a
    request is known. `keys` are by the names of the tables that hold them.
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
    partition: Partition | None = None
    keep: Keep | None = None
    keys: dict[str, Key] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _partitions_are_appended(self) -> Self:
        if self.partition and not (self.append_only and self.tenant):
            raise ValueError("a partitioned table is append-only and belongs to a tenant")
        if self.keys and not self.partition:
            raise ValueError("only a partitioned table has keys apart")
        return self


class KeyTable(Table):
    """The table of a key, made from what its partitioned table says: where the row with these values is.

    `of` is that table; `optional` are the columns that a row may lack: then it has no key.
    """

    of: str
    every: Literal["day", "month", "year"]
    optional: tuple[str, ...]


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
