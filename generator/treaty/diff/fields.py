"""Fields compared, by name and whatever stands around them: the same walk for every reader, in the reader's view.

A shared type is compared where it is used: its change concerns whoever uses it, and only in that direction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from treaty.diff.base import Found
from treaty.diff.catalogue import contracts, policy
from treaty.diff.constraints import LIST, changed_bounds
from treaty.diff.shapes import Enumeration, Object, Shape, name, relation, shape, short
from treaty.diff.side import Sides
from treaty.diff.views import View
from treaty.diff.wording import was
from treaty.resolve.model import EntityRef, Field, FieldType, ListOf, MapOf, Scalar


@dataclass(frozen=True, slots=True)
class _Typed:
    """A field and its type, or what that is made of, inside of how many lists."""

    field: Field
    type: FieldType
    in_list: bool = False

    def within(self, inner: FieldType, around: Shape) -> _Typed:
        return _Typed(self.field, inner, self.in_list or isinstance(around, ListOf))


@dataclass(frozen=True)
class FieldComparison:
    """Compares the fields of one contract for one group of readers; each shared type once."""

    sides: Sides
    view: View
    seen: set[tuple[str, str]] = dataclass_field(default_factory=set)

    def fields(self, old: Iterable[Field], new: Iterable[Field], trail: str = "") -> Iterator[Found]:
        """What became of each field. `trail` is what the fields are part of: `address.`."""
        before = {item.name: item for item in old}
        after = {item.name: item for item in new}
        for field_name, item in before.items():
            if field_name not in after:
                yield self.removed(item, trail)
        for field_name, item in after.items():
            if field_name in before:
                yield from self.field(before[field_name], item, trail)
            else:
                yield self.added(item, trail)

    def removed(self, item: Field, trail: str = "") -> Found:
        """A field that is gone."""
        return Found(self.view.removed, item.at, f"{self._subject(item, trail)} is gone.", "old")

    def added(self, item: Field, trail: str = "") -> Found:
        """A field that was not there."""
        how = "has a default" if item.has_default else "optional" if item.optional else self._always
        kind = self.view.added_required if self.view.needs_value(item) else self.view.added_optional
        return Found(kind, item.at, f"{self._subject(item, trail)} is new, and {how}.")

    @property
    def _always(self) -> str:
        return "required" if self.view.is_sent or self.view.is_table else "always there"

    def field(self, old: Field, new: Field, trail: str = "") -> Iterator[Found]:
        """A field that is on both sides."""
        if not (self.sides.old.understands(old) and self.sides.new.understands(new)):
            return
        subject = self._subject(new, trail)
        yield from self._presence(old, new, subject)
        yield from self._sensitive(old, new, subject)
        yield from self._read_roles(old, new, subject)
        if old.description != new.description:
            at = self.sides.new.field_at(new, "description")
            yield Found(contracts.TEXT_CHANGED, at, f"{subject} is described in other words.")
        is_column = self.view.is_table and not trail
        yield from self._types(_Typed(old, old.type), _Typed(new, new.type), subject, trail, is_column=is_column)

    def _presence(self, old: Field, new: Field, subject: str) -> Iterator[Found]:
        at = self.sides.new.field_at(new, "type")
        if self.view.required(new) and not self.view.required(old):
            filled = self.view.is_table and new.has_default
            kind = self.view.filled if filled else self.view.became_required
            now = f"{self._always}, with a default" if filled else self._always
            yield Found(kind, at, f"{subject} is {now}; it was optional.")
        elif self.view.required(old) and not self.view.required(new):
            yield Found(self.view.became_optional, at, f"{subject} is optional; it was {self._always}.")
        elif _default(old) != _default(new):
            at = self.sides.new.field_at(new, "default")
            yield Found(self.view.default_changed, at, f"{subject}: `default` {was(_said(old), _said(new))}.")

    def _sensitive(self, old: Field, new: Field, subject: str) -> Iterator[Found]:
        if old.sensitive and not new.sensitive:
            yield Found(policy.SENSITIVE_OFF, new.at, f"{subject} is no longer `sensitive`.")
        if new.sensitive and not old.sensitive:
            at = self.sides.new.field_at(new, "sensitive")
            yield Found(policy.SENSITIVE_ON, at, f"{subject} is `sensitive` now.")

    def _read_roles(self, old: Field, new: Field, subject: str) -> Iterator[Found]:
        before, after = set(old.read_roles), set(new.read_roles)
        if not self.view.is_answered or before == after:
            return
        at = self.sides.new.field_at(new, "readRoles") if after else new.at
        if not before or (after and before - after):
            how = f"no longer for {_either(before - after)}" if before else f"for {_either(after)} only"
            yield Found(policy.READ_ROLES_TIGHTENED, at, f"{subject} is {how}.")
        if not after or (before and after - before):
            how = f"for {_either(after - before)}, too" if after else "for everybody"
            yield Found(policy.READ_ROLES_LOOSENED, at, f"{subject} is {how}.")

    def _types(self, old: _Typed, new: _Typed, subject: str, trail: str, *, is_column: bool) -> Iterator[Found]:
        """The types of two fields, or what their lists and maps are made of."""
        before, after = shape(old.type, old.field, self.sides.old), shape(new.type, new.field, self.sides.new)
        if before is None or after is None:
            return
        match before, after:
            case Enumeration(), Enumeration():
                yield from self._values(before, after, subject)
            case Object(), Object():
                yield from self._objects(before, after, f"{trail}{new.field.name}.")
            case (ListOf(item=one), ListOf(item=other)) | (MapOf(value=one), MapOf(value=other)):
                if isinstance(after, ListOf) and not new.in_list:
                    yield from self._bounds(LIST, old.field, new.field, subject)
                old, new = old.within(one, after), new.within(other, after)
                yield from self._types(old, new, subject, trail, is_column=False)
            case Scalar(), Scalar() if before == after:
                yield from self._bounds(before.name, old.field, new.field, subject)
            case EntityRef(), EntityRef() if before == after:
                pass
            case _:
                yield self._other_type(before, after, old.field, new.field, subject, is_column=is_column)

    def _objects(self, old: Object, new: Object, trail: str) -> Iterator[Found]:
        if old.key is None or new.key is None:
            yield from self.fields(old.fields, new.fields, trail)
        elif self._first_time(old.key, new.key):
            yield from self.fields(old.fields, new.fields, f"{short(new.key)}.")

    def _values(self, old: Enumeration, new: Enumeration, subject: str) -> Iterator[Found]:
        if old.key is not None and new.key is not None:
            if not self._first_time(old.key, new.key):
                return
            subject = f"`{short(new.key)}` in the {self.view.place}"
        for value, at in old.values.items():
            if value not in new.values:
                yield Found(self.view.value_removed, at, f"{subject} no longer has the value `{value}`.", "old")
        for value, at in new.values.items():
            if value not in old.values:
                yield Found(self.view.value_added, at, f"{subject} has the new value `{value}`.")

    def _first_time(self, old: str, new: str) -> bool:
        known = (old, new) in self.seen
        self.seen.add((old, new))
        return not known

    def _bounds(self, scalar: str, old: Field, new: Field, subject: str) -> Iterator[Found]:
        for bound in changed_bounds(scalar, old.constraints, new.constraints):
            ways = [self.view.tightened] * bound.tightened + [self.view.loosened] * bound.loosened
            kind = max(ways, key=lambda way: way.severity.rank)
            at = self.sides.new.field_at(new, bound.word)
            yield Found(kind, at, f"{subject}: `{bound.word}` {was(bound.old, bound.new)}.")

    def _other_type(
        self, before: Shape, after: Shape, old: Field, new: Field, subject: str, *, is_column: bool
    ) -> Found:
        found = relation(before, after, old.constraints, new.constraints, is_column=is_column)
        kind = {
            "widened": self.view.type_widened,
            "narrowed": self.view.type_narrowed,
            "changed": self.view.type_changed,
        }[found]
        at = self.sides.new.field_at(new, "type")
        return Found(kind, at, f"{subject} is {name(after)}; it was {name(before)}.")

    def _subject(self, item: Field, trail: str) -> str:
        return f"`{trail}{item.name}` in the {self.view.place}"


def _either(roles: set[str]) -> str:
    return " or ".join(f"`{role}`" for role in sorted(roles))


def _default(item: Field) -> tuple[bool, Any]:
    return item.has_default, item.default


def _said(item: Field) -> Any:
    return item.default if item.has_default else None
