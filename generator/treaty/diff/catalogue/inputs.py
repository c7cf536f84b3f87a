"""D2: the fields that callers send. What took less is safe, what takes less is not."""

from __future__ import annotations

from treaty.diff.base import ChangeClass, Reader, Severity
from treaty.diff.catalogue import words

_FIELDS = ("OperationContract.input", "JobContract.input", "TypeContract.fields", "FieldSpec.fields")

ADDED_REQUIRED = ChangeClass(
    id="D201",
    name="input-field-added-required",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=_FIELDS,
    reason="Who calls as before does not send it and is refused with 422.",
)
ADDED_OPTIONAL = ChangeClass(
    id="D202",
    name="input-field-added-optional",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=_FIELDS,
    reason="Who calls as before leaves it out.",
    feature=True,
)
REMOVED = ChangeClass(
    id="D203",
    name="input-field-removed",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=_FIELDS,
    reason="Inputs are closed: who still sends it is refused with 422.",
)
BECAME_REQUIRED = ChangeClass(
    id="D204",
    name="input-field-became-required",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=words.PRESENCE,
    reason="Who leaves it out, as was allowed, is refused with 422.",
)
BECAME_OPTIONAL = ChangeClass(
    id="D205",
    name="input-field-became-optional",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=words.PRESENCE,
    reason="Who calls as before sends it.",
    feature=True,
)
TYPE_CHANGED = ChangeClass(
    id="D206",
    name="input-type-changed",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=words.TYPE,
    reason="Values that were taken are refused with 422.",
)
TYPE_WIDENED = ChangeClass(
    id="D207",
    name="input-type-widened",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=words.TYPE,
    reason="Every value that was taken is still taken.",
    feature=True,
)
VALUE_REMOVED = ChangeClass(
    id="D208",
    name="input-value-removed",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=words.VALUES,
    reason="Who sends the value is refused with 422.",
)
VALUE_ADDED = ChangeClass(
    id="D209",
    name="input-value-added",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=words.VALUES,
    reason="Nobody sends the value yet.",
    feature=True,
)
TIGHTENED = ChangeClass(
    id="D210",
    name="input-bound-tightened",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=words.BOUNDS,
    reason="Values that were taken are refused with 422.",
)
LOOSENED = ChangeClass(
    id="D211",
    name="input-bound-loosened",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=words.BOUNDS,
    reason="Every value that was taken is still taken.",
    feature=True,
)
DEFAULT_CHANGED = ChangeClass(
    id="D212",
    name="input-default-changed",
    reader=Reader.CALLERS,
    severity=Severity.RISKY,
    words=words.DEFAULT,
    reason="Who leaves the field out asks for something else than before, without having changed anything.",
)
