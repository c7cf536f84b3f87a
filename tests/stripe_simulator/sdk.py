"""What the pinned SDK says of itself: its operations with their parameters and results, read from its own source."""

from __future__ import annotations

import ast
import importlib
import inspect
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Union, get_args, get_origin

import stripe
from stripe import ListObject as V1List
from stripe import StripeObject
from stripe._object_classes import get_object_class
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject
from stripe.events._event_classes import get_v2_event_class
from stripe.v2._list_object import ListObject as V2List
from stripe.v2.core import Event as V2Event

OPTIONS = frozenset(RequestOptions.__annotations__)  # how to send, not what


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of one of the SDK's services."""

    module: str
    function: ast.FunctionDef

    @property
    def parameters(self) -> Any:
        """The typed dictionary that it takes, if any."""
        return self._type(next((each.annotation for each in self.function.args.args if each.arg == "params"), None))

    @property
    def result(self) -> Any:
        """What it answers, if anything."""
        kind = self._type(self.function.returns)
        return None if kind is type(None) else kind

    def _type(self, annotation: ast.expr | None) -> Any:
        if annotation is None:
            return None
        return _evaluated(ast.unparse(annotation), namespace(importlib.import_module(self.module)))


@cache
def operations() -> dict[tuple[str, tuple[str, ...]], Operation]:
    """All operations by method and path, path parameters as `{}`."""
    (root,) = (Path(path) for path in stripe.__path__)
    found: dict[tuple[str, tuple[str, ...]], Operation] = {}
    for file in root.rglob("*_service.py"):
        module = ".".join(["stripe", *file.relative_to(root).with_suffix("").parts])
        found.update(_operations(module, file))
    return found


def shape(path: str) -> tuple[str, ...]:
    """The parts of a path, parameters as `{}`."""
    return tuple("{}" if part.startswith("{") else part for part in path.strip("/").split("/"))


def _operations(module: str, file: Path) -> Iterator[tuple[tuple[str, tuple[str, ...]], Operation]]:
    for service in ast.parse(file.read_text(encoding="utf-8")).body:
        for function in service.body if isinstance(service, ast.ClassDef) else []:
            if isinstance(function, ast.FunctionDef):
                for method, path in _requests(function):
                    yield (method, shape(path)), Operation(module, function)


def _requests(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "_request":
            method, path = call.args[:2]
            if isinstance(path, ast.Call) and isinstance(path.func, ast.Attribute):
                path = path.func.value  # "/v1/customers/{customer}".format(…)
            yield ast.literal_eval(method).upper(), ast.literal_eval(path)


def _evaluated(annotation: Any, names: dict[str, Any]) -> Any:
    while isinstance(annotation, str):
        annotation = eval(annotation, names)
    holder = type("Holder", (), {"__annotations__": {"it": annotation}})
    return typing.get_type_hints(holder, names, names, include_extras=True)["it"]


@cache
def namespace(module: ModuleType) -> dict[str, Any]:
    """The names of a module, those that only type checkers import included."""
    names = dict(vars(module))
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                if (alias.asname or alias.name) not in names:
                    source = importlib.import_module(node.module)
                    names[alias.asname or alias.name] = getattr(source, alias.name)
    return names


@cache
def fields(kind: type) -> dict[str, Any]:
    """The fields of a class or a typed dictionary with their types, inherited ones included."""
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__ if hasattr(kind, "__mro__") else [kind]):
        module = importlib.import_module(base.__module__)
        if not base.__module__.startswith("stripe"):
            continue  # what every object or dictionary has
        names = namespace(module) | dict(vars(base))
        for name, annotation in vars(base).get("__annotations__", {}).items():
            if not name.startswith("_") and name != "OBJECT_NAME" and not (base.__mro__[1] is dict and name in OPTIONS):
                found[name] = _evaluated(_text(annotation), names)
    return found


def _text(annotation: Any) -> Any:
    return annotation.__forward_arg__ if isinstance(annotation, typing.ForwardRef) else annotation


def stripped(annotation: Any) -> Any:
    """A type without `NotRequired` and `Annotated`."""
    while str(get_origin(annotation)).endswith("NotRequired") or hasattr(annotation, "__metadata__"):
        annotation = get_args(annotation)[0]
    return annotation


def alternatives(annotation: Any) -> list[Any]:
    """What a type allows, one by one."""
    annotation = stripped(annotation)
    if get_origin(annotation) is Union or str(get_origin(annotation)) == "<class 'types.UnionType'>":
        return [each for part in get_args(annotation) for each in alternatives(part)]
    return [annotation]


def misfits(value: Any, annotation: Any, where: str = "") -> list[str]:
    """What in a JSON value does not fit a type of the SDK."""
    kinds = alternatives(annotation)
    tried = [_misfits(value, kind, where) for kind in kinds]
    return min(tried, key=len) if tried else []


def _misfits(value: Any, kind: Any, where: str) -> list[str]:
    origin = get_origin(kind)
    wrong = [f"{where}: {value!r} is no {kind}"]
    if kind is Any or isinstance(kind, typing.TypeVar):
        return []
    if kind is None or kind is type(None):
        return [] if value is None else wrong
    if origin is Literal:
        return [] if value in get_args(kind) else wrong
    if origin is list:
        return _of_list(value, get_args(kind)[0], where) if isinstance(value, list) else wrong
    if origin in (V1List, V2List):
        return _of_page(value, origin, get_args(kind)[0], where) if isinstance(value, dict) else wrong
    if origin is UntypedStripeObject:
        return [] if isinstance(value, dict) else wrong
    if isinstance(kind, type) and issubclass(kind, StripeObject):
        return _of_object(value, kind, where) if isinstance(value, dict) else wrong
    return [] if _is_plain(value, kind) else wrong


def _is_plain(value: Any, kind: Any) -> bool:
    if kind is Decimal:
        return isinstance(value, str) and Decimal(value).is_finite()
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kind


def _of_list(values: list[Any], kind: Any, where: str) -> list[str]:
    return [each for place, value in enumerate(values) for each in misfits(value, kind, f"{where}[{place}]")]


def _of_page(value: dict[str, Any], page: Any, kind: Any, where: str) -> list[str]:
    names = {"object", "data", "has_more", "url"} if page is V1List else {"data", "next_page_url", "previous_page_url"}
    wrong = [f"{where}: has {sorted(value)} instead of {sorted(names)}"] if value.keys() != names else []
    return wrong + _of_list(value.get("data", []), kind, f"{where}.data")


def _of_object(value: dict[str, Any], kind: type, where: str) -> list[str]:
    if kind is V2Event:
        kind = get_v2_event_class(value["type"])
    known = fields(kind)
    if value.get("deleted"):
        return [f"{where}.{name}: unknown" for name in value if name not in known]
    found = [f"{where}.{name}: unknown to {kind.__name__}" for name in value if name not in known]
    if kind is stripe.Event:
        told = value["data"]["object"]
        found += _of_object(told, get_object_class("V1", told["object"]), f"{where}<{value['type']}>")
    for name, annotation in known.items():
        if name in value:
            found += misfits(value[name], annotation, f"{where}.{name}")
        elif type(None) not in alternatives(annotation):
            found.append(f"{where}.{name}: missing in {kind.__name__}")
    return found
