"""What strict validation means here beyond pydantic's own, told to pydantic's core, which asks no Python for a value.

A request of a thousand reports has some thousand values, and every event is held against its contract before it is
stored: a Python function for each value was most of what validation took.
"""

from __future__ import annotations

from typing import Any, cast

from pydantic import ValidationInfo
from pydantic_core import CoreSchema, core_schema

from treaty_runtime.fields import storable

__all__ = ["strict_fields"]

_PARTS = ("schema", "items_schema", "keys_schema", "values_schema", "json_schema", "python_schema")
_LISTS = ("choices", "steps")


def strict_fields(model: CoreSchema) -> None:
    """Make the fields of a model take what the wire may carry: 12.0 as an integer, and no null for what is left out.

    What is not given is not validated; so `None` in JSON was written there.
    """
    fields = cast("dict[str, Any]", model)["schema"].get("fields", {})
    for field in fields.values():
        holder = field if field["schema"]["type"] != "default" else field["schema"]
        holder["schema"] = _with_whole_numbers(holder["schema"])
        if _takes_none(holder["schema"]):
            holder["schema"] = core_schema.with_info_after_validator_function(_refuse_null, holder["schema"])


def _takes_none(schema: Any) -> bool:
    """Whether a value may be `None`: what may be left out, and JSON of any kind."""
    is_json = schema["type"] == "function-after" and schema["function"]["function"] is storable
    return is_json or schema["type"] == "nullable"


def _refuse_null(value: Any, info: ValidationInfo) -> Any:
    if value is None and info.mode == "json":
        raise ValueError("must not be null; leave it out instead")
    return value


def _with_whole_numbers(schema: Any) -> Any:
    """The schema, in which 12.0 is an integer, as in JSON Schema; other models in it are made so by themselves."""
    if schema["type"] == "int":
        return _whole_number(schema)
    if schema["type"] in ("model", "definition-ref"):
        return schema
    made = {name: _with_whole_numbers(part) for name, part in schema.items() if name in _PARTS}
    made |= {name: [_with_whole_numbers(part) for part in parts] for name, parts in schema.items() if name in _LISTS}
    return {**schema, **made}


def _whole_number(schema: CoreSchema) -> CoreSchema:
    """An integer, or a number that is whole; then its bounds."""
    whole = core_schema.chain_schema([core_schema.float_schema(strict=True), core_schema.int_schema(strict=False)])
    either = core_schema.union_schema(
        [core_schema.int_schema(strict=True), whole], mode="left_to_right", custom_error_type="int_type"
    )
    return core_schema.chain_schema([either, schema])
