"""D3: the fields that callers get. What promises more is safe, what promises less is not."""

from __future__ import annotations

from treaty.diff.base import ChangeClass, Reader, Severity
from treaty.diff.catalogue import words

_FIELDS = (
    "OperationContract.output",
    "JobContract.output",
    "TypeContract.fields",
    "FieldSpec.fields",
    "PagedOutput.page",
    "PagedOutput.item",
    "PagedOutput.with",
    "PageSpec.of",
)
_FORMATS = ("PagedOutput.formats", "FormatsSpec.csv")

REMOVED = ChangeClass(
    id="D301",
    name="output-field-removed",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=_FIELDS,
    reason="Who reads the field does not find it.",
)
ADDED = ChangeClass(
    id="D302",
    name="output-field-added",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=_FIELDS,
    reason="Readers pass over what they do not know; those that refuse it must be regenerated first.",
    feature=True,
)
BECAME_OPTIONAL = ChangeClass(
    id="D303",
    name="output-field-became-optional",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=words.PRESENCE,
    reason="Who relies on the field does not always find it.",
)
BECAME_REQUIRED = ChangeClass(
    id="D304",
    name="output-field-became-required",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=words.PRESENCE,
    reason="Readers are prepared for a field that may be missing, and it never is.",
    feature=True,
)
TYPE_CHANGED = ChangeClass(
    id="D305",
    name="output-type-changed",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=words.TYPE,
    reason="Readers get values of a kind that they do not expect.",
)
TYPE_NARROWED = ChangeClass(
    id="D306",
    name="output-type-narrowed",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=words.TYPE,
    reason="Every value that is answered is one that readers expect.",
    feature=True,
)
VALUE_ADDED = ChangeClass(
    id="D307",
    name="output-value-added",
    reader=Reader.CALLERS,
    severity=Severity.RISKY,
    words=words.VALUES,
    reason="Readers that tell the values apart one by one meet one that they do not know.",
    feature=True,
)
VALUE_REMOVED = ChangeClass(
    id="D308",
    name="output-value-removed",
    reader=Reader.CALLERS,
    severity=Severity.RISKY,
    words=words.VALUES,
    reason="Readers know every value that is answered, but who waits for this one waits in vain.",
)
LOOSENED = ChangeClass(
    id="D309",
    name="output-bound-loosened",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=words.BOUNDS,
    reason="Readers that made room for what was promised get values that do not fit.",
)
TIGHTENED = ChangeClass(
    id="D310",
    name="output-bound-tightened",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=words.BOUNDS,
    reason="Every value that is answered is one that readers expect.",
    feature=True,
)
DEFAULT_CHANGED = ChangeClass(
    id="D311",
    name="output-default-changed",
    reader=Reader.CALLERS,
    severity=Severity.RISKY,
    words=words.DEFAULT,
    reason="Where the service says nothing else, readers get another value than before.",
)
ORDER_CHANGED = ChangeClass(
    id="D312",
    name="page-order-changed",
    reader=Reader.CALLERS,
    severity=Severity.RISKY,
    words=("PageSpec.order",),
    reason="Cursors that were given before are refused with 404, and the items come in another order.",
)
FORMAT_ADDED = ChangeClass(
    id="D313",
    name="format-added",
    reader=Reader.CALLERS,
    severity=Severity.SAFE,
    words=_FORMATS,
    reason="Who asked for one page after the other still may.",
    feature=True,
)
FORMAT_REMOVED = ChangeClass(
    id="D314",
    name="format-removed",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=_FORMATS,
    reason="Who fetches all pages at once is answered 404.",
)
FORMAT_MOVED = ChangeClass(
    id="D315",
    name="format-moved",
    reader=Reader.CALLERS,
    severity=Severity.BREAKING,
    words=("FormatsSpec.csv",),
    reason="Who fetches the file where it was is answered 404.",
)
