"""Placeholders of phrases: their parameters have the types of what `parse` matches."""

from __future__ import annotations

from typing import Any

import parse  # type: ignore[import-untyped]
import pytest

from treaty.emit.wording import Values, placeholders, with_parameters

SAMPLES = {
    "": "x", "w": "x", "S": "x-y", "l": "abc", "5": "abcde", ">8": "     abc", "d": "12", "3d": "123",
    "n": "1,000", "x": "ff", "b": "101", "f": "1.5", ".2f": "1.25", "g": "1e5", "e": "1.0e5", "%": "50%",
    "ti": "2030-01-31T12:00:00", "tt": "10:21:36 PM", "%Y-%m-%d": "2030-01-31", "%H:%M": "12:30",
    "%Y-%m-%d %H:%M": "2030-01-31 12:30",
}  # fmt: skip


@pytest.mark.parametrize("spec", SAMPLES)
def test_a_parameter_has_the_type_of_what_is_matched(spec: str) -> None:
    pattern = f"at {{x:{spec}}} precisely" if spec else "at {x} precisely"
    matched = parse.parse(pattern, f"at {SAMPLES[spec]} precisely").named["x"]
    (placeholder,) = placeholders((pattern,)).values()
    assert type(matched).__name__ == placeholder.type


@pytest.mark.parametrize("name", ["from", "list", "orgName", "world", "id", "True", "x_1"])
def test_odd_names_become_parameters(name: str) -> None:
    pattern = f"{{{{literal}}}} {{{name}:w}} and {{plain}}"
    known = placeholders((pattern,))
    rewritten = with_parameters(pattern, known)
    matched = parse.parse(rewritten, "{literal} Ann and so on").named
    assert matched == {known[name].parameter: "Ann", "plain": "so on"}
    assert known[name].parameter.isidentifier()


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("{who}", "who"),
        ("{n}", "n"),
        ("plain", '"plain"'),
        ("{nobody}", '"{nobody}"'),
        ("{{who}}", '"{{who}}"'),
        ("{who}d", 'f"{who}d"'),
        ("{who.id}", 'world.value(f"{who}.id")'),
        ("{acme.id}", 'world.value("acme.id")'),
        ("{row.name}", 'row["name"]'),
        ("{row.name} \"and\" 'more'", "f'{row[\"name\"]} \"and\" \\'more\\''"),
        ("{who} {acme.id} {x} \\", "f'{who} {world.value(\"acme.id\")} {{x}} \\\\'"),
    ],
)
def test_texts_of_acts(text: str, expression: str) -> None:
    values = Values(placeholders(("{who} {n:d}",)))
    assert values.expression(text) == expression
    assert values.rows == ("row." in text)
    compile(values.expression(text), "text", "eval")


def test_values_are_filled_in_at_run_time() -> None:
    class World:
        def value(self, path: str) -> str:
            return path.upper()

        def unique(self) -> str:
            return "unique-1"

    values = Values(placeholders(("{who} {n:d}",)))
    said: dict[str, Any] = {"key": "unique", "n": "{n}", "deep": [{"who": "{who.id} {{x}} {y}", "none": None}]}
    expression = values.sent(said, {"key": "1", "kept": "{who}"})
    assert eval(expression, {"world": World(), "who": "ann", "n": 3}) == {
        "key": "unique-1",
        "kept": "{who}",
        "n": 3,
        "deep": [{"who": "ANN.ID {{x}} {y}", "none": None}],
    }
