"""What all objects have in common: how they are answered, expanded and listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from stripe_simulator.context import Context
from stripe_simulator.errors import Missing, StripeError
from stripe_simulator.parameters import Page
from stripe_simulator.storage import Document

__all__ = ["Paged", "Rendered", "answer_of", "deleted", "included", "listing", "rendered", "renders", "whole_list"]

Rendering = Callable[[Context, Document], Document]
Inclusion = Callable[[Context, Document], Any]

RENDERINGS: dict[str, Rendering] = {}
INCLUDED: dict[tuple[str, str], Inclusion] = {}


def renders(kind: str) -> Callable[[Rendering], Rendering]:
    """Mark the function that makes the answer of what is stored of a kind of objects."""

    def mark(function: Rendering) -> Rendering:
        RENDERINGS[kind] = function
        return function

    return mark


def included(kind: str, name: str) -> Callable[[Inclusion], Inclusion]:
    """Mark the function that makes a field which is answered on request only: `expand[]=tiers`."""

    def mark(function: Inclusion) -> Inclusion:
        INCLUDED[kind, name] = function
        return function

    return mark


class Rendered(dict[str, Any]):
    """An answer: nothing is to be made of it any more."""


def rendered(context: Context, document: Document) -> Document:
    """The answer made of a stored object. Fields whose names start with `_` are nobody else's business."""
    if isinstance(document, Rendered):
        return document
    rendering = RENDERINGS.get(document.get("object", ""))
    whole = rendering(context, document) if rendering else document
    return Rendered((name, value) for name, value in whole.items() if not name.startswith("_"))


@dataclass(frozen=True, slots=True)
class Paged:
    """Part of a list, as stored."""

    documents: list[Document]
    has_more: bool
    url: str


def listing(documents: Iterable[Document], page: Page, url: str) -> Paged:
    """The part of a list that a request asks for; `documents` come newest first.

    Raises `Missing` when the object that it should start or end at is not in the list.
    """
    found = list(documents)
    if page.ending_before is not None:
        before = found[: _position(found, page.ending_before, "ending_before")]
        return Paged(before[-page.limit :], len(before) > page.limit, url)
    if page.starting_after is not None:
        found = found[_position(found, page.starting_after, "starting_after") + 1 :]
    return Paged(found[: page.limit], len(found) > page.limit, url)


def _position(documents: list[Document], identifier: str, param: str) -> int:
    for position, document in enumerate(documents):
        if document["id"] == identifier:
            return position
    raise Missing("object", identifier, param)


def whole_list(context: Context, documents: Iterable[Document], url: str, limit: int = 10) -> Document:
    """A list inside of an object: its first page."""
    found = [rendered(context, document) for document in documents]
    return {"object": "list", "data": found[:limit], "has_more": len(found) > limit, "url": url}


def answer_of(context: Context, answer: Document | Paged, expand: list[str]) -> Document:
    """What is sent: rendered and expanded."""
    if isinstance(answer, Paged):
        data = [rendered(context, document) for document in answer.documents]
        whole: Document = {"object": "list", "data": data, "has_more": answer.has_more, "url": answer.url}
    else:
        whole = rendered(context, answer)
    for path in expand:
        expanded(context, whole, path.split("."))
    return whole


def expanded(context: Context, node: Any, path: list[str]) -> None:
    """Put whole objects where ids are, along a path. Raises `StripeError` for a field without another object's id."""
    if isinstance(node, list):
        for each in node:
            expanded(context, each, path)
        return
    if not isinstance(node, dict) or not path:
        return
    name, *rest = path
    _expand_field(context, node, name)
    expanded(context, node[name], rest)


def _expand_field(context: Context, node: Document, name: str) -> None:
    include = INCLUDED.get((node.get("object", ""), name))
    if include is not None:
        node[name] = include(context, node)
    elif name not in node:
        raise StripeError(f"This property cannot be expanded ({name}).", param="expand")
    elif isinstance(node[name], str):
        found = context.store.find(node[name])
        if found is None:
            raise StripeError(f"This property cannot be expanded ({name}).", param="expand")
        node[name] = rendered(context, found)


def deleted(document: Document) -> Document:
    """What is answered when an object is deleted."""
    return Rendered(id=document["id"], object=document["object"], deleted=True)
