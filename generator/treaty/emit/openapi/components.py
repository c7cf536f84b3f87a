"""Names and schemas of what operations share: types, inputs, outputs and the problem document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from treaty import json_schema, names
from treaty.emit.implementing import input_class, output_class
from treaty.json_schema import Schema
from treaty.resolve.model import Field, Header, Model, Operation, TypeRef

SCHEMAS = "#/components/schemas/"
PROBLEM = "Problem"
JSON = "Json"

_PROBLEM_SCHEMA: Schema = {
    "title": "Problem",
    "description": "Why a request was refused or failed (RFC 9457).",
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "`urn:treaty:problem:` and the code."},
        "title": {"type": "string", "description": "What the code means."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What happened this time."},
        "code": {"type": "string", "description": "Stable: programs may decide by it."},
        "requestId": {"type": "string", "description": "Names the request in the service's log."},
        "errors": {
            "type": "array",
            "description": "What is wrong with each field, when the request does not fit the schema.",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string", "description": "Where, as a path of names with dots."},
                    "message": {"type": "string", "description": "What is wrong there."},
                },
                "required": ["field", "message"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code", "requestId"],
    "additionalProperties": False,
}

_UPGRADE_URL: Schema = {
    "type": "string",
    "format": "uri",
    "description": "Where the feature can be had that the organization is not entitled to.",
}


@dataclass(frozen=True, slots=True)
class Components:
    """The schemas below `components`; `named` gives the component of each class by its contract and class name."""

    model: Model
    named: dict[tuple[str, str], str]

    @classmethod
    def of(cls, model: Model, shared_names: Iterable[str] = ()) -> Components:
        """The components of a model. A class name that several contracts have gets its namespace before it.

        `shared_names` are such names, when the model is only a part of all contracts.
        """
        classes = list(class_names(model))
        often = Counter(name for _, name in classes)
        taken = {name for name, number in often.items() if number > 1} | {PROBLEM, JSON, *shared_names}
        named = {
            (header.key, name): names.camel(header.namespace) + name if name in taken else name
            for header, name in classes
        }
        return cls(model, named)

    def schemas(self) -> Schema:
        """All schemas, by name."""
        found: Schema = {PROBLEM: self._problem()}
        for key, type_ in self.model.types.items():
            found[self.named[key, type_.class_name]] = json_schema.shared_type_schema(type_, place=self._place)
        for operation in self.model.operations.values():
            found |= self._own(operation)
        if json_schema.holds_json(self.model, _fields(self.model)):
            found[JSON] = json_schema.json_value_schema(place=self._place)
        return dict(sorted(found.items()))

    def input(self, operation: Operation) -> Schema:
        """A reference to the schema of an operation's body."""
        return _reference(self.named[operation.header.key, input_class(operation)])

    def output(self, operation: Operation) -> Schema:
        """A reference to the schema of an operation's answer."""
        if isinstance(operation.output, TypeRef):
            return {"$ref": self._place(operation.output.key)}
        return _reference(self.named[operation.header.key, output_class(operation)])

    def field(self, field: Field) -> Schema:
        """The schema of one field; what it means is said beside it."""
        schema = json_schema.field_schema(field, place=self._place)
        schema.pop("description", None)
        return schema

    def _problem(self) -> Schema:
        if self.model.entitlements is None:
            return _PROBLEM_SCHEMA
        return _PROBLEM_SCHEMA | {"properties": _PROBLEM_SCHEMA["properties"] | {"upgradeUrl": _UPGRADE_URL}}

    def _own(self, operation: Operation) -> Schema:
        key, found = operation.header.key, {}
        if operation.body:
            found[self.named[key, input_class(operation)]] = self._object(operation.body, f"What `{key}` takes.")
        if not isinstance(operation.output, TypeRef) and operation.status != HTTPStatus.NO_CONTENT:
            found[self.named[key, output_class(operation)]] = self._object(operation.output, f"What `{key}` answers.")
        return found

    def _object(self, fields: tuple[Field, ...], description: str) -> Schema:
        return {"description": description} | json_schema.object_schema(fields, place=self._place)

    def _place(self, key: str) -> str:
        if key == json_schema.JSON:
            return SCHEMAS + JSON
        return SCHEMAS + self.named[key, self.model.types[key].class_name]


def class_names(model: Model) -> Iterable[tuple[Header, str]]:
    """The classes that components are made of, each with the header of its contract."""
    for type_ in model.types.values():
        yield type_.header, type_.class_name
    for operation in model.operations.values():
        yield operation.header, input_class(operation)
        yield operation.header, output_class(operation)


def _fields(model: Model) -> Iterable[Field]:
    for type_ in model.types.values():
        yield from type_.fields
    for operation in model.operations.values():
        yield from operation.input
        yield from json_schema.output_fields(model, operation.output)


def _reference(name: str) -> Schema:
    return {"$ref": f"{SCHEMAS}{name}"}
