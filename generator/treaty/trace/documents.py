"""OpenAPI, AsyncAPI, JSON Schemas of events and the database schema: members of their objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from treaty.diagnostics import Location
from treaty.emit.openapi.components import Components
from treaty.resolve.model import Entity, Operation
from treaty.source.document import Path
from treaty.trace.anchors import Anchors, Span
from treaty.trace.json_lines import Pointer, Value, json_values

Found = tuple[str, Location | None]
_ABOUT = {
    "x-contract-version": "version",
    "$id": "version",
    "$comment": "version",
    "title": "key",
    "name": "key",
    "operationId": "key",
    "summary": "description",
    "description": "description",
}
_STANDING = {"x-stability": "stability", "x-owners": "owners", "x-tags": "tags", "tags": "tags"}


@dataclass(frozen=True)
class Documents:
    """What the generated JSON documents show."""

    anchors: Anchors

    def spans(self, path: str, text: str, key: str | None) -> Iterator[Span]:
        """The spans of a document; `key` is the contract of a file that comes from one alone."""
        for value in json_values(text):
            found = self._found(path, value, key)
            if found:
                yield Span(value.first, value.last, *found)

    def _found(self, path: str, value: Value, key: str | None) -> Found | None:
        if key is not None:
            return self._event(value.pointer, value, key)
        reader = {"openapi.json": self._openapi, "asyncapi.json": self._asyncapi, "schema.json": self._database}
        return reader[path](value) if path in reader else None

    def _event(self, rest: Pointer, value: Value, key: str) -> Found | None:
        if rest[:1] == ("$defs",):
            return key, None
        return self._about(key, rest) or self._schema(key, ("payload",), rest, value)

    def _openapi(self, value: Value) -> Found | None:
        match value.pointer:
            case ("paths", str(path), str(method), *rest) if (path, method) in self._webhooks:
                key = self._webhooks[path, method]
                return self._about(key, tuple(rest)) or (key, self.anchors.word(key, "http"))
            case ("paths", str(path), str(method), *rest):
                operation = self._operations[path, method]
                return operation.header.key, self._operation(operation, tuple(rest), value)
            case ("components", "schemas", str(name), *rest) if name in self._components:
                return self._schema(*self._components[name], tuple(rest), value)
        return None

    def _operation(self, operation: Operation, rest: Pointer, value: Value) -> Location | None:
        key, anchors = operation.header.key, self.anchors
        if example := self._example(operation, rest):
            return example
        match rest:
            case ("description", *_):
                return None  # several words of the contract in one text
            case ("security", *_):
                return anchors.policy(key, "auth")
            case ("parameters", int(number), *_):
                fields = [parameter.field.name for parameter in operation.parameters]
                return anchors.below(key, ("input",), [fields[number]]) if number < len(fields) else None
            case ("parameters",) | ("requestBody", *_):
                return anchors.word(key, "input")
            case ("responses", str(status), *_):
                return self._response(operation, status, value)
        found = self._about(key, rest)
        return found[1] if found else anchors.word(key, "http")

    def _example(self, operation: Operation, rest: Pointer) -> Location | None:
        if "examples" not in rest[:-1]:
            return None
        name = rest[rest.index("examples") + 1]
        example = next((item for item in operation.examples if item.key == name), None)
        if example is None:
            return None
        return example.output_at if rest[0] == "responses" else example.input_at

    def _response(self, operation: Operation, status: str, value: Value) -> Location | None:
        if isinstance(value.plain, str) and (at := self.anchors.error(operation, value.plain)):
            return at
        if status == str(operation.status):
            return self.anchors.word(operation.header.key, "output")
        declared = [error.at for error in operation.errors if str(error.status) == status]
        return declared[0] if len(declared) == 1 else None

    def _asyncapi(self, value: Value) -> Found | None:
        model = self.anchors.book.model
        match value.pointer:
            case ("components", "messages", str(key), *rest) if key in model.events:
                return self._about(key, tuple(rest)) or (key, None)
            case ("components", "schemas", str(key), *rest) if key in model.events:
                return self._schema(key, ("payload",), tuple(rest), value)
            case ("components", "schemas", str(key), *rest) if key in model.types:
                return self._schema(key, self._path_of_type(key), tuple(rest), value)
            case ("channels", _, "messages", str(key), *_) if key in model.events:
                return key, self.anchors.word(key, "key")
            case ("operations", str(key), *rest) if key in model.operations:
                return self._about(key, tuple(rest)) or (key, self.anchors.word(key, "emits"))
        return None

    def _database(self, value: Value) -> Found | None:
        match value.pointer:
            case ("tables", str(table), *rest):
                entity = self._tables[table]
                key = entity.header.key
                columns = {field.column: field.name for field in entity.fields}
                match rest:
                    case ["columns", str(column), *_] if column in columns:
                        return key, self.anchors.word(key, "fields", columns[column])
                    case ["entity"]:
                        return key, self.anchors.word(key, "key")
                    case [("tenant" | "appendOnly" | "partition" | "keep") as word, *_]:
                        return key, self.anchors.word(key, word)
                    case ["keys", *_]:
                        return key, self.anchors.word(key, "unique")
                    case ["columns", "revision", *_]:
                        return key, self.anchors.word(key, "revision")
                return key, None
        return None

    def _about(self, key: str, rest: Pointer) -> Found | None:
        """What documents say of a contract as a whole."""
        word = str(rest[0]) if rest else ""
        if len(rest) == 1 and word in _ABOUT:
            return key, self.anchors.word(key, _ABOUT[word])
        return (key, self.anchors.standing(key, _STANDING[word])) if word in _STANDING else None

    def _schema(self, key: str, path: Path, rest: Pointer, value: Value) -> Found:
        """A field by the names on the way to it; whatever stands below it belongs to it."""
        names = list(_names(rest))
        if rest[-2:-1] == ("required",) and isinstance(rest[-1], int):
            names.append(str(value.plain))
        elif rest[:1] == ("enum",) and path == ("values",) and value.plain:
            names = [str(value.plain)]
        if not names:
            word = "description" if rest == ("description",) and path[0] in ("fields", "values") else str(path[0])
            return key, self.anchors.word(key, word)
        return key, self.anchors.below(key, path, names)

    def _path_of_type(self, key: str) -> Path:
        return ("values",) if self.anchors.book.model.types[key].values else ("fields",)

    @cached_property
    def _operations(self) -> dict[tuple[str, str], Operation]:
        operations = self.anchors.book.model.operations.values()
        exports = (export for operation in operations if (export := operation.as_csv()))
        return {(operation.http_path, operation.method.lower()): operation for operation in (*operations, *exports)}

    @cached_property
    def _webhooks(self) -> dict[tuple[str, str], str]:
        webhooks = self.anchors.book.model.webhooks
        return {(webhook.http_path, webhook.method.lower()): key for key, webhook in webhooks.items()}

    @cached_property
    def _tables(self) -> dict[str, Entity]:
        return {entity.table: entity for entity in self.anchors.book.model.entities.values()}

    @cached_property
    def _components(self) -> dict[str, tuple[str, Path]]:
        """The contract and the mapping of fields (or values) of each component."""
        found: dict[str, tuple[str, Path]] = {}
        for (key, name), component in Components.of(self.anchors.book.model).named.items():
            if key in self.anchors.book.model.types:
                found[component] = key, self._path_of_type(key)
            else:
                found[component] = key, ("input",) if name.endswith("Input") else ("output",)
        return found


def _names(rest: Pointer) -> Iterator[str]:
    """The fields on the way through a schema; one may itself be called `properties`."""
    words = iter(rest)
    for word in words:
        if word == "properties" and (name := next(words, None)) is not None:
            yield str(name)
