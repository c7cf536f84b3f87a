"""Rows that a scenario puts into tables, and the names under which it finds them again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Column, Table, literal_column, select
from sqlalchemy.exc import DBAPIError

from treaty_runtime.acceptance import tables
from treaty_runtime.acceptance.changes import Versions
from treaty_runtime.acceptance.failures import Mistake
from treaty_runtime.acceptance.json_values import as_wanted, shown
from treaty_runtime.models import Entity

if TYPE_CHECKING:
    from treaty_runtime.acceptance.stage import Stage

__all__ = ["Rows", "converted"]


class Rows:
    """The rows of one scenario. The first row of the tenant's entity is the scenario's tenant.

    `versions` tells the rows that the scenario itself wrote from those that the service wrote.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._named: dict[str, Entity] = {}
        self.tenant: UUID | None = None
        self.versions: Versions = {}

    def __contains__(self, name: object) -> bool:
        return name in self._named

    @property
    def names(self) -> list[str]:
        """The names of the rows that have one."""
        return sorted(self._named)

    async def create(self, entity: type[Entity], values: Mapping[str, Any], name: str | None) -> Entity:
        """Insert a row of `entity` under its tenant; values are keyed by the contract's field names."""
        attributes: dict[str, Any] = {}
        for field, value in values.items():
            key, column = tables.attribute(entity, field)
            attributes[key] = self._read(entity, field, key, column, value)
        self._give_tenant(entity, attributes)
        row = await self.insert(entity, attributes)
        if entity is self._stage.definition.tenant and self.tenant is None:
            self.tenant = tables.identity(row)
        if name is not None:
            self._named[name] = row
        return row

    async def insert(self, entity: type[Entity], attributes: Mapping[str, Any]) -> Entity:
        """Insert a row whose attributes are Python values already."""
        row = entity(**attributes)
        try:
            async with self._stage.session() as session:
                session.add(row)
                await session.flush()
                key = tables.primary_key(entity)
                version = await session.scalar(select(literal_column("xmin::text")).where(key == tables.identity(row)))
                await session.commit()
        except DBAPIError as error:
            what = f"{tables.short(entity)} {shown(dict(attributes))}"
            raise Mistake(f"{what} cannot be created: {_said(error)}") from error
        self.versions[entity.KEY, str(tables.identity(row))] = str(version)
        return row

    def tenant_named(self, name: str) -> UUID | None:
        """The tenant whose row was named `name`; `None` when no row of the tenant's entity has this name."""
        row = self._named.get(name)
        if row is None or type(row) is not self._stage.definition.tenant:
            return None
        identity: UUID = tables.identity(row)
        return identity

    def field(self, name: str, field: str) -> Any:
        """The present value of a named row's field, as JSON."""
        row = self._named[name]
        key, column = tables.attribute(type(row), field)
        try:
            value = self._stage.peek(column, tables.primary_key(type(row)) == tables.identity(row))
        except LookupError:
            value = getattr(row, key)  # deleted meanwhile: what it was
        return _kind(type(row), key).dump_python(value, mode="json")

    def _read(self, entity: type[Entity], field: str, key: str, column: Column[Any], value: Any) -> Any:
        target = tables.referred_table(column)
        if target is not None and isinstance(value, str) and not _is_uuid(value):
            return self._referred(entity, field, target, value)
        return converted(entity, key, value)

    def _referred(self, entity: type[Entity], field: str, target: Table, name: str) -> Any:
        row = self._named.get(name)
        if row is None:
            known = ", ".join(sorted(self._named)) or "none yet"
            raise Mistake(f"{tables.short(entity)}.{field} names the row `{name}`, which is not there; rows: {known}")
        if tables.table_of(type(row)) is not target:
            raise Mistake(f"{tables.short(entity)}.{field} names `{name}`, which is a row of {tables.short(type(row))}")
        return tables.identity(row)

    def _give_tenant(self, entity: type[Entity], attributes: dict[str, Any]) -> None:
        if entity.TENANT is None or entity is self._stage.definition.tenant or attributes.get(entity.TENANT):
            return
        if self.tenant is None:
            raise Mistake(f"{tables.short(entity)} belongs to a tenant: {self._stage.tenant_hint}")
        attributes[entity.TENANT] = self.tenant


def converted(entity: type[Entity], key: str, value: Any) -> Any:
    """`value` as the attribute `key` holds it: an enumeration's member, an instant, a decimal."""
    try:
        return as_wanted(value, _kind(entity, key))[1]
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise Mistake(f"{tables.short(entity)}.{key} cannot be {shown(value)}: {reason}") from error


@cache
def _kind(entity: type[Entity], key: str) -> TypeAdapter[Any]:
    return TypeAdapter(entity.model_fields[key].rebuild_annotation())


def _is_uuid(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False


def _said(error: DBAPIError) -> str:
    diagnostics = getattr(error.orig, "diag", None)
    parts = (diagnostics.message_primary, diagnostics.message_detail) if diagnostics else (str(error.orig),)
    return "; ".join(part for part in parts if part and not part.startswith("Failing row"))
