"""JSON Schemas say exactly what the generated models take."""

from __future__ import annotations

import json
from typing import Annotated, Any
from uuid import UUID

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field as Limits
from pydantic import ValidationError, create_model

from treaty import json_schema
from treaty.diagnostics import Location
from treaty.pipeline import PIPELINE_ERRORS
from treaty.resolve.model import Constraints, Field, ListOf, MapOf, Model, Scalar
from treaty_runtime import fields, json_text, refusals
from treaty_runtime.models import Shape

HERE = Location("x.yaml")


def field(type_: Any, **constraints: Any) -> Field:
    optional = constraints.pop("optional", False)
    said = Constraints(**constraints)
    return Field(name="x", python_name="x", column="x", type=type_, optional=optional, constraints=said, at=HERE)


def schema_takes(of: Field, value: Any) -> bool:
    schema = json_schema.document_schema(Model(), [of])
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid({"x": value})


def model_takes(type_: Any, value: Any) -> bool:
    """Whether a request's body with this value is taken: first its texts are looked at, then its shape."""
    if any(json_text.unstorable(value)):
        return False
    model = create_model("Model", __base__=Shape, x=(type_, ...))
    try:
        model.model_validate_json(json.dumps({"x": value}))
    except ValidationError:
        return False
    return True


TYPES: dict[str, Any] = {
    "string": fields.Text,
    "integer": fields.Integer,
    "number": fields.Number,
    "decimal": fields.Decimal,
    "boolean": bool,
    "datetime": fields.DateTime,
    "date": fields.Date,
    "duration": fields.Duration,
    "uuid": UUID,
    "url": fields.Url,
    "email": fields.Email,
    "json": fields.Json,
}
VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 12.0, 12.5, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 10**30, 1e300),
    *("", "x", "x" * 1000, "x" * 1001, "a\nb", "größe", "12.50", "-0.5", "12", "1e5", ".5", "1.", "+1", " 1", "1\n"),
    *("0" * 28 + ".1234567890", "1" * 29, "0.12345678901", "NaN", "Infinity", "true"),
    *("2026-01-31", "2026-02-30", "2026-1-31", "20260131", "2024-02-29", "2026-01-31T00:00:00", "2026-01-31Z"),
    *("2026-01-31T12:00:00Z", "2026-01-31t12:00:00z", "2026-01-31T12:00:00+02:00", "2026-01-31T12:00:00.123456789Z"),
    *("2026-01-31 12:00:00Z", "2026-01-31T12:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:00:00+0200", "1769860800"),
    *("P1D", "PT1H", "P1DT2H30M", "PT0.5S", "P", "PT", "P1DT", "P1Y", "P1W", "P1M", "-P1D", "p1d", "PT1H30", "3600"),
    *("018f0000-0000-7000-8000-000000000001", "018F0000-0000-7000-8000-000000000001", "018f0000", "g" * 36),
    *("https://x.example/a?b=c", "http://x", "ftp://x", "https://", "https://a b", "//x", "x" * 2001),
    *("a@b", "a@b.example", "@b", "a@", "a b@c", "a@b@c"),
    *([], [1], {}, {"a": None}, [[{"a": [1, "x", None, True]}]]),
]


# Forms that one side takes and the other does not; none of them is written by anybody but a tester.
@pytest.mark.parametrize("name", TYPES)
def test_types(name: str) -> None:
    of = field(Scalar(name), max_length=1000 if name == "string" else None)  # type: ignore[arg-type]
    taken = {json.dumps(value): (schema_takes(of, value), model_takes(TYPES[name], value)) for value in VALUES}
    assert {value: both for value, both in taken.items() if both[0] != both[1]} == {}
    assert {both[0] for both in taken.values()} == {True, False}


@given(st.text())
def test_strings(value: str) -> None:
    of = field(Scalar("string"), max_length=5, min_length=1)
    assert schema_takes(of, value) == model_takes(Annotated[fields.Text, Limits(min_length=1, max_length=5)], value)


@given(st.integers())
def test_integers(value: int) -> None:
    assert schema_takes(field(Scalar("integer"), minimum=1), value) == model_takes(
        Annotated[fields.Integer, Limits(ge=1)], value
    )


@given(st.dictionaries(st.text(max_size=3), st.lists(st.integers() | st.text(max_size=2), max_size=3), max_size=3))
def test_maps_of_lists(value: Any) -> None:
    of = field(MapOf(ListOf(Scalar("integer"))), max_items=2)
    expected = dict[fields.Text, Annotated[list[fields.Integer], Limits(max_length=2)]]
    assert schema_takes(of, value) == model_takes(expected, value)


def test_objects_are_closed_and_fields_are_needed() -> None:
    schema = json_schema.object_schema([field(Scalar("boolean")), field(Scalar("boolean"), optional=True)])
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["x"]
    assert json_schema.object_schema([]) == {"type": "object", "properties": {}, "additionalProperties": False}


def test_a_negative_decimal_is_refused_where_the_least_is_zero() -> None:
    assert schema_takes(field(Scalar("decimal"), minimum="-1"), "-0.5")
    assert not schema_takes(field(Scalar("decimal"), minimum="0"), "-0.5")
    assert not schema_takes(field(Scalar("decimal"), exclusive_minimum=0), "-0.5")


def test_the_patterns_are_the_runtimes() -> None:
    assert json_schema.DECIMAL_PATTERN == fields.DECIMAL_PATTERN
    assert json_schema.DURATION_PATTERN == fields.DURATION_PATTERN


def test_the_pipelines_codes_are_the_runtimes() -> None:
    found = [getattr(refusals, name) for name in refusals.__all__]
    assert {error.code: error.status for error in found if hasattr(error, "code")} == PIPELINE_ERRORS
