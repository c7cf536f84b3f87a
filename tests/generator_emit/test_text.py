"""Whatever an author writes comes out as the same text, and ends nothing that it stands in."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Callable

import pytest
from behave.parser import parse_feature  # type: ignore[import-untyped]
from hypothesis import example, given
from hypothesis import strategies as st

from treaty.emit import text

NASTY = (
    "",
    '"',
    "'",
    "\\",
    '"""',
    "'''",
    '""""',
    '"""""',
    'ends in a quote"',
    "ends in a backslash\\",
    'ends in both\\"',
    'ends in both, the other way"\\',
    "{{ braces }} {% raw %} {x} #} {# no #}",
    "\\N{DASH} \\x41 \\u0041 \\",
    "# noqa: E501 # type: ignore",
    "a\nb\r\nc\rd",
    "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg",
    "\u202e\u2066 bidi \u200b zero width \ufeff",
    "\x00\x07\x1b\x7f",
    "Größe, 日本語, 🎉, e\u0301, \U000e0001",
    "long " * 100,
    "long" * 100,
    "日本語 " * 60,
    " leading and trailing ",
    '@tag |table| """ * # comment',
    "Scenario: not one",
    "Given not a step",
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300) | st.text("\"'\\{}#\n\r \t%N", max_size=60)


def cases(function: Callable[[str], None]) -> Callable[[], None]:
    """The nasty texts, then whatever hypothesis makes up."""
    for nasty in NASTY:
        function = example(nasty)(function)
    return given(texts)(function)


@cases
def test_a_literal_is_the_text(value: str) -> None:
    written = text.literal(value)
    assert ast.literal_eval(written) == value
    assert written.isprintable()
    assert ast.literal_eval(f"[{text.argument(value)}]") == [value]


@cases
def test_a_docstring_holds_the_text(value: str) -> None:
    written = text.docstring(value, indent=4)
    (function,) = ast.parse(f"def f():\n    {written.replace(chr(10), chr(10) + '    ')}\n").body
    assert isinstance(function, ast.FunctionDef)
    assert len(function.body) == 1
    assert words(ast.get_docstring(function) or "") == words(value)


@cases
def test_paragraphs_stay_apart(value: str) -> None:
    written = ast.literal_eval(text.docstring("First.", value, "Last."))
    first, *between, last = inspect.cleandoc(written).split("\n\n")
    assert (first, last) == ("First.", "Last.")
    assert words(" ".join(between)) == words(value)


@cases
def test_lines_of_docstrings_are_short(value: str) -> None:
    for line in text.docstring(value, indent=8).splitlines():
        assert " " not in line.strip() or len(line) <= text.LINE_LENGTH - 8


@cases
def test_json_is_the_same_data(value: str) -> None:
    for written in (text.json_file({"value": value}), text.json_document({"value": value}, 100)):
        assert json.loads(written) == {"value": value}
        assert written.replace("\n", "").isprintable()


@pytest.mark.parametrize("surrogate", ["\ud800", "a\udfffb"])
def test_lone_surrogates_do_not_break_python(surrogate: str) -> None:
    assert ast.literal_eval(text.literal(surrogate)) == surrogate
    text.literal(surrogate).encode()
    text.docstring(surrogate).encode()
    text.gherkin(surrogate).encode()


@cases
def test_gherkin_is_one_feature_with_one_step(value: str) -> None:
    document = text.json_document({"value": value}, 100).replace("\n", "\n      ")
    written = (
        f"@{text.gherkin_tag(value) or 'tag'}\nFeature: key\n  {text.gherkin_description(value)}\n\n"
        f"  Scenario: name\n    Given {text.gherkin(value) or 'nothing'}\n"
        f'      """\n      {document}\n      """\n'
    )
    feature = parse_feature(written)
    (scenario,) = feature.scenarios
    (step,) = scenario.steps
    assert json.loads(step.text) == {"value": value}
    assert words(" ".join(feature.description)).removeprefix("— ") == words(printable(value)).removeprefix("— ")
    assert words(step.name).removesuffix(":") == (words(printable(value)) or "nothing").removesuffix(":")
    assert not feature.background
    assert len(feature.tags) == 1


def words(value: str) -> str:
    """A text without regard to where its lines break."""
    return " ".join(value.split())


def printable(value: str) -> str:
    """What Gherkin, which has no escapes, can show of a text."""
    return "".join(character if character.isprintable() else " " for character in value)
