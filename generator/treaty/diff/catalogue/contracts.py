"""D0: what every kind of contract has."""

from __future__ import annotations

from treaty.diff.base import ChangeClass, Reader, Severity

KIND_CHANGED = ChangeClass(
    id="D001",
    name="kind-changed",
    reader=None,
    severity=Severity.BREAKING,
    words=(
        "OperationContract.kind",
        "JobContract.kind",
        "EventContract.kind",
        "EntityContract.kind",
        "TypeContract.kind",
    ),
    reason="What had this key is gone, and something of another kind has its name.",
)
TYPE_REMOVED = ChangeClass(
    id="D002",
    name="type-removed",
    reader=Reader.CALLERS,
    severity=Severity.RISKY,
    words=("Contract.key", "TypeContract.kind"),
    reason="Nothing on the wire changes by that alone, but clients generated from OpenAPI lose a class of this name.",
)
TYPE_ADDED = ChangeClass(
    id="D003",
    name="type-added",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=("Contract.key", "TypeContract.kind"),
    reason="What uses it is reported where it is used.",
)
UNUSED_TYPE_CHANGED = ChangeClass(
    id="D004",
    name="unused-type-changed",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=("TypeContract.fields", "TypeContract.values"),
    reason="No contract used it, so nobody sent, read or stored it.",
)
TEXT_CHANGED = ChangeClass(
    id="D010",
    name="text-changed",
    reader=None,
    severity=Severity.SAFE,
    words=(
        "Contract.description",
        "VocabularyContract.description",
        "FieldSpec.description",
        "ValueSpec.description",
        "OperationContract.goal",
        "OperationContract.context",
        "JobContract.goal",
        "JobContract.context",
        "WebhookContract.goal",
        "WebhookContract.context",
        "EmitSpec.when",
    ),
    reason="Texts explain what is promised elsewhere; no program reads them.",
    quiet=True,
)
OWNERS_CHANGED = ChangeClass(
    id="D011",
    name="owners-changed",
    reader=None,
    severity=Severity.SAFE,
    words=("Contract.owners", "Defaults.owners"),
    reason="Somebody else answers for it; what it promises is the same.",
    quiet=True,
)
TAGS_CHANGED = ChangeClass(
    id="D012",
    name="tags-changed",
    reader=None,
    severity=Severity.SAFE,
    words=("Contract.tags", "Defaults.tags"),
    reason="Tags group contracts in the docs.",
    quiet=True,
)
STABILITY_RAISED = ChangeClass(
    id="D020",
    name="stability-raised",
    reader=None,
    severity=Severity.SAFE,
    words=("Contract.stability", "Defaults.stability"),
    reason="Readers may rely on more than before.",
)
STABILITY_LOWERED = ChangeClass(
    id="D021",
    name="stability-lowered",
    reader=None,
    severity=Severity.BREAKING,
    words=("Contract.stability", "Defaults.stability"),
    reason="The promise not to break is withdrawn from readers who rely on it.",
)
DEPRECATED = ChangeClass(
    id="D022",
    name="deprecated",
    reader=None,
    severity=Severity.SAFE,
    words=("Contract.stability", "OperationContract.deprecated", "EventContract.deprecated"),
    reason="Everything is promised as before; readers are told to look for something else.",
)
DEPRECATION_DAY_CHANGED = ChangeClass(
    id="D023",
    name="deprecation-day-changed",
    reader=None,
    severity=Severity.SAFE,
    words=("OperationContract.deprecated", "EventContract.deprecated"),
    reason="It is deprecated on both sides; only since when is told otherwise.",
)
SUNSET_ANNOUNCED = ChangeClass(
    id="D024",
    name="sunset-announced",
    reader=None,
    severity=Severity.SAFE,
    words=("OperationContract.sunset", "EventContract.sunset"),
    reason="Readers are told in time until when they can count on it.",
)
SUNSET_EARLIER = ChangeClass(
    id="D025",
    name="sunset-earlier",
    reader=None,
    severity=Severity.BREAKING,
    words=("OperationContract.sunset", "EventContract.sunset"),
    reason="Readers have less time to change over than they were told, or none at all.",
)
SUNSET_LATER = ChangeClass(
    id="D026",
    name="sunset-later",
    reader=None,
    severity=Severity.SAFE,
    words=("OperationContract.sunset", "EventContract.sunset"),
    reason="Readers can count on it for longer than they were told.",
)
VERSION_RAISED = ChangeClass(
    id="D030",
    name="version-raised",
    reader=None,
    severity=Severity.SAFE,
    words=("Contract.version",),
    reason="A version only names a state of the contract.",
    quiet=True,
)
VERSION_LOWERED = ChangeClass(
    id="D031",
    name="version-lowered",
    reader=None,
    severity=Severity.RISKY,
    words=("Contract.version",),
    reason="Readers who compare versions take the new state for an old one.",
)
MINOR_MISSING = ChangeClass(
    id="D032",
    name="minor-version-missing",
    reader=None,
    severity=Severity.RISKY,
    words=("Contract.version",),
    reason="Something was added, and readers cannot tell from the version that it is there.",
)
MAJOR_MISSING = ChangeClass(
    id="D033",
    name="major-version-missing",
    reader=None,
    severity=Severity.RISKY,
    words=("Contract.version",),
    reason="The contracts that use it break by this change, and its own version does not say so.",
)
