"""Keywords of fields that several classes watch, as `Model.word`."""

from __future__ import annotations

TYPE = ("FieldSpec.type", "FieldSpec.fields")
PRESENCE = ("FieldSpec.type", "FieldSpec.default")
VALUES = ("FieldSpec.enum", "TypeContract.values")
BOUNDS = (
    "FieldSpec.minLength",
    "FieldSpec.maxLength",
    "FieldSpec.pattern",
    "FieldSpec.minimum",
    "FieldSpec.maximum",
    "FieldSpec.exclusiveMinimum",
    "FieldSpec.exclusiveMaximum",
    "FieldSpec.multipleOf",
    "FieldSpec.minItems",
    "FieldSpec.maxItems",
)
DEFAULT = ("FieldSpec.default",)
