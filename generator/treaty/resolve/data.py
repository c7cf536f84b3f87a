"""Events, entities and types, linked."""

from __future__ import annotations

from treaty import names
from treaty.contract.data import EntityContract, EventContract, TypeContract, ValueSpec
from treaty.contract.parse import Parsed
from treaty.contract.spelling import respelling, suggestion
from treaty.resolve.context import Context
from treaty.resolve.durations import seconds
from treaty.resolve.fields import FieldReader
from treaty.resolve.model import (
    Entitles,
    Entity,
    EnumValue,
    Event,
    Field,
    Grants,
    Header,
    Keep,
    Partition,
    Scalar,
    Type,
)


def event(parsed: Parsed[EventContract], header: Header, context: Context) -> Event:
    """An event: its payload as fields."""
    class_name = names.class_name(parsed.name)
    return Event(
        header=header,
        module=names.module(parsed.namespace, parsed.name),
        class_name=class_name,
        type=parsed.contract.type or header.plain_key,
        payload=FieldReader(context, parsed).read(parsed.contract.payload, ("payload",), class_name),
    )


def shared_type(parsed: Parsed[TypeContract], header: Header, context: Context) -> Type:
    """A shape or an enumeration."""
    class_name = names.class_name(parsed.name)
    fields = parsed.contract.fields or {}
    return Type(
        header=header,
        module=names.module(parsed.namespace, parsed.name),
        class_name=class_name,
        fields=FieldReader(context, parsed).read(fields, ("fields",), class_name),
        values=_values(parsed.contract),
    )


def _values(contract: TypeContract) -> tuple[EnumValue, ...]:
    values = contract.values or ()
    described = values if isinstance(values, dict) else dict.fromkeys(values)
    return tuple(
        EnumValue(
            value=value,
            python_name=names.enum_member(value),
            description=text.description if isinstance(text, ValueSpec) else text,
        )
        for value, text in described.items()
    )


def entity(parsed: Parsed[EntityContract], header: Header, context: Context) -> Entity:
    """An entity: columns, keys, and who may see its rows."""
    contract = parsed.contract
    class_name = names.class_name(parsed.name)
    fields = FieldReader(context, parsed, is_entity=True).read(contract.fields, ("fields",), class_name)
    by_name = {field.name: field for field in fields}
    lookup = _FieldLookup(parsed, by_name, context)
    return Entity(
        header=header,
        module=names.module(parsed.namespace, parsed.name),
        class_name=class_name,
        table=names.table(parsed.namespace, parsed.name),
        fields=fields,
        primary=next((field for field in fields if field.primary), fields[0]),
        tenant=lookup.one(contract.tenant, "tenant") if contract.tenant else None,
        append_only=contract.append_only,
        unique=lookup.groups(contract.unique, "unique"),
        index=lookup.groups(contract.index, "index"),
        partition=_partition(contract, lookup),
        keep=_keep(contract, lookup),
        revision=_revision(parsed) if contract.revision else None,
        grants=_grants(contract, lookup),
        entitles=_entitles(contract, lookup),
    )


def _partition(contract: EntityContract, lookup: _FieldLookup) -> Partition | None:
    if contract.partition is None:
        return None
    by = lookup.one(contract.partition.by, "partition", "by")
    return Partition(by=by, every=contract.partition.every) if by else None


def _keep(contract: EntityContract, lookup: _FieldLookup) -> Keep | None:
    if contract.keep is None:
        return None
    after = lookup.one(contract.keep.after, "keep", "after")
    return Keep(after=after, seconds=seconds(contract.keep.for_), text=contract.keep.for_) if after else None


def _revision(parsed: Parsed[EntityContract]) -> Field:
    return Field(
        name=names.REVISION,
        python_name=names.REVISION,
        column=names.REVISION,
        type=Scalar("integer"),
        optional=False,
        default=1,
        has_default=True,
        description="How often the row was written; a change of it is refused when it is not this any more.",
        at=parsed.key_at("revision"),
    )


def _grants(contract: EntityContract, lookup: _FieldLookup) -> Grants | None:
    if contract.grants is None:
        return None
    person = lookup.one(contract.grants.person, "grants", "person")
    role = lookup.one(contract.grants.role, "grants", "role")
    return Grants(person=person, role=role) if person and role else None


def _entitles(contract: EntityContract, lookup: _FieldLookup) -> Entitles | None:
    if contract.entitles is None:
        return None
    feature = lookup.one(contract.entitles.feature, "entitles", "feature")
    lapsed = lookup.one(contract.entitles.lapsed, "entitles", "lapsed")
    return Entitles(feature=feature, lapsed=lapsed) if feature and lapsed else None


class _FieldLookup:
    """Finds the fields that an entity's other words name."""

    def __init__(self, parsed: Parsed[EntityContract], fields: dict[str, Field], context: Context) -> None:
        self._parsed, self._fields, self._context = parsed, fields, context

    def one(self, name: str, *path: str | int) -> Field | None:
        """The field called `name`, or a complaint at `path`."""
        found = self._fields.get(name)
        if found is None:
            meant = suggestion(name, self._fields)
            at = self._parsed.at(*path)
            self._context.complain(
                at,
                "field-unknown",
                f"`{self._parsed.name}` has no field `{name}`.",
                f"Did you mean `{meant}`?" if meant else f"Its fields: {', '.join(self._fields)}.",
                respelling(at, name, self._fields),
            )
        return found

    def groups(self, written: tuple[tuple[str, ...], ...], word: str) -> tuple[tuple[Field, ...], ...]:
        """The fields of `unique` and `index`."""
        groups = []
        for position, group in enumerate(written):
            found = [self.one(name, word, position, place) for place, name in enumerate(group)]
            if found and all(found):
                groups.append(tuple(field for field in found if field))
        return tuple(groups)
