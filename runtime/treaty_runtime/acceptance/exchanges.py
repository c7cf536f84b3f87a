"""One request and its answer: how an operation's input becomes HTTP, and what came back, in words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from treaty_runtime.acceptance.failures import Mistake
from treaty_runtime.acceptance.json_values import Vague, as_wanted, plain, shown
from treaty_runtime.jobs.descriptor import Job
from treaty_runtime.models import Shape
from treaty_runtime.operations import Operation, Parameter

__all__ = ["AnyOperation", "Call", "Exchange", "Reply", "Sent", "prepare", "wire_input"]

AnyOperation = Operation[Any, Any]
LONGEST = 4000  # of an answer that is shown
Query = list[tuple[str, str | int | float | bool | None]]


class Sent(ABC):
    """A request that can be sent again."""

    @property
    @abstractmethod
    def subject(self) -> str:
        """Who answers."""

    @property
    @abstractmethod
    def output(self) -> type[Shape]:
        """What is promised as the answer."""

    @abstractmethod
    def request(self, client: httpx.AsyncClient) -> httpx.Request:
        """The HTTP request."""

    @abstractmethod
    def changed(self, overrides: Mapping[str, Any]) -> Sent:
        """The same with some fields changed."""


@dataclass(frozen=True, slots=True)
class Call(Sent):
    """A call of an operation: its input as JSON, and the headers that say who calls."""

    operation: AnyOperation
    input: Mapping[str, Any]
    credentials: Mapping[str, str]

    @property
    def subject(self) -> str:
        """The operation's key."""
        return self.operation.identity

    @property
    def output(self) -> type[Shape]:
        """What the operation promises."""
        return self.operation.output

    def request(self, client: httpx.AsyncClient) -> httpx.Request:
        """Each field in the path, the query, a header or the body, as the contract says."""
        return prepare(client, self)

    def changed(self, overrides: Mapping[str, Any]) -> Call:
        """The same with some fields of the input changed."""
        return replace(self, input={**self.input, **wire_input(self.operation, overrides)})


@dataclass(frozen=True, slots=True)
class Reply(ABC):
    """What came of a When: the answer to a request, or what a job told. `subject` gave it, and promises `output`."""

    subject: str
    output: type[Shape]
    body: Any

    @property
    @abstractmethod
    def succeeded(self) -> bool:
        """Whether it went well."""

    @property
    @abstractmethod
    def code(self) -> str | None:
        """The problem's code when it was refused."""

    @property
    @abstractmethod
    def came(self) -> str:
        """What came, in a few words."""

    @property
    @abstractmethod
    def refusal(self) -> str:
        """How it did not go well, as the end of a sentence."""

    @property
    @abstractmethod
    def whole(self) -> str:
        """Everything there is to say about it."""

    def field(self, path: str) -> Any:
        """A field of what was told, dots leading into it."""
        value = self.body
        for name in path.split("."):
            if not isinstance(value, dict) or name not in value:
                raise Mistake(f"the answer of {self.subject} has no field `{path}`: {shown(self.body)}")
            value = value[name]
        return value


@dataclass(frozen=True, slots=True)
class Exchange(Reply):
    """A request with its answer. `log` is what the service wrote meanwhile when it answered 5xx."""

    sent: Sent
    status: int
    request_id: str
    log: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether it was answered and not refused."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str | None:
        """The problem's code when it was refused."""
        return self.body.get("code") if isinstance(self.body, dict) and not self.succeeded else None

    @property
    def came(self) -> str:
        """What came, in a few words: `201`, or `409 feature_not_metered`."""
        return f"{self.status} {self.code}" if self.code else str(self.status)

    @property
    def refusal(self) -> str:
        """What came, with the problem's own explanation."""
        detail = self.body.get("detail") if isinstance(self.body, dict) else None
        return f"was refused with {self.came}{f': {detail}' if detail else ''}"

    @property
    def whole(self) -> str:
        """Everything there is to say about the answer."""
        answer = shown(self.body)
        rest = f" … and {len(answer) - LONGEST} characters more" if len(answer) > LONGEST else ""
        lines = [f"the whole answer: {self.status} {answer[:LONGEST]}{rest}"]
        if self.log:
            lines += [f"request {self.request_id}; the service's log:", self.log]
        return "\n".join(lines)


def wire_input(contract: AnyOperation | Job[Any, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` as JSON; what is vague, such as a cell of a table, becomes what the input wants there."""
    fields = {field.alias or name: field for name, field in contract.input.model_fields.items()}
    return {name: _wire_value(value, fields.get(name)) for name, value in values.items()}


def _wire_value(value: Any, field: FieldInfo | None) -> Any:
    if field is None or not isinstance(value, Vague):
        return plain(value)
    try:
        return as_wanted(value, TypeAdapter(field.rebuild_annotation(), config=ConfigDict(strict=True)))[0]
    except ValidationError:
        return str(value)  # the service's to refuse


def prepare(client: httpx.AsyncClient, sent: Call) -> httpx.Request:
    """The HTTP request: each field in the path, the query, a header or the body, as the contract says."""
    operation, body = sent.operation, dict(sent.input)
    path, query, headers = operation.path, Query(), dict(sent.credentials)
    for parameter in operation.parameters:
        if parameter.field not in body:
            _refuse_hole(operation, parameter)
            continue
        value = body.pop(parameter.field)
        if parameter.place == "path":
            path = _filled(path, parameter.name, _text(value))
        elif parameter.place == "header":
            headers[parameter.name] = _text(value)
        else:
            items = value if isinstance(value, list) else [value]
            query += [(parameter.name, _text(item)) for item in items]
    if operation.has_body:
        return client.build_request(operation.method, path, params=query, headers=headers, json=body)
    query += [(name, _text(value)) for name, value in body.items()]  # unknown fields: the service's to refuse
    return client.build_request(operation.method, path, params=query, headers=headers)


def _refuse_hole(operation: AnyOperation, parameter: Parameter) -> None:
    if parameter.place == "path":
        raise Mistake(f"{operation.identity} cannot be sent without `{parameter.field}`: it stands in {operation.path}")


def _filled(path: str, name: str, value: str) -> str:
    parts = path.split("/")
    return "/".join(
        quote(value, safe="") if part == f"{{{name}}}" or part.startswith(f"{{{name}:") else part for part in parts
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else shown(value)
