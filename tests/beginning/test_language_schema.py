"""The JSON Schema of the language: what editors offer is what contracts are read with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from treaty.contract.base import Written
from treaty.contract.kinds import KINDS, Defaults
from treaty.contract.words import models_at, words
from treaty.language_schema import BUILT_IN, HTTP_PATTERN, TYPE_PATTERN, language_schema
from treaty.resolve.expressions import Expression, parse_expression
from treaty.resolve.fields import SCALARS
from treaty.resolve.http import HttpLine, parse_http
from treaty.source.reader import read

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "generator"
SCHEMA = language_schema()
RIGHT = sorted(
    path
    for folder in ("contracts", "tests/lending/contracts", "tests/acceptance", "tests/generator_emit/golden")
    for path in (ROOT / folder).rglob("*.yaml")
    if "contracts" in path.relative_to(ROOT).parts
)
GOOD = sorted(
    path for stage in ("contract", "resolve", "rules") for path in (FIXTURES / stage).glob("*/good/**/*.yaml")
)
# Mistakes in the structure of one file. What needs the file's path, its layout or other files, a schema can't see.
STRUCTURAL = (
    "contract/kind-unknown", "contract/value-invalid", "contract/value-missing", "contract/value-type",
    "contract/word-missing", "contract/word-unknown", "resolve/type-invalid", "resolve/http-invalid",
)  # fmt: skip
# A part of the path that is named twice: no pattern of JSON Schema can count.
NOT_BY_A_SCHEMA = {FIXTURES / "resolve/http-invalid/bad/contracts/shop/e.yaml"}


@pytest.fixture(scope="module")
def validator() -> Any:
    return jsonschema_rs.Draft202012Validator(SCHEMA)


def data(file: Path) -> Any:
    document, _ = read(str(file), file.read_bytes())
    return document.data if document else None


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(SCHEMA)


@pytest.mark.parametrize("file", [*RIGHT, *GOOD], ids=lambda file: str(file.relative_to(ROOT)))
def test_every_right_contract_is_accepted(validator: Any, file: Path) -> None:
    assert [f"{list(error.instance_path)}: {error.message}" for error in validator.iter_errors(data(file))] == []


def wrong() -> Iterator[tuple[str, Path]]:
    """The files of the structural fixtures that are complained about."""
    for fixture in STRUCTURAL:
        said = (FIXTURES / fixture / "bad" / "expected.txt").read_text()
        for name in sorted(set(re.findall(r"^(contracts/\S+?\.yaml):", said, flags=re.MULTILINE))):
            if (file := FIXTURES / fixture / "bad" / name) not in NOT_BY_A_SCHEMA:
                yield fixture, file


@pytest.mark.parametrize(("fixture", "file"), [pytest.param(*each, id=f"{each[0]}-{each[1].stem}") for each in wrong()])
def test_wrong_contracts_are_refused(validator: Any, fixture: str, file: Path) -> None:
    assert not validator.is_valid(data(file)), file.read_text()


def keywords(node: Any, place: str = "#") -> Iterator[tuple[str, Any]]:
    """Every word that an author may write, with what the schema says of it; examples and defaults aside."""
    if isinstance(node, list):
        for position, inner in enumerate(node):
            yield from keywords(inner, f"{place}/{position}")
    elif isinstance(node, dict):
        if "if" in node:
            node = {word: inner for word, inner in node.items() if word != "if"}
        for word, inner in node.get("properties", {}).items():
            yield f"{place}/{word}", inner
        for word, inner in node.items():
            if word not in ("default", "examples", "enum", "const"):
                yield from keywords(inner, f"{place}/{word}")


def test_every_keyword_has_a_description() -> None:
    found = dict(keywords(SCHEMA))
    assert [place for place, said in found.items() if not said.get("description")] == []
    assert len(found) > 100


def models(model: type[Written], seen: set[type[Written]]) -> set[type[Written]]:
    """`model` and all that can be written below it."""
    if model not in seen:
        seen.add(model)
        for word in words(model):
            for below in ((word,), (word, "x"), (word, 0), (word, 0, "x")):
                for inner in models_at(model, below):
                    models(inner, seen)
    return seen


def test_it_knows_every_word_of_every_model() -> None:
    all_models = set().union(*(models(model, set()) for model in (*KINDS.values(), Defaults)))
    assert len(all_models) > 20
    for model in all_models:
        assert set(SCHEMA["$defs"][model.__name__]["properties"]) == set(words(model)), model


def test_it_knows_every_built_in_type() -> None:
    assert set(BUILT_IN) == set(SCALARS)


@pytest.mark.parametrize(
    "text",
    [
        "string", "optional string", "list of map of Meter", "saas.billing.Meter", "optional list of object",
        "list of list of list of list of string", "list of list of list of list of list of string", "string?",
        "list of optional string", "optional  string", "string[]", " string", "list string", "2fast", "",
    ],
)  # fmt: skip
def test_its_pattern_of_types_is_the_grammar(text: str) -> None:
    understood = isinstance(parse_expression(text), Expression)
    assert bool(re.search(TYPE_PATTERN, text)) == understood


@pytest.mark.parametrize(
    "text",
    [
        "GET /a", "PUT /a/{b}/c.d -> 204", "PATCH /a  ->  200", "DELETE /a-b", "post /a", "GET a", "GET /a/",
        "GET //a", "GET /{A}", "GET /a/{b}c", "GET /a -> x", "GET /a -> 20", "GET", "GET /a 201",
    ],
)  # fmt: skip
def test_its_pattern_of_http_lines_is_the_grammar(text: str) -> None:
    assert bool(re.search(HTTP_PATTERN, text)) == isinstance(parse_http(text), HttpLine)
