"""What a request says: Stripe's forms and queries decoded, checked against what an endpoint takes, refused its way."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from stripe_simulator.errors import StripeError

__all__ = [
    "Clearable",
    "Closed",
    "Metadata",
    "Nothing",
    "Page",
    "Parameters",
    "Range",
    "Retrieve",
    "Series",
    "decode_form",
    "decode_json",
    "merged_metadata",
    "validated",
]

T = TypeVar("T")


def _from_indices(value: object) -> object:
    """`{"0": a, "1": b}`, as forms write lists, as a list."""
    if value == "":
        return []
    if isinstance(value, dict) and all(str(index).isdigit() for index in value):
        return [value[index] for index in sorted(value, key=int)]
    return value


def _none_if_empty(value: object) -> object:
    """Forms cannot say null: an empty text takes a value away."""
    return None if value == "" else value


Series = Annotated[list[T], BeforeValidator(_from_indices)]
Clearable = Annotated[T | None, BeforeValidator(_none_if_empty)]
Metadata = Clearable[dict[str, str]]


class Closed(BaseModel):
    """Named values, and no others: Stripe refuses unknown parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Closed):
    """No parameters."""


class Parameters(Closed):
    """What an endpoint of v1 takes."""

    expand: Series[str] = Field(default_factory=list)

    def sent(self) -> dict[str, Any]:
        """What the caller said, without what is only there by default."""
        return {name: getattr(self, name) for name in self.model_fields_set if name != "expand"}


class Retrieve(Parameters):
    """What looking at an object takes: which ids in it to answer as whole objects."""


class Page(Parameters):
    """Which part of a list is asked for."""

    limit: int = Field(default=10, ge=1, le=100)
    starting_after: str | None = None
    ending_before: str | None = None


class Bounds(Closed):
    """From when to when, in seconds since 1970."""

    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None

    def __contains__(self, value: int) -> bool:
        lower = (self.gt is None or value > self.gt) and (self.gte is None or value >= self.gte)
        upper = (self.lt is None or value < self.lt) and (self.lte is None or value <= self.lte)
        return lower and upper


def _exactly(value: object) -> object:
    """A single time is asked for without bounds."""
    return {"gte": value, "lte": value} if isinstance(value, str) else value


Range = Annotated[Bounds, BeforeValidator(_exactly)]


def decode_form(text: str) -> dict[str, Any]:
    """`items[0][price]=p` as `{"items": {"0": {"price": "p"}}}`. Raises `StripeError` when it cannot be told."""
    result: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, *keys = name.replace("]", "").split("[")
        _place(result, [head, *keys], value)
    return result


def _place(target: dict[str, Any], path: list[str], value: str) -> None:
    for step, key in enumerate(path):
        name = key or str(len(target))
        if step == len(path) - 1:
            target[name] = value
            return
        inner = target.setdefault(name, {})
        if not isinstance(inner, dict):
            raise StripeError(f"Invalid request: {path[0]} is given as a value and as an object.", param=path[0])
        target = inner


def decode_json(body: bytes) -> dict[str, Any]:
    """The body of a v2 request. Raises `StripeError` when it is not a JSON object."""
    try:
        decoded = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise StripeError("Invalid JSON in the request's body.", code="invalid_json") from error
    if not isinstance(decoded, dict):
        raise StripeError("The request's body has to be a JSON object.", code="invalid_json")
    return decoded


P = TypeVar("P", bound=BaseModel)


def validated(model: type[P], given: dict[str, Any]) -> P:
    """The parameters as an endpoint takes them. Raises `StripeError` for the first one that does not fit."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _refusal(first["type"], _name(first["loc"]), first) from error


def _name(place: tuple[int | str, ...]) -> str:
    head, *rest = [str(part) for part in place] or [""]
    return head + "".join(f"[{part}]" for part in rest)


def _refusal(kind: str, name: str, problem: Any) -> StripeError:
    match kind:
        case "extra_forbidden":
            return StripeError(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
        case "missing":
            return StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name)
        case "int_parsing" | "int_type" | "int_from_float":
            return StripeError(f"Invalid integer: {problem['input']}", code="parameter_invalid_integer", param=name)
        case "string_type":
            return StripeError(f"Invalid string: {problem['input']}", code="parameter_invalid_string", param=name)
        case "string_too_short":
            message = f"You passed an empty string for '{name}'."
            return StripeError(message, code="parameter_invalid_empty", param=name)
        case _:
            return StripeError(f"Invalid {name}: {problem['msg']}", param=name)


def merged_metadata(known: dict[str, str], given: dict[str, str] | Literal[""] | None) -> dict[str, str]:
    """Metadata after an update: nothing clears it all, an empty value clears its key."""
    if not given:
        return {}
    return {key: value for key, value in {**known, **given}.items() if value != ""}
