"""What the simulator takes and answers is what the pinned SDK sends and understands, operation by operation."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import AwareDatetime, BaseModel
from stripe._stripe_object import UntypedStripeObject

from stripe_simulator.catalogue import ENDPOINTS
from stripe_simulator.routing import Endpoint
from tests.stripe_simulator.sdk import alternatives, fields, misfits, operations, stripped

STRIPES = [endpoint for endpoint in ENDPOINTS if endpoint.path.startswith(("/v1/", "/v2/"))]
# Addresses of further pages carry it; the SDK follows those as they are.
UNSENT = frozenset({"page"})


@pytest.mark.parametrize("endpoint", STRIPES, ids=lambda each: f"{each.method} {each.path}")
def test_takes_nothing_that_the_sdk_does_not_send(endpoint: Endpoint) -> None:
    """Every parameter is one of the SDK's, nested ones included, with values that the SDK's type has."""
    operation = operations().get((endpoint.method, endpoint.shape()))
    assert operation is not None, "the SDK has no such operation"
    assert strange(endpoint.parameters, operation.parameters) == []


def strange(model: type[BaseModel], dictionary: Any, where: str = "") -> list[str]:
    """Parameters of a model that are none of a typed dictionary's."""
    kinds = [each for each in alternatives(dictionary) if isinstance(each, type) and hasattr(each, "__total__")]
    known = {name: kind for each in kinds for name, kind in fields(each).items()}
    found = []
    for name, field in model.model_fields.items():
        place = f"{where}{field.alias or name}"
        if name in UNSENT:
            continue
        if name not in known:
            found.append(f"{place}: unknown")
        else:
            found += mismatch(field.annotation, known[name], place)
    return found


def mismatch(ours: Any, theirs: Any, where: str) -> list[str]:
    """What of our type is no part of the SDK's."""
    allowed = alternatives(theirs)
    found = []
    for kind in alternatives(getattr(ours, "__value__", ours)):
        found += _mismatch(kind, allowed, where)
    return found


def _mismatch(kind: Any, allowed: list[Any], where: str) -> list[str]:
    origin = get_origin(kind)
    wrong = [f"{where}: takes {kind}, the SDK sends {allowed}"]
    if kind is type(None):
        return []  # nothing was said, or an empty text
    if origin is Literal:
        literals = {value for each in allowed if get_origin(each) is Literal for value in get_args(each)}
        fits = set(get_args(kind)) <= literals if literals else str in allowed
        return [] if fits else wrong
    if origin is list:
        inner = [get_args(each)[0] for each in allowed if get_origin(each) is list]
        return mismatch(get_args(kind)[0], inner[0], f"{where}[]") if inner else wrong
    if origin is dict:
        return [] if any(get_origin(each) in (dict, UntypedStripeObject) for each in allowed) else wrong
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        inner = [each for each in allowed if isinstance(each, type) and hasattr(each, "__total__")]
        return strange(kind, inner[0], f"{where}.") if inner else wrong
    if kind is AwareDatetime:
        return [] if str in allowed else wrong
    if kind is str and all(get_origin(each) is Literal for each in allowed):
        return []  # any of many texts
    return [] if stripped(kind) in allowed else wrong


def test_the_comparison_notices_what_does_not_fit() -> None:
    """A walk that finds nothing wrong with anything would prove nothing."""
    create = operations()["POST", ("v1", "customers")]

    class Strange(BaseModel):
        email: int
        nickname: str
        address: Nested

    class Nested(BaseModel):
        planet: str

    Strange.model_rebuild(_types_namespace={"Nested": Nested})
    assert strange(Strange, create.parameters) == [
        "email: takes <class 'int'>, the SDK sends [<class 'str'>]",
        "nickname: unknown",
        "address.planet: unknown",
    ]
    customer = {"object": "customer", "id": 1, "created": 1, "livemode": False, "shoe_size": 42}
    assert misfits(customer, create.result) == [".shoe_size: unknown to Customer", ".id: 1 is no <class 'str'>"]
    customer = {"object": "customer", "id": "cus_1", "created": 1}
    assert misfits(customer, create.result) == [".livemode: missing in Customer"]
