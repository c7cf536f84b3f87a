"""D4: what consumers are told. Old consumers read new events, and new consumers read events that were kept."""

from __future__ import annotations

from treaty.diff.base import ChangeClass, Reader, Severity
from treaty.diff.catalogue import words

_FIELDS = ("EventContract.payload", "TypeContract.fields", "FieldSpec.fields")

EVENT_REMOVED = ChangeClass(
    id="D401",
    name="event-removed",
    reader=Reader.CONSUMERS,
    severity=Severity.BREAKING,
    words=("Contract.key", "EventContract.kind"),
    reason="Who listens for it is never told again.",
)
EVENT_ADDED = ChangeClass(
    id="D402",
    name="event-added",
    reader=Reader.CONSUMERS,
    severity=Severity.SAFE,
    words=("Contract.key", "EventContract.kind"),
    reason="Nobody listens for it yet.",
)
EVENT_RENAMED = ChangeClass(
    id="D403",
    name="event-renamed",
    reader=Reader.CONSUMERS,
    severity=Severity.RISKY,
    words=("Contract.key",),
    reason="Its type, by which consumers know it, is the same, but code generated from its schema has another name.",
)
EVENT_TYPE_CHANGED = ChangeClass(
    id="D404",
    name="event-type-changed",
    reader=Reader.CONSUMERS,
    severity=Severity.BREAKING,
    words=("EventContract.type",),
    reason="Who listens for the old type is never told again.",
)
EMIT_REMOVED = ChangeClass(
    id="D405",
    name="event-no-longer-emitted",
    reader=Reader.CONSUMERS,
    severity=Severity.BREAKING,
    words=("OperationContract.emits", "JobContract.emits", "EmitSpec.event"),
    reason="Who waits for the event after this waits in vain.",
)
EMIT_ADDED = ChangeClass(
    id="D406",
    name="event-emitted-too",
    reader=Reader.CONSUMERS,
    severity=Severity.SAFE,
    words=("OperationContract.emits", "JobContract.emits", "EmitSpec.event"),
    reason="Consumers know the event, or do not listen for it yet.",
    feature=True,
)
REMOVED = ChangeClass(
    id="D411",
    name="payload-field-removed",
    reader=Reader.CONSUMERS,
    severity=Severity.BREAKING,
    words=_FIELDS,
    reason="Who reads the field does not find it.",
)
ADDED_REQUIRED = ChangeClass(
    id="D412",
    name="payload-field-added-required",
    reader=Reader.CONSUMERS,
    severity=Severity.RISKY,
    words=_FIELDS,
    reason="Old consumers pass over it, but events that were kept, or are still on their way, do not have it.",
    feature=True,
)
ADDED_OPTIONAL = ChangeClass(
    id="D413",
    name="payload-field-added-optional",
    reader=Reader.CONSUMERS,
    severity=Severity.SAFE,
    words=_FIELDS,
    reason="Old consumers pass over it, and new ones do not rely on it.",
    feature=True,
)
BECAME_OPTIONAL = ChangeClass(
    id="D414",
    name="payload-field-became-optional",
    reader=Reader.CONSUMERS,
    severity=Severity.BREAKING,
    words=words.PRESENCE,
    reason="Who relies on the field does not always find it.",
)
BECAME_REQUIRED = ChangeClass(
    id="D415",
    name="payload-field-became-required",
    reader=Reader.CONSUMERS,
    severity=Severity.RISKY,
    words=words.PRESENCE,
    reason="Old consumers are prepared for both, but events that were kept, or are still on their way, may lack it.",
    feature=True,
)
TYPE_CHANGED = ChangeClass(
    id="D416",
    name="payload-type-changed",
    reader=Reader.CONSUMERS,
    severity=Severity.BREAKING,
    words=words.TYPE,
    reason="Consumers get values of a kind that they do not expect.",
)
TYPE_NARROWED = ChangeClass(
    id="D417",
    name="payload-type-narrowed",
    reader=Reader.CONSUMERS,
    severity=Severity.RISKY,
    words=words.TYPE,
    reason="Old consumers expect every value that is told, but events that were kept may have others.",
    feature=True,
)
VALUE_ADDED = ChangeClass(
    id="D418",
    name="payload-value-added",
    reader=Reader.CONSUMERS,
    severity=Severity.RISKY,
    words=words.VALUES,
    reason="Consumers that tell the values apart one by one meet one that they do not know.",
    feature=True,
)
VALUE_REMOVED = ChangeClass(
    id="D419",
    name="payload-value-removed",
    reader=Reader.CONSUMERS,
    severity=Severity.BREAKING,
    words=words.VALUES,
    reason="Events that were kept, or are still on their way, have the value and no longer fit the schema; who waits "
    "for the value waits in vain.",
)
LOOSENED = ChangeClass(
    id="D420",
    name="payload-bound-loosened",
    reader=Reader.CONSUMERS,
    severity=Severity.BREAKING,
    words=words.BOUNDS,
    reason="Consumers that made room for what was promised get values that do not fit.",
)
TIGHTENED = ChangeClass(
    id="D421",
    name="payload-bound-tightened",
    reader=Reader.CONSUMERS,
    severity=Severity.RISKY,
    words=words.BOUNDS,
    reason="Old consumers expect every value that is told, but events that were kept may lie outside.",
    feature=True,
)
DEFAULT_CHANGED = ChangeClass(
    id="D422",
    name="payload-default-changed",
    reader=Reader.CONSUMERS,
    severity=Severity.RISKY,
    words=words.DEFAULT,
    reason="Where the service says nothing else, consumers are told another value than before.",
)
