"""Types that refer to each other in a circle: Python modules can't, so one of them holds all of their classes."""

from __future__ import annotations

from treaty.json_schema import types_in
from treaty.resolve.model import Model, Type


def circle(type_: Type, model: Model) -> tuple[Type, ...]:
    """The types of the circle that a type is in, sorted by key: at least itself. The first one's module holds them."""
    key = type_.header.key
    reached = types_in(model, type_.fields)
    around = {other for other in reached if key in types_in(model, model.types[other].fields)}
    return tuple(model.types[other] for other in sorted(around | {key}))
