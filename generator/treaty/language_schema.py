"""JSON Schema (draft 2020-12) of the language itself, for editors: completion, hover texts, red underlines.

Made from the models that contracts are read with, so it knows every word, and says of it what the models say. What
needs a look at other contracts, `treaty check` alone can tell.
"""

from __future__ import annotations

from typing import Any, get_args

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from treaty.contract.kinds import KINDS, Defaults
from treaty.json_schema import DIALECT, NOT_NULL
from treaty.resolve.http import METHODS
from treaty.resolve.model import ScalarName

__all__ = ["language_schema"]

PLACE = "#/$defs/"
TITLE = "Treaty contract"
COMMENT = "Written by `treaty schema`, for editors. `treaty check` says more: it sees all contracts at once."

# The grammars of `treaty.resolve.expressions` and `treaty.resolve.http`; a test compares them.
TYPE_PATTERN = r"^(optional )?((list|map) of ){0,4}[A-Za-z][A-Za-z0-9.-]*$"
_SEGMENT = r"([A-Za-z0-9._~-]+|\{[a-z][A-Za-z0-9]*\})"
HTTP_PATTERN = rf"^({'|'.join(METHODS)}) +(/{_SEGMENT})+( +-> +[0-9]{{3}})?$"
HTTP_EXAMPLES = ("POST /billing/usage -> 201", "GET /billing/usage/{feature}")
BUILT_IN: dict[ScalarName, str] = {
    "string": "Text, of at most 1,000 characters unless `maxLength` says otherwise.",
    "integer": "A whole number of 64 bits.",
    "number": "A floating-point number; for money, `decimal` or an integer of the smallest unit.",
    "decimal": 'An exact number; on the wire a string, such as "12.50".',
    "boolean": "`true` or `false`.",
    "datetime": "A moment, with its offset: 2026-01-31T12:00:00Z.",
    "date": "A day: 2026-01-31.",
    "duration": "A length of time: P1DT2H30M.",
    "uuid": "A UUID.",
    "url": "An http or https address.",
    "email": "An email address.",
    "json": "Any JSON.",
}


def language_schema() -> dict[str, Any]:
    """The schema of every contract and of `_defaults.yaml`, chosen by `kind`."""
    models = [*dict.fromkeys(KINDS.values()), Defaults]
    refs, schema = models_json_schema(
        [(model, "validation") for model in models], by_alias=True, schema_generator=_Generator
    )
    definitions = schema["$defs"]
    definitions["FieldType"] = _field_type()
    _refine(definitions)
    return {
        "$schema": DIALECT,
        "$comment": COMMENT,
        "title": TITLE,
        "type": "object",
        "properties": {"kind": _kind()},
        "if": {"required": ["kind"]},
        "then": {"allOf": [_chosen(kinds, refs[model, "validation"]) for model, kinds in _kinds_by_model().items()]},
        "else": refs[Defaults, "validation"],
        "$defs": dict(sorted(definitions.items())),
    }


class _Generator(GenerateJsonSchema):
    """Says things as the language does: no nulls, no invented titles, names outside their pattern refused."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """`None` is how a model remembers that a word was left out; nobody can write it."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Nothing is no default worth showing."""
        made = super().default_schema(schema)
        if made.get("default", True) in (None, [], {}):
            del made["default"]
        return made

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """Editors complete `anyOf` while it is still ambiguous; of `oneOf` they complain."""
        made = super().tagged_union_schema(schema)
        ways = [inner for way in made.pop("oneOf") for inner in way.get("anyOf", [way])]
        return {**made, "anyOf": ways}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """A model without its Python name."""
        made = super().model_schema(schema)
        made.pop("title", None)
        return made

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        """An enumeration without its Python name."""
        made = super().enum_schema(schema)
        made.pop("title", None)
        return made

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A mapping whose names follow a pattern has no others; editors complete `additionalProperties` only."""
        made = super().dict_schema(schema)
        for pattern, value in made.pop("patternProperties", {}).items():
            made["propertyNames"] = {**made.get("propertyNames", {}), "pattern": pattern}
            made["additionalProperties"] = value
        return made

    def field_title_should_be_set(self, _schema: Any) -> bool:
        """A word needs no title."""
        return False


def _kinds_by_model() -> dict[Any, list[str]]:
    found: dict[Any, list[str]] = {}
    for kind, model in KINDS.items():
        found.setdefault(model, []).append(kind)
    return found


def _chosen(kinds: list[str], schema: JsonSchemaValue) -> JsonSchemaValue:
    return {"if": {"properties": {"kind": {"enum": kinds}}}, "then": schema}


def _kind() -> JsonSchemaValue:
    meanings = [{"const": kind, "description": _first_line(model)} for kind, model in KINDS.items()]
    return {"description": "What kind of contract this is; the first word of every contract.", "anyOf": meanings}


def _first_line(model: type) -> str:
    return (model.__doc__ or "").strip().split("\n", 1)[0]


def _field_type() -> JsonSchemaValue:
    """The types that can be offered, and any other that names a contract."""
    scalars = get_args(ScalarName)
    more = [f"{around} {name}" for around in ("optional", "list of", "map of") for name in scalars]
    offered = [{"const": name, "description": BUILT_IN[name]} for name in scalars]
    objects = {"enum": ["object", "optional object", "list of object"], "description": "With `fields:` beside it."}
    named = {"type": "string", "pattern": TYPE_PATTERN, "maxLength": 250}
    return {"anyOf": [*offered, {"enum": more}, objects, named]}


def _refine(definitions: dict[str, Any]) -> None:
    """Where text has a grammar of its own, say that, too."""
    words = definitions["FieldSpec"]["properties"]
    words["type"] = {word: words["type"][word] for word in ("description", "default")} | {"$ref": f"{PLACE}FieldType"}
    words["default"] = {"description": words["default"]["description"], "type": list(NOT_NULL)}
    definitions["FieldText"] = {"anyOf": [{"$ref": f"{PLACE}FieldSpec"}, {"$ref": f"{PLACE}FieldType"}]}
    _replace_fields(definitions)
    definitions["ClockAct"]["minProperties"] = 1
    definitions["OperationContract"]["properties"]["http"] |= {"pattern": HTTP_PATTERN, "examples": list(HTTP_EXAMPLES)}


def _replace_fields(node: Any) -> None:
    """Every place where a field may be written refers to one definition."""
    if isinstance(node, dict):
        value = node.get("additionalProperties")
        if isinstance(value, dict) and {"$ref": f"{PLACE}FieldSpec"} in value.get("anyOf", ()):
            node["additionalProperties"] = {"$ref": f"{PLACE}FieldText"}
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _replace_fields(inner)
