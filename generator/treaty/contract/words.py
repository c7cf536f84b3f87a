"""Which words an author may write at a place: read off the models, for suggestions and for the reference page."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import Tag

from treaty.contract.base import Written
from treaty.source.document import Path

Annotation = Any
Tags = frozenset[str]


def words(model: type[Written]) -> tuple[str, ...]:
    """The words of one model, as they are written."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def models_at(model: type[Written], path: Iterable[str | int]) -> list[type[Written]]:
    """The models that can stand at `path` below `model`; tags (`<text>`) in the path choose between them."""
    here: list[tuple[Annotation, Tags]] = [(model, frozenset())]
    for part in path:
        if is_tag(part):
            here = [(annotation, tags) for annotation, tags in here if not tags or part in tags]
        else:
            here = [way for annotation, _ in here for way in _step(annotation, part)]
    return list(dict.fromkeys(a for a, _ in here if isinstance(a, type) and issubclass(a, Written)))


def is_tag(part: str | int) -> bool:
    """Whether a part of a pydantic location is a tag and not something the author wrote."""
    return isinstance(part, str) and part.startswith("<") and part.endswith(">")


def without_tags(location: Iterable[str | int]) -> Path:
    """A pydantic location as a path into the document."""
    return tuple(part for part in location if not is_tag(part))


def _step(annotation: Annotation, part: str | int) -> Iterator[tuple[Annotation, Tags]]:
    if isinstance(annotation, type) and issubclass(annotation, Written):
        for name, field in annotation.model_fields.items():
            if part == (field.alias or name):
                yield from _ways(field.annotation, frozenset())
        return
    origin: Any = get_origin(annotation)
    if origin in (dict, tuple):
        yield from _ways(get_args(annotation)[-1 if origin is dict else 0], frozenset())


def _ways(annotation: Annotation, tags: Tags) -> Iterator[tuple[Annotation, Tags]]:
    """The single annotations that a union offers, each with the tags that lead to it."""
    origin: Any = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        yield from _ways(inner, tags | {item.tag for item in metadata if isinstance(item, Tag)})
    elif origin in (Union, types.UnionType):
        for way in get_args(annotation):
            yield from _ways(way, tags)
    else:
        yield annotation, tags
