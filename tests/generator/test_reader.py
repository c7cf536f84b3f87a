"""YAML to data: scalars by YAML 1.2's core rules, and the place of every key and value."""

from __future__ import annotations

import pytest

from treaty.diagnostics import Location
from treaty.source.document import Document
from treaty.source.reader import read


def document(text: str) -> Document:
    found, problems = read("x.yaml", text.encode())
    assert problems == []
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("y", "y"),
        ("2:30:00", "2:30:00"),
        ("190:20:30", "190:20:30"),
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("1.0.0", "1.0.0"),
        ("1_000", "1_000"),
        ("+", "+"),
        (".", "."),
        ("-", "-"),
        ("1e", "1e"),
        ("0x", "0x"),
        ("=", "="),
        ("<<", "<<"),
        ("0123", 123),
        ("-12", -12),
        ("0o17", 15),
        ("0xfF", 255),
        ("1.10", 1.1),
        (".5", 0.5),
        ("-1e3", -1000.0),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("'no'", "no"),
        ("'12'", "12"),
        ('""', ""),
        ('"\\u263a"', "☺"),
    ],
)
def test_scalars(written: str, value: object) -> None:
    found = document(f"a: {written}\n" if written != "-" else "a: '-'\n").data["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("written", [".inf", "-.INF", ".nan", "1e400", "9" * 61, "1." + "0" * 60])
def test_numbers_that_json_has_not(written: str) -> None:
    _, problems = read("x.yaml", f"a: {written}\n".encode())
    assert [problem.code for problem in problems] == ["number-unusable"]


def test_places() -> None:
    found = document("a:\n  - b: [x, 'y']\n    c: {d: e}\n  - >\n    folded\n    text\n")
    places = {path: found.value_at(*path) for path in found.values}
    assert places == {
        (): Location("x.yaml", 1, 1),
        ("a",): Location("x.yaml", 2, 3),
        ("a", 0): Location("x.yaml", 2, 5),
        ("a", 0, "b"): Location("x.yaml", 2, 8),
        ("a", 0, "b", 0): Location("x.yaml", 2, 9),
        ("a", 0, "b", 1): Location("x.yaml", 2, 12),
        ("a", 0, "c"): Location("x.yaml", 3, 8),
        ("a", 0, "c", "d"): Location("x.yaml", 3, 12),
        ("a", 1): Location("x.yaml", 4, 5),
    }
    assert found.key_at("a", 0, "c", "d") == Location("x.yaml", 3, 9)
    assert found.key_at("a", 1) == Location("x.yaml", 4, 5)


def test_the_nearest_place_around_what_is_not_there() -> None:
    found = document("a:\n  b: {c: d}\n")
    assert found.value_at("a", "b", "x", "y") == Location("x.yaml", 2, 3)
    assert found.key_at("a", "x") == Location("x.yaml", 1, 1)
    assert found.value_at("x") == Location("x.yaml", 1, 1)


def test_columns_count_characters() -> None:
    _, problems = read("x.yaml", "größe: {☺: *here}\n".encode())
    assert str(problems[0].at) == "x.yaml:1:12"


def test_keys_are_texts() -> None:
    assert document("1: a\nno: b\n1.10: c\n~: d\n").data == {"1": "a", "no": "b", "1.10": "c", "~": "d"}


def test_what_is_remembered_for_hints() -> None:
    found = document("a: [x, y]\nb: ['x', 'y']\nc: ticket #5\nd: 'ticket #5' # said\ne: 0123\nf:\n")
    assert found.flow_lists == {("a",)}
    assert dict(found.cut_off) == {("c",): "#5"}
    assert dict(found.as_written) == {("e",): "0123"}
    assert found.nulls == (("f",),)


def test_a_second_value_of_a_key_is_dropped() -> None:
    found, problems = read("x.yaml", b"a: {b: 1}\na: {c: 2}\nd: 3\n")
    assert found is not None
    assert found.data == {"a": {"b": 1}, "d": 3}
    assert [str(problem) for problem in problems] == [
        "x.yaml:2:1 key-duplicate `a` is written twice (first in line 1)."
    ]


def test_byte_order_mark() -> None:
    found, problems = read("x.yaml", b"\xef\xbb\xbfa: 1\n")
    assert (problems, found and found.data) == ([], {"a": 1})


def test_an_alias_bomb_is_stopped_at_once() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 30)]
    found, problems = read("x.yaml", "\n".join(lines).encode())
    assert found is None
    assert [str(problem) for problem in problems] == ["x.yaml:2:10 yaml-alias Aliases (`*a0`) are not read."]


def test_deep_nesting_is_stopped_at_once() -> None:
    for text in ("[" * 400_000, "a: " * 400_000, "- " * 400_000, "{a: " * 200_000, "? " * 400_000):
        found, problems = read("x.yaml", text.encode())
        assert found is None
        assert len(problems) == 1
