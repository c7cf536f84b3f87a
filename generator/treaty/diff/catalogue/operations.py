"""D1: what an operation is to its callers, beside its fields."""

from __future__ import annotations

from treaty.diff.base import ChangeClass, Reader, Severity

OPERATION_REMOVED = ChangeClass(
    id="D101",
    name="operation-removed",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=("Contract.key", "OperationContract.kind"),
    reason="Who calls it is answered 404.",
)
OPERATION_ADDED = ChangeClass(
    id="D102",
    name="operation-added",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=("Contract.key", "OperationContract.kind"),
    reason="Nobody calls it yet.",
)
OPERATION_RENAMED = ChangeClass(
    id="D103",
    name="operation-renamed",
    reader=Reader.CALLERS,
    severity=Severity.RISKY,
    words=("Contract.key",),
    reason="It answers at the same place, but clients generated from OpenAPI name their functions after the key, and "
    "answers that were kept for repeated requests are not found under the new one.",
)
METHOD_CHANGED = ChangeClass(
    id="D104",
    name="method-changed",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=("OperationContract.http",),
    reason="Who calls as before is answered 404 or 405.",
)
PATH_CHANGED = ChangeClass(
    id="D105",
    name="path-changed",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=("OperationContract.http",),
    reason="Who calls as before is answered 404.",
)
PATH_PARAMETER_RENAMED = ChangeClass(
    id="D106",
    name="path-parameter-renamed",
    reader=Reader.CALLERS,
    severity=Severity.RISKY,
    words=("OperationContract.http",),
    reason="The path is the same, but generated clients name the argument after the field.",
)
STATUS_CHANGED = ChangeClass(
    id="D107",
    name="status-changed",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=("OperationContract.http",),
    reason="Who expects the old status takes success for failure.",
)
FIELD_MOVED = ChangeClass(
    id="D108",
    name="input-field-moved",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=("OperationContract.headers",),
    reason="Who sends the field where it was is refused with 422, or it is not read.",
)
ERROR_ADDED = ChangeClass(
    id="D111",
    name="error-added",
    reader=Reader.CALLERS,
    severity=Severity.RISKY,
    words=("OperationContract.errors", "Defaults.errors"),
    reason="Callers are refused with a code that they do not know.",
    feature=True,
)
ERROR_REMOVED = ChangeClass(
    id="D112",
    name="error-removed",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=("OperationContract.errors", "Defaults.errors"),
    reason="Callers are prepared for a refusal that does not come any more.",
)
ERROR_STATUS_CHANGED = ChangeClass(
    id="D113",
    name="error-status-changed",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=("ErrorSpec.status",),
    reason="Who acts on the status takes the refusal for another one.",
)
ERROR_SENTENCE_CHANGED = ChangeClass(
    id="D114",
    name="error-sentence-changed",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=("ErrorSpec.when",),
    reason="Callers are told another sentence; the code, which programs read, is the same.",
)
HANDLER_CHANGED = ChangeClass(
    id="D120",
    name="handler-changed",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=("OperationContract.handler", "JobContract.handler"),
    reason="Which function implements it is not seen from outside.",
    quiet=True,
)
BATCH_CHANGED = ChangeClass(
    id="D121",
    name="batch-changed",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=("OperationContract.batch",),
    reason="Every request is answered as before; how many share a transaction is not seen from outside.",
    quiet=True,
)
