"""D5: rows that are there already, and what the database makes of them."""

from __future__ import annotations

from treaty.diff.base import ChangeClass, Reader, Severity
from treaty.diff.catalogue import words

_FIELDS = ("EntityContract.fields", "TypeContract.fields", "FieldSpec.fields")

ENTITY_REMOVED = ChangeClass(
    id="D501",
    name="entity-removed",
    reader=Reader.STORED,
    severity=Severity.BREAKING,
    words=("Contract.key", "EntityContract.kind"),
    reason="The table goes, with all its rows.",
)
ENTITY_ADDED = ChangeClass(
    id="D502",
    name="entity-added",
    reader=Reader.STORED,
    severity=Severity.SAFE,
    words=("Contract.key", "EntityContract.kind"),
    reason="A new table has no rows.",
)
REMOVED = ChangeClass(
    id="D503",
    name="stored-field-removed",
    reader=Reader.STORED,
    severity=Severity.BREAKING,
    words=_FIELDS,
    reason="The stored values are lost. If the field has another name now, say `renamedFrom`.",
)
ADDED_REQUIRED = ChangeClass(
    id="D504",
    name="stored-field-added-required",
    reader=Reader.STORED,
    severity=Severity.BREAKING,
    words=_FIELDS,
    reason="Rows that are there have no value for it: give it a default, or make it optional.",
)
ADDED_OPTIONAL = ChangeClass(
    id="D505",
    name="stored-field-added-optional",
    reader=Reader.STORED,
    severity=Severity.SAFE,
    words=_FIELDS,
    reason="Rows that are there stay as they are, or get the default.",
    feature=True,
)
RENAMED = ChangeClass(
    id="D506",
    name="stored-field-renamed",
    reader=Reader.STORED,
    severity=Severity.RISKY,
    words=("FieldSpec.renamedFrom",),
    reason="The values move along, but whatever reads the column by its old name fails: reports, or the release "
    "before while both run.",
)
RENAMED_FROM_CHANGED = ChangeClass(
    id="D507",
    name="renamed-from-changed",
    reader=Reader.STORED,
    severity=Severity.SAFE,
    words=("FieldSpec.renamedFrom",),
    reason="The field has its name already, so nothing is renamed.",
)
BECAME_REQUIRED = ChangeClass(
    id="D508",
    name="stored-field-became-required",
    reader=Reader.STORED,
    severity=Severity.BREAKING,
    words=words.PRESENCE,
    reason="Rows that are there may have no value: give it a default to fill them with.",
)
FILLED = ChangeClass(
    id="D509",
    name="stored-field-filled",
    reader=Reader.STORED,
    severity=Severity.RISKY,
    words=words.PRESENCE,
    reason="Rows without a value get the default, and nobody can tell afterwards which they were.",
)
BECAME_OPTIONAL = ChangeClass(
    id="D510",
    name="stored-field-became-optional",
    reader=Reader.STORED,
    severity=Severity.SAFE,
    words=words.PRESENCE,
    reason="Every row that is there has a value.",
    feature=True,
)
TYPE_CHANGED = ChangeClass(
    id="D511",
    name="stored-type-changed",
    reader=Reader.STORED,
    severity=Severity.BREAKING,
    words=words.TYPE,
    reason="The column may not hold the values that are stored, so it is not altered by itself.",
)
TYPE_WIDENED = ChangeClass(
    id="D512",
    name="stored-type-widened",
    reader=Reader.STORED,
    severity=Severity.SAFE,
    words=words.TYPE,
    reason="Every stored value is the same value in the new type.",
    feature=True,
)
VALUE_REMOVED = ChangeClass(
    id="D513",
    name="stored-value-removed",
    reader=Reader.STORED,
    severity=Severity.BREAKING,
    words=words.VALUES,
    reason="Rows may have the value, and then the migration fails.",
)
VALUE_ADDED = ChangeClass(
    id="D514",
    name="stored-value-added",
    reader=Reader.STORED,
    severity=Severity.SAFE,
    words=words.VALUES,
    reason="No row has the value yet.",
    feature=True,
)
TIGHTENED = ChangeClass(
    id="D515",
    name="stored-bound-tightened",
    reader=Reader.STORED,
    severity=Severity.BREAKING,
    words=words.BOUNDS,
    reason="Rows may lie outside, and then the migration fails.",
)
LOOSENED = ChangeClass(
    id="D516",
    name="stored-bound-loosened",
    reader=Reader.STORED,
    severity=Severity.SAFE,
    words=words.BOUNDS,
    reason="Every stored value still fits.",
    feature=True,
)
DEFAULT_CHANGED = ChangeClass(
    id="D517",
    name="stored-default-changed",
    reader=Reader.STORED,
    severity=Severity.RISKY,
    words=words.DEFAULT,
    reason="New rows get another value than those that are there.",
)
PRIMARY_CHANGED = ChangeClass(
    id="D521",
    name="primary-key-changed",
    reader=Reader.STORED,
    severity=Severity.BREAKING,
    words=("FieldSpec.primary",),
    reason="Rows, and what refers to them, are known by the old key.",
)
TENANT_CHANGED = ChangeClass(
    id="D522",
    name="tenant-changed",
    reader=Reader.STORED,
    severity=Severity.BREAKING,
    words=("EntityContract.tenant",),
    reason="The wall between organizations moves: rows that are there are seen by others than before, or by nobody.",
)
APPEND_ONLY_OFF = ChangeClass(
    id="D523",
    name="append-only-off",
    reader=Reader.STORED,
    severity=Severity.RISKY,
    words=("EntityContract.appendOnly",),
    reason="Rows that were never changed or deleted may be from now on; nobody can rely on the past any more.",
)
APPEND_ONLY_ON = ChangeClass(
    id="D524",
    name="append-only-on",
    reader=Reader.STORED,
    severity=Severity.RISKY,
    words=("EntityContract.appendOnly",),
    reason="The database refuses what changes or deletes rows, wherever that is done.",
)
UNIQUE_ADDED = ChangeClass(
    id="D525",
    name="unique-added",
    reader=Reader.STORED,
    severity=Severity.BREAKING,
    words=("EntityContract.unique",),
    reason="Rows may have the combination twice, and then the migration fails.",
)
UNIQUE_REMOVED = ChangeClass(
    id="D526",
    name="unique-removed",
    reader=Reader.STORED,
    severity=Severity.RISKY,
    words=("EntityContract.unique",),
    reason="What occurred once may occur twice; who looks for one row may find several.",
)
INDEX_CHANGED = ChangeClass(
    id="D527",
    name="index-changed",
    reader=Reader.STORED,
    severity=Severity.SAFE,
    words=("EntityContract.index",),
    reason="An index makes searches faster or slower; the rows are the same.",
)
PARTITION_CHANGED = ChangeClass(
    id="D528",
    name="partition-changed",
    reader=Reader.STORED,
    severity=Severity.RISKY,
    words=("EntityContract.partition", "PartitionSpec.by", "PartitionSpec.every"),
    reason="The table is made anew and its rows move: it is locked as long as the migration takes.",
)
KEPT_SHORTER = ChangeClass(
    id="D529",
    name="kept-shorter",
    reader=Reader.STORED,
    severity=Severity.BREAKING,
    words=("EntityContract.keep", "KeepSpec.for", "KeepSpec.after"),
    reason="Rows that would have been kept are deleted.",
)
KEPT_LONGER = ChangeClass(
    id="D530",
    name="kept-longer",
    reader=Reader.STORED,
    severity=Severity.RISKY,
    words=("EntityContract.keep", "KeepSpec.for"),
    reason="Rows stay that somebody may have promised to delete.",
)
REVISION_ADDED = ChangeClass(
    id="D531",
    name="revision-added",
    reader=Reader.STORED,
    severity=Severity.RISKY,
    words=("EntityContract.revision",),
    reason="Of two changes at once the later one is refused with `stale`, which callers may not know yet.",
)
REVISION_REMOVED = ChangeClass(
    id="D532",
    name="revision-removed",
    reader=Reader.STORED,
    severity=Severity.RISKY,
    words=("EntityContract.revision",),
    reason="Of two changes at once the later one undoes the earlier one, and nobody is told.",
)
