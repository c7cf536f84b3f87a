"""How answers are compared with promises: every difference is a sentence, and nothing else counts as one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from treaty_runtime.acceptance.comparison import part_differs, whole_differs
from treaty_runtime.acceptance.formats import Formats
from treaty_runtime.acceptance.json_values import Cell, Unique, as_wanted, plain
from treaty_runtime.fields import Date, DateTime, Json, Text, Url
from treaty_runtime.models import Output, Shape

ID = "018f0000-0000-7000-8000-000000000001"
OTHER_ID = "018f0000-0000-7000-8000-000000000002"


class Stop(Shape):
    """Nested, in a list and in a map."""

    id: UUID
    seen: DateTime | None = None
    day: Date


class Answer(Output):
    """An answer with everything that is compared by type, at every depth."""

    id: UUID
    at: DateTime
    link: Url | None = None
    name: Text
    stops: list[Stop] | None = None
    links: dict[str, Url] | None = None
    notes: Json = None


def whole(promised: Any, answered: Any) -> list[str]:
    return list(whole_differs(promised, answered, Formats.of(Answer)))


def part(promised: Any, answered: Any) -> list[str]:
    return list(part_differs(promised, answered))


BASE = {"id": ID, "at": "2026-01-01T00:00:00Z", "name": "a"}


@pytest.mark.parametrize(
    ("promised", "answered"),
    [
        (BASE, {"id": OTHER_ID, "at": "2030-12-31T23:59:59.5+02:00", "name": "a"}),
        (BASE | {"link": "https://a.example"}, BASE | {"link": "http://b.example/x?y"}),
        (
            BASE | {"stops": [{"id": ID, "seen": "2026-01-01T00:00:00Z", "day": "2026-01-01"}]},
            BASE | {"stops": [{"id": OTHER_ID, "seen": "2027-01-01T00:00:00Z", "day": "2026-01-01"}]},
        ),
        (BASE | {"links": {"a": "https://a.example"}}, BASE | {"links": {"a": "https://b.example"}}),
        (BASE | {"notes": {"deep": [1, None, {"x": True}]}}, BASE | {"notes": {"deep": [1.0, None, {"x": True}]}}),
    ],
)
def test_a_whole_answer_is_as_promised(promised: Any, answered: Any) -> None:
    assert whole(promised, answered) == []


@pytest.mark.parametrize(
    ("promised", "answered", "sentence"),
    [
        (BASE, BASE | {"id": "x"}, 'promised output.id to be a uuid, but answered "x"'),
        (BASE, BASE | {"id": None}, "promised output.id to be a uuid, but answered null"),
        (BASE, BASE | {"at": "2026-01-01"}, 'promised output.at to be a datetime, but answered "2026-01-01"'),
        (
            BASE | {"link": "https://a.example"},
            BASE | {"link": "a.example"},
            'promised output.link to be a url, but answered "a.example"',
        ),
        (BASE, BASE | {"name": "b"}, 'promised output.name = "a", but answered "b"'),
        (BASE, {"id": ID, "at": BASE["at"]}, 'promised output.name = "a", but answered without it'),
        (BASE, BASE | {"more": 1}, "promised no output.more, but answered 1"),
        (BASE | {"notes": 1}, BASE | {"notes": True}, "promised output.notes = 1, but answered true"),
        (BASE | {"stops": []}, BASE | {"stops": [1]}, "promised output.stops = [], but answered [1]"),
        (
            BASE | {"stops": [{"id": ID, "day": "2026-01-01"}]},
            BASE | {"stops": [{"id": ID, "day": "2026-01-02"}]},
            'promised output.stops[0].day = "2026-01-01", but answered "2026-01-02"',
        ),
    ],
)
def test_a_whole_answer_is_not_as_promised(promised: Any, answered: Any, sentence: str) -> None:
    assert whole(promised, answered) == [sentence]


@pytest.mark.parametrize(
    ("promised", "answered"),
    [
        ({}, {"a": 1}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}, "d": 3}),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}),
        ({"a": {"every": {"b": 1}}}, {"a": [{"b": 1}, {"b": 1, "c": 2}]}),
        ({"a": {"every": 1}}, {"a": {"every": 1}}),
        ({"a": Cell("12")}, {"a": 12}),
        ({"a": Cell("12")}, {"a": "12"}),
        ({"a": Cell("true")}, {"a": True}),
        ({"a": {"b": [Cell("12")]}}, {"a": {"b": ["12"]}}),
        ({"a": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, {"a": "2026-01-01T00:00:00Z"}),
    ],
)
def test_a_part_of_an_answer_is_as_promised(promised: Any, answered: Any) -> None:
    assert part(promised, answered) == []


@pytest.mark.parametrize(
    ("promised", "answered", "sentence"),
    [
        ({"a": True}, {"a": False}, "promised output.a = true, but answered false"),
        ({"a": 1}, {"a": True}, "promised output.a = 1, but answered true"),
        ({"a": 1}, {}, "promised output.a = 1, but answered without it"),
        ({"a": {"b": 1}}, {"a": 1}, "promised output.a to be an object, but answered 1"),
        ({"a": [1]}, {"a": [1, 2]}, "promised output.a = [1], but answered [1, 2]"),
        ({"a": {"every": {"b": 1}}}, {"a": [{"b": 1}, {"b": 2}]}, "promised output.a[1].b = 1, but answered 2"),
        ({"a": Cell("12")}, {"a": 13}, "promised output.a = 12, but answered 13"),
    ],
)
def test_a_part_of_an_answer_is_not_as_promised(promised: Any, answered: Any, sentence: str) -> None:
    assert part(promised, answered) == [sentence]


def test_every_difference_is_told() -> None:
    assert len(part({"a": 1, "b": {"c": 2, "d": 3}}, {"a": 2, "b": {"c": 3}})) == 3


def test_values_of_rows_look_as_on_the_wire() -> None:
    noon = dt.datetime(2026, 1, 1, 14, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert plain({"id": UUID(ID), "at": noon, "price": Decimal("1.50"), "days": (dt.date(2026, 1, 1),)}) == {
        "id": ID,
        "at": "2026-01-01T12:00:00Z",
        "price": "1.50",
        "days": ["2026-01-01"],
    }


@pytest.mark.parametrize(
    ("vague", "kind", "wanted"),
    [
        (Cell("12"), str, "12"),
        (Cell("12"), int, 12),
        (Cell("true"), bool, True),
        (Cell("1.5"), float, 1.5),
        (Unique("unique-1"), str, "unique-1"),
    ],
)
def test_what_is_vague_becomes_what_is_wanted(vague: Cell | Unique, kind: type, wanted: Any) -> None:
    found, _ = as_wanted(vague, TypeAdapter(kind, config=ConfigDict(strict=True)))
    assert type(found) is type(wanted)
    assert found == wanted


def test_a_unique_text_is_a_uuid_where_one_is_wanted() -> None:
    found = {as_wanted(Unique(f"unique-{number}"), TypeAdapter(UUID))[1] for number in range(2)}
    assert [type(item) for item in found] == [UUID, UUID]


def test_what_fits_in_no_way_is_refused() -> None:
    with pytest.raises(ValidationError):
        as_wanted(Cell("twelve"), TypeAdapter(Annotated[int, Field(ge=1)]))
