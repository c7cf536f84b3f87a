"""Contracts that hypothesis makes up: odd names, odd texts, odd shapes, all of them allowed."""

from __future__ import annotations

import builtins
import keyword
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from sqlmodel import SQLModel

from treaty.names import snake

Contract = dict[str, Any]

_TAKEN = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *dir(BaseModel), *dir(SQLModel)}
_USED_HERE = {
    "annotated", "any", "args", "choice", "class1", "cls", "date", "datetime", "dateTime", "decimal", "document", "dt",
    "entity", "event", "field", "fields", "generated", "import", "index", "input", "key", "kwargs", "l", "literal",
    "mro", "name", "newId", "operation", "output", "payload", "pydantic", "row", "saas", "self", "session", "shape",
    "sqlmodel", "stamped", "tablename", "tenant", "text", "time", "timedelta", "treatyRuntime", "type", "uow", "userID",
    "uuid", "uUID", "value", "values", "version", "world", "x1", "x1y2Z3",
}  # fmt: skip
NAMES = sorted(
    name
    for name in {to_camel(word.strip("_")) for word in _TAKEN if word.strip("_")} | _USED_HERE
    if name[0].islower() and name.isalnum() and name.isascii()
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40).filter(
    str.strip
) | st.sampled_from(
    [
        '"""',
        "ends in \\",
        'ends in "',
        "{{ x }} {y} {% z %} #}",
        "a\nb",
        "\u202ebidi\u2066",
        "'",
        "Ünï 日本 🎉",
        "x " * 99,
    ]
)
DEFAULTS = {
    "boolean": True,
    "datetime": "2030-01-31T12:00:00+01:00",
    "date": "2030-01-31",
    "duration": "P1DT2H0.5S",
    "uuid": "018f0000-0000-7000-8000-000000000001",
    "url": "https://x.example/?a=b%20c#d",
    "email": "a@b.example",
}
VALUES = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | TEXTS, lambda inner: st.lists(inner, max_size=2))
names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=7, unique_by=snake)


@st.composite
def scalars(draw: st.DrawFn) -> Contract:
    """A field of a built-in type with constraints that go together, perhaps with a default that keeps them."""
    kind = draw(st.sampled_from([
        "string", "integer", "number", "decimal", "boolean", "datetime", "date", "duration", "uuid", "url", "email",
        "json", "enum", "pattern",
    ]))  # fmt: skip
    spec: Contract = {"type": "string" if kind in ("enum", "pattern") else kind}
    default: Any = None
    match kind:
        case "string":
            spec |= {"minLength": draw(st.integers(0, 1)), "maxLength": draw(st.integers(60, 5000))}
            default = draw(TEXTS.filter(lambda text: len(text) <= 60))
        case "enum":
            spec["enum"] = draw(
                st.lists(TEXTS.filter(lambda text: len(text) <= 60), min_size=1, max_size=4, unique=True)
            )
            default = draw(st.sampled_from(spec["enum"]))
        case "pattern":
            spec["pattern"], default = draw(
                st.sampled_from([(r"^\d{2}$", "12"), (r"^[\w.-]+(?:a|b)?$", "x"), ("^[\"'{}#%:\\\\]*$", "\"'")])
            )
        case "integer":
            spec |= {
                "minimum": -5,
                "exclusiveMaximum": draw(st.integers(5, 9)),
                "multipleOf": draw(st.sampled_from([1, 2])),
            }
            default = 4
        case "number":
            spec |= {"exclusiveMinimum": -0.5, "maximum": draw(st.sampled_from([1, 1.5]))}
            default = draw(st.sampled_from([0, 0.25]))
        case "decimal":
            spec |= {"minimum": draw(st.sampled_from(["0.01", 0]))}
            default = "1.50"
        case "json":
            default = draw(st.dictionaries(TEXTS, VALUES, max_size=2))
        case _:
            default = DEFAULTS[kind]
    return {**spec, **draw(st.sampled_from([{}, {}, {"default": default}]))}


@st.composite
def fields(draw: st.DrawFn, types: tuple[str, ...] = (), depth: int = 1) -> Contract:
    """Some fields; `types` are the names of types that they may be of."""
    return {name: draw(_fields(types, depth)) for name in draw(names)}


@st.composite
def _fields(draw: st.DrawFn, types: tuple[str, ...], depth: int) -> Contract:
    spec: Contract = draw(scalars())
    shape = draw(st.sampled_from(["scalar", "scalar", "list", "map", "type", "object", "objects"]))
    around = draw(st.sampled_from(["", "list of ", "map of ", "list of map of "]))
    if shape in ("list", "map"):
        spec.pop("default", None)
        spec["type"] = f"{shape} of {spec['type']}"
        if shape == "list":
            spec |= draw(st.sampled_from([{}, {"minItems": 1}, {"maxItems": 9}]))
    elif shape == "type" and types:
        name = draw(st.sampled_from(types))  # a shape that needs another one may need itself in the end
        spec = {"type": f"{around or ('' if name == 'Kind' else 'optional ')}{name}"}
    elif shape in ("object", "objects") and depth:
        spec = {
            "type": f"{around if shape == 'objects' else ''}object",
            "fields": draw(fields(types, depth - 1)),
        }
    if "default" not in spec and not spec["type"].startswith("optional ") and draw(st.booleans()):
        spec["type"] = f"optional {spec['type']}"
    return spec | draw(st.sampled_from([{}, {"sensitive": True}])) | draw(described())


@st.composite
def described(draw: st.DrawFn) -> Contract:
    """Perhaps a description."""
    return {"description": draw(TEXTS)} if draw(st.booleans()) else {}


@st.composite
def namespaces(draw: st.DrawFn) -> dict[str, Contract]:
    """The contracts of one namespace by name, without `key` and `version`; every reference stays inside."""
    values = draw(st.lists(st.sampled_from(["a", "None", "mro", "2-x", "class", "A.b", "name", "value"]), min_size=1,
                           max_size=5, unique_by=snake))  # fmt: skip
    types = (
        "Kind",
        "Node",
        draw(st.sampled_from(["Text", "Field", "UUID", "Event", "Literal", "Shape", "Any", "Leaf"])),
    )
    contracts: dict[str, Contract] = {
        "Kind": {"kind": "type", "values": {value: draw(TEXTS) for value in values}},
        "Node": {"kind": "type", "fields": {"next": f"list of {draw(st.sampled_from(types))}", **draw(fields(types))}},
        types[2]: {"kind": "type", "fields": {"up": "optional Node", **draw(fields(("Kind",)))}},
        "Row": {"kind": "entity", "fields": {"id": {"type": "uuid", "primary": True}, **draw(_columns(types))}},
        "thing.happened": {"kind": "event", "payload": draw(fields(types))},
        "ask": draw(_operations(types, body=False)),
        "do.it": draw(_operations(types, body=True)),
        "tidy.up": {
            "kind": "job",
            "tenant": "none",
            "goal": draw(TEXTS),
            "input": {"where": "uuid", **draw(fields(types))},
            "output": draw(st.sampled_from(["Node", types[2]])) if draw(st.booleans()) else draw(fields(types)),
            "once": "where",
            "emits": [{"event": "thing.happened", "when": draw(TEXTS)}],
        },
        "phrases": {"kind": "vocabulary", "phrases": draw(_phrases())},
    }
    return {name: {"description": draw(TEXTS), **contract} for name, contract in contracts.items()}


@st.composite
def _columns(draw: st.DrawFn, types: tuple[str, ...]) -> Contract:
    columns = {name: spec for name, spec in draw(fields(types)).items() if snake(name) != "id"}
    return columns | {"rowBefore": "optional Row", "madeAt": {"type": "datetime", "default": "now"}}


@st.composite
def _operations(draw: st.DrawFn, types: tuple[str, ...], *, body: bool) -> Contract:
    operation: Contract = {
        "kind": "command" if body else "query",
        "http": "POST /PLACE/{where} -> 201" if body else "GET /PLACE",
        "goal": draw(TEXTS),
        "input": {"where": "uuid", **draw(fields(types))} if body else {},
        "output": draw(st.sampled_from(["Node", types[2]])) if draw(st.booleans()) else draw(fields(types)),
        "policy": draw(st.sampled_from([{}, {"auth": "anonymous"}, {"roles": ["admin"], "audit": True}])),
        "emits": [{"event": "thing.happened", "when": draw(TEXTS)}] if body else [],
    }
    if not body:
        operation["errors"] = {"odd_thing": draw(TEXTS), "refusal": {"status": 404, "when": draw(TEXTS)}}
        operation["acceptance"] = {
            "examples": [{"key": code.replace("_", "-"), "error": code} for code in operation["errors"]]
        }
    return operation


@st.composite
def _phrases(draw: st.DrawFn) -> list[Contract]:
    """Phrases with placeholders of odd names, which stand in odd texts."""
    phrases: list[Contract] = []
    for number in range(draw(st.integers(1, 3))):
        used = draw(names)
        pattern = f"PLACE {number} " + " ".join(f"{{{name}}}" for name in used if name not in ("row", "world"))
        said = {
            name: f"{draw(TEXTS.filter(lambda text: '{' not in text))}{{{name}}}"
            for name in used
            if name not in ("row", "world")
        }
        phrases.append({"when": pattern, "do": {"step": "steps.function", "with": said}})
    return [*phrases, {"given": "PLACE is asked", "do": {"call": "ask", "name": "answer"}}]
