"""Fields: types parsed, contract names followed, Python names given, constraints completed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from treaty import names
from treaty.contract.fields import Fields, FieldSpec
from treaty.contract.parse import Parsed
from treaty.contract.spelling import respelling, suggestion
from treaty.diagnostics import Fix, replacement
from treaty.resolve.context import Context
from treaty.resolve.expressions import Expression, meant, parse_expression
from treaty.resolve.model import (
    Constraints,
    EntityRef,
    Field,
    FieldType,
    Inline,
    ListOf,
    MapOf,
    Scalar,
    ScalarName,
    TypeRef,
)
from treaty.resolve.portable import portable
from treaty.source.document import Path

SCALARS: dict[str, ScalarName] = {name: name for name in get_args(ScalarName)}
DEFAULT_MAX_LENGTH = 1000
_CONSTRAINTS = frozenset(Constraints.__dataclass_fields__)
_LIST_WORDS = frozenset({"min_items", "max_items"})


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reads the fields of one contract. Entities name their attributes differently and may refer to other rows."""

    context: Context
    parsed: Parsed[Any]
    is_entity: bool = False

    def read(self, written: Fields, path: Path, class_name: str) -> tuple[Field, ...]:
        """The fields that stand at `path`; inline objects are named after `class_name`."""
        return tuple(self._field(name, text, (*path, name), class_name) for name, text in written.items())

    def _field(self, name: str, text: FieldSpec | str, path: Path, class_name: str) -> Field:
        spec = text if isinstance(text, FieldSpec) else FieldSpec(type=text)
        expression = self._expression(text, path)
        found = self._type(expression, spec, path, names.inline_class(class_name, name)) if expression else None
        reference = isinstance(found, EntityRef)
        column = names.column(name, reference=reference)
        top = self.is_entity and len(path) == 2
        return Field(
            name=name,
            python_name=names.column_attribute(name, reference=reference) if top else names.field_name(name),
            column=column,
            type=found or Scalar("json"),
            optional=expression.optional if expression else True,
            default=spec.default,
            has_default="default" in spec.model_fields_set,
            description=spec.description,
            constraints=_constraints(spec, found) if found else Constraints(),
            sensitive=spec.sensitive,
            read_roles=spec.read_roles or (),
            primary=spec.primary,
            renamed_from=spec.renamed_from,
            at=self.parsed.key_at(*path),
        )

    def _expression(self, text: FieldSpec | str, path: Path) -> Expression | None:
        if isinstance(text, FieldSpec) and "type" not in text.model_fields_set and text.fields is None:
            self._fail(
                path, "type-missing", f"`{path[-1]}` does not say its type.", "Add `type:`, or `fields:` for an object."
            )
            return None
        written = text.type if isinstance(text, FieldSpec) else text
        expression = parse_expression(written)
        if isinstance(expression, Expression):
            return expression
        right = meant(written)
        fix = replacement(self._type_at(path), written, right) if right else None
        self._fail(path, "type-invalid", *expression, fix)
        return None

    def _type(self, expression: Expression, spec: FieldSpec, path: Path, class_name: str) -> FieldType | None:
        base = self._base(expression, spec, path, class_name)
        if base is None:
            return None
        if spec.fields is not None and not isinstance(base, Inline):
            self.context.complain(
                self.parsed.key_at(*path, "fields"),
                "fields-without-object",
                f"`fields` belong to an `object`; `{path[-1]}` is a `{spec.type}`.",
                "Use one of `type` and `fields`.",
            )
        for word in reversed(expression.around):
            base = ListOf(base) if word == "list" else MapOf(base)
        return base

    def _base(self, expression: Expression, spec: FieldSpec, path: Path, class_name: str) -> FieldType | None:
        if expression.base in SCALARS:
            return Scalar(SCALARS[expression.base])
        if expression.base == "object":
            return self._inline(spec, path, class_name)
        kinds = ("type", "entity") if self.is_entity and not expression.around and len(path) == 2 else ("type",)
        known = None if "." in expression.base else self._meant_scalar(expression.base)
        if known:
            self._fail(
                path,
                "type-invalid",
                f"There is no type `{expression.base}`.",
                f"Did you mean `{known}`?",
                self._scalar_fix(expression, path, known),
            )
            return None
        around = expression.before, ""
        key = self.context.reference(expression.base, self.parsed.namespace, kinds, self._type_at(path), around)
        if key is None:
            self.context.unresolved.add(self.parsed.key_at(*path))
            return None
        return EntityRef(key) if self.context.kind_of(key) == "entity" else TypeRef(key)

    def _meant_scalar(self, name: str) -> str | None:
        if self.context.find(name, self.parsed.namespace):
            return None
        return _FOREIGN_TYPES.get(name) or (suggestion(name, SCALARS) if name[0].islower() else None)

    def _scalar_fix(self, expression: Expression, path: Path, known: str) -> Fix | None:
        """The mend of a built-in type's name: misspelt, or as other languages call the same type."""
        name, before, at = expression.base, expression.before, self._type_at(path)
        if name in _SAME_TYPES:
            return replacement(at, f"{before}{name}", f"{before}{known}")
        return None if name in _FOREIGN_TYPES else respelling(at, name, SCALARS, (before, ""))

    def _inline(self, spec: FieldSpec, path: Path, class_name: str) -> Inline | None:
        if spec.fields is None:
            self._fail(
                path,
                "object-without-fields",
                "An `object` says its `fields`.",
                "Add `fields:`, or use `json` for anything at all.",
            )
            return None
        return Inline(class_name, self.read(spec.fields, (*path, "fields"), class_name))

    def _fail(self, path: Path, code: str, message: str, hint: str, fix: Fix | None = None) -> None:
        self.context.complain(self._type_at(path), code, message, hint, fix)
        self.context.unresolved.add(self.parsed.key_at(*path))

    def _type_at(self, path: Path) -> Any:
        return (
            self.parsed.at(*path, "type") if (*path, "type") in self.parsed.document.values else self.parsed.at(*path)
        )


_FOREIGN_TYPES = {
    "str": "string",
    "text": "string",
    "int": "integer",
    "bigint": "integer",
    "float": "number",
    "double": "number",
    "bool": "boolean",
    "timestamp": "datetime",
    "money": "decimal",
    "uri": "url",
    "any": "json",
    "dict": "map of json",
    "array": "list of string",
    "time": "datetime",
    "UUID": "uuid",
    "date-time": "datetime",
}


# What is called by these names is the same type everywhere; the others may stand for more than one.
_SAME_TYPES = frozenset({"str", "text", "int", "bigint", "float", "double", "bool", "uri", "UUID", "date-time"})


def _constraints(spec: FieldSpec, type_: FieldType) -> Constraints:
    said: dict[str, Any] = {name: getattr(spec, name) for name in spec.model_fields_set & _CONSTRAINTS}
    if said.get("max_length") is None and leaf(type_) == Scalar("string"):
        said["max_length"] = DEFAULT_MAX_LENGTH
    if said.get("pattern") is not None:
        said["pattern"] = portable(said["pattern"])
    return Constraints(**said)


def leaf(type_: FieldType) -> FieldType:
    """What a type is made of: `string` for `list of map of string`."""
    while isinstance(type_, ListOf | MapOf):
        type_ = type_.item if isinstance(type_, ListOf) else type_.value
    return type_
