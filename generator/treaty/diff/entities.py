"""Entities compared, as tables that have rows: columns by their names in the database, and by `renamedFrom`."""

from __future__ import annotations

from collections.abc import Iterator

from treaty import names
from treaty.diff.base import Found
from treaty.diff.catalogue import policy, stored
from treaty.diff.fields import FieldComparison
from treaty.diff.side import Sides
from treaty.diff.views import TABLE
from treaty.diff.wording import was
from treaty.resolve.model import Entitles, Entity, EntityRef, Field, Grants, Keep, Partition


def compare_entities(old: Entity, new: Entity, sides: Sides) -> Iterator[Found]:
    """What became of an entity."""
    renames = _renames(old, new)
    yield from _fields(old, new, renames, sides)
    yield from _keys(old, new, renames, sides)
    yield from _protection(old, new, renames, sides)
    yield from _partition(old, new, renames, sides)
    yield from _keep(old, new, renames, sides)
    yield from _revision(old, new, sides)
    yield from _grants(old, new, renames, sides)
    yield from _entitles(old, new, renames, sides)


def _renames(old: Entity, new: Entity) -> dict[str, str]:
    """Columns of OLD that say in NEW what they were called, and what they are called."""
    before, after = {item.column for item in old.fields}, {item.column for item in new.fields}
    found = {}
    for item in new.fields:
        if item.renamed_from is not None and item.column not in before:
            source = names.column(item.renamed_from, reference=isinstance(item.type, EntityRef))
            if source in before and source not in after:
                found[source] = item.column
    return found


def _fields(old: Entity, new: Entity, renames: dict[str, str], sides: Sides) -> Iterator[Found]:
    comparison = FieldComparison(sides, TABLE)
    before = {renames.get(item.column, item.column): item for item in old.fields}
    after = {item.column: item for item in new.fields}
    for column, item in before.items():
        if column not in after:
            yield comparison.removed(item)
    for column, item in after.items():
        if column not in before:
            yield comparison.added(item)
            continue
        yield from _column(before[column], item, sides)
        yield from comparison.field(before[column], item)


def _column(old: Field, new: Field, sides: Sides) -> Iterator[Found]:
    at = sides.new.field_at(new, "renamedFrom")
    if old.column != new.column:
        yield Found(stored.RENAMED, at, f"`{new.name}` in the table was called `{old.name}`.")
    elif old.renamed_from != new.renamed_from:
        yield Found(
            stored.RENAMED_FROM_CHANGED, at, f"`{new.name}`: `renamedFrom` {was(old.renamed_from, new.renamed_from)}."
        )


def _keys(old: Entity, new: Entity, renames: dict[str, str], sides: Sides) -> Iterator[Found]:
    if renames.get(old.primary.column, old.primary.column) != new.primary.column:
        at = sides.new.field_at(new.primary, "primary")
        yield Found(
            stored.PRIMARY_CHANGED, at, f"The primary key is `{new.primary.name}`; it was `{old.primary.name}`."
        )
    yield from _uniques(old, new, renames, sides)
    before = [[renames.get(item.column, item.column) for item in group] for group in old.index]
    if sorted(before) != sorted([item.column for item in group] for group in new.index):
        at, side = sides.word(old.header, new.header, "index")
        yield Found(stored.INDEX_CHANGED, at, "Other fields are indexed.", side)


def _uniques(old: Entity, new: Entity, renames: dict[str, str], sides: Sides) -> Iterator[Found]:
    """Combinations that occur once. What is unique stays so with more fields: then nothing new is asked of rows."""
    before = {frozenset(renames.get(item.column, item.column) for item in group): group for group in old.unique}
    after = {frozenset(item.column for item in group): group for group in new.unique}
    for columns, group in before.items():
        if not any(other <= columns for other in after):
            at = sides.old.word_at(old.header.key, "unique")
            yield Found(stored.UNIQUE_REMOVED, at, f"{_combination(group)} may occur more than once.", "old")
    for columns, group in after.items():
        if not any(other <= columns for other in before):
            at = sides.new.word_at(new.header.key, "unique")
            yield Found(stored.UNIQUE_ADDED, at, f"{_combination(group)} must occur only once.")


def _combination(fields: tuple[Field, ...]) -> str:
    return " with ".join(f"`{item.name}`" for item in fields)


def _protection(old: Entity, new: Entity, renames: dict[str, str], sides: Sides) -> Iterator[Found]:
    was_wall = renames.get(old.tenant.column, old.tenant.column) if old.tenant else None
    if was_wall != (new.tenant.column if new.tenant else None):
        message = f"`tenant` {was(_name(old.tenant), _name(new.tenant))}."
        at, side = sides.word(old.header, new.header, "tenant")
        yield Found(stored.TENANT_CHANGED, at, message, side)
    if old.append_only != new.append_only:
        kind = stored.APPEND_ONLY_ON if new.append_only else stored.APPEND_ONLY_OFF
        now = "are never changed or deleted" if new.append_only else "may be changed and deleted"
        at, side = sides.word(old.header, new.header, "appendOnly")
        yield Found(kind, at, f"Rows {now} from now on.", side)


def _partition(old: Entity, new: Entity, renames: dict[str, str], sides: Sides) -> Iterator[Found]:
    before, after = old.partition, new.partition
    by = renames.get(before.by.column, before.by.column) if before else None
    if (by, before and before.every) != (after and after.by.column, after and after.every):
        at, side = sides.word(old.header, new.header, "partition")
        yield Found(stored.PARTITION_CHANGED, at, f"`partition` {was(_parts(before), _parts(after))}.", side)


def _parts(partition: Partition | None) -> str | None:
    return f"every {partition.every} by {partition.by.name}" if partition else None


def _keep(old: Entity, new: Entity, renames: dict[str, str], sides: Sides) -> Iterator[Found]:
    before, after = old.keep, new.keep
    since = renames.get(before.after.column, before.after.column) if before else None
    if before and after and (since, before.seconds) == (after.after.column, after.seconds):
        return
    if before is None and after is None:
        return
    # From another field on, it is anybody's guess which rows go.
    longer = after is None or (before is not None and since == after.after.column and before.seconds < after.seconds)
    at, side = sides.word(old.header, new.header, "keep")
    kind = stored.KEPT_LONGER if longer else stored.KEPT_SHORTER
    yield Found(kind, at, f"`keep` {was(_kept(before), _kept(after))}.", side)


def _kept(keep: Keep | None) -> str | None:
    return f"{keep.text} after {keep.after.name}" if keep else None


def _revision(old: Entity, new: Entity, sides: Sides) -> Iterator[Found]:
    if (old.revision is None) != (new.revision is None):
        at, side = sides.word(old.header, new.header, "revision")
        kind = stored.REVISION_ADDED if new.revision else stored.REVISION_REMOVED
        yield Found(kind, at, f"Changes of a row are {'counted now' if new.revision else 'no longer counted'}.", side)


def _name(item: Field | None) -> str | None:
    return item.name if item else None


def _granting(grants: Grants | None, renames: dict[str, str]) -> list[str]:
    """The columns that say who has which role."""
    return [renames.get(item.column, item.column) for item in (grants.person, grants.role)] if grants else []


def _grants(old: Entity, new: Entity, renames: dict[str, str], sides: Sides) -> Iterator[Found]:
    before, after = _granting(old.grants, renames), _granting(new.grants, {})
    if before == after:
        return
    at, side = sides.word(old.header, new.header, "grants")
    if not before:
        yield Found(policy.GRANTS_ADDED, at, "This is the list of the organizations' members now.", side)
    elif not after:
        yield Found(policy.GRANTS_CHANGED, at, "This is no longer the list of the organizations' members.", side)
    else:
        yield Found(policy.GRANTS_CHANGED, at, "Members, or their roles, are read from other fields.", side)


def _entitling(entitles: Entitles | None, renames: dict[str, str]) -> list[str]:
    """The columns that say which features there are, and since when no more."""
    return [renames.get(item.column, item.column) for item in (entitles.feature, entitles.lapsed)] if entitles else []


def _entitles(old: Entity, new: Entity, renames: dict[str, str], sides: Sides) -> Iterator[Found]:
    before, after = _entitling(old.entitles, renames), _entitling(new.entitles, {})
    if before == after:
        return
    at, side = sides.word(old.header, new.header, "entitles")
    if not before:
        message = "This says what organizations are entitled to now."
    elif not after:
        message = "This no longer says what organizations are entitled to."
    else:
        message = "What organizations are entitled to, or since when no more, is read from other fields."
    yield Found(policy.ENTITLES_CHANGED, at, message, side)
