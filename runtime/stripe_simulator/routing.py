"""Which function answers which request: every module has its endpoints, the router finds them by method and path."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_type_hints

from pydantic import BaseModel

from stripe_simulator.errors import StripeError

__all__ = ["Endpoint", "Endpoints", "Router"]

F = TypeVar("F", bound=Callable[..., Any])


# What a request comes with: an API key, the token of a meter event session, or nothing, where it is a page or an order.
Access = Literal["key", "token", "page", "control"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An operation: its method and path, what it takes, and the function that does it."""

    method: str
    path: str
    parameters: type[BaseModel]
    handler: Callable[..., Any]
    access: Access = "key"

    def shape(self) -> tuple[str, ...]:
        """The path's parts, parameters as `{}`."""
        return tuple("{}" if part.startswith("{") else part for part in self.path.strip("/").split("/"))


@dataclass(slots=True)
class Endpoints:
    """The operations of a module, as its functions are marked."""

    access: Access = "key"
    all: list[Endpoint] = field(default_factory=list)

    def get(self, path: str) -> Callable[[F], F]:
        """Answer GET requests with this function."""
        return self._mark("GET", path)

    def post(self, path: str, access: Access | None = None) -> Callable[[F], F]:
        """Answer POST requests with this function."""
        return self._mark("POST", path, access)

    def delete(self, path: str) -> Callable[[F], F]:
        """Answer DELETE requests with this function."""
        return self._mark("DELETE", path)

    def _mark(self, method: str, path: str, access: Access | None = None) -> Callable[[F], F]:
        def mark(handler: F) -> F:
            second = list(inspect.signature(handler).parameters)[1]
            parameters = get_type_hints(handler)[second]
            self.all.append(Endpoint(method, path, parameters, handler, access or self.access))
            return handler

        return mark


class Router:
    """Finds endpoints; fixed parts of a path go before parameters."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self.endpoints = list(endpoints)
        self._tree: dict[str, Any] = {}
        for endpoint in self.endpoints:
            node = self._tree
            for part in endpoint.shape():
                node = node.setdefault(part, {})
            node[f" {endpoint.method}"] = endpoint

    def find(self, method: str, path: str) -> tuple[Endpoint, list[str]]:
        """The endpoint of a request and the values in its path. Raises `StripeError` when there is none."""
        node, values = self._tree, []
        for part in path.strip("/").split("/"):
            if part in node:
                node = node[part]
            elif "{}" in node and part:
                node = node["{}"]
                values.append(part)
            else:
                raise _unknown(method, path)
        endpoint = node.get(f" {method}")
        if endpoint is None:
            raise _unknown(method, path)
        return endpoint, values


class UnknownPath(StripeError):
    """The simulator has no such operation."""

    status = 404


def _unknown(method: str, path: str) -> StripeError:
    return UnknownPath(f"Unrecognized request URL ({method}: {path}).")
