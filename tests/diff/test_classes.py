"""Every class of change has a fixture, and every keyword of the language has its classes.

`make golden-update` accepts what is said now.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from inspect import get_annotations
from pathlib import Path

import pytest

from tests.diff.comparing import HERE, compared, laid_out
from treaty.contract.base import Written
from treaty.contract.kinds import KINDS, Defaults
from treaty.diff.catalogue import classes
from treaty.diff.text import lines

FIXTURES = sorted((HERE / "classes").iterdir())
# Changes that come with others.
BESIDE = {
    "D032": {"D202"},  # what the version does not say
    "D033": {"D208"},
    "D101": {"D405"},  # what is gone emits nothing
    "D111": {"D712"},  # every error has an example or a scenario
    "D112": {"D711"},
    "D801": {"D703"},  # nobody says a phrase that is gone
}


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name)
def test_golden_change(fixture: Path, tmp_path: Path) -> None:
    result = compared(*laid_out(fixture, tmp_path))
    assert [str(problem) for side in (result.old, result.new) for problem in side.problems] == []
    found = "".join(f"{line}\n" for line in lines(result.changes, "old", "new", everything=True))
    expected = fixture / "expected.txt"
    if os.environ.get("TREATY_GOLDEN_UPDATE") == "1":
        expected.write_text(found)
    assert found == expected.read_text()
    shown = fixture.name.split("-")[0]
    kinds = {change.kind for change in result.changes}
    assert classes()[shown] in kinds
    assert {kind.id for kind in kinds if not kind.quiet} - BESIDE.get(shown, set()) - {shown} == set()


def test_every_class_has_a_fixture() -> None:
    assert [path.name for path in FIXTURES] == [f"{item.id}-{item.name}" for item in classes().values()]


def test_every_keyword_has_a_class() -> None:
    watched = {word for item in classes().values() for word in item.words}
    assert watched == set(_keywords())


def _keywords() -> Iterator[str]:
    """Every word that an author may write, with the model that defines it."""
    for model in _models(Written):
        for name, field in model.model_fields.items():
            owner = next(base for base in model.__mro__ if name in get_annotations(base))
            yield f"{owner.__name__}.{field.alias or name}"


def _models(model: type[Written]) -> Iterator[type[Written]]:
    for found in model.__subclasses__():
        yield found
        yield from _models(found)


def test_all_kinds_are_looked_at() -> None:
    assert {*KINDS.values(), Defaults} <= set(_models(Written))


@pytest.mark.parametrize("word", sorted({word for item in classes().values() for word in item.words}))
def test_every_keyword_is_in_a_fixture_of_its_class(word: str) -> None:
    ids = [item.id for item in classes().values() if word in item.words]
    folders = [path for path in FIXTURES if path.name.split("-")[0] in ids]
    texts = [file.read_text() for folder in folders for file in folder.rglob("*.yaml")]
    assert any(f"{word.partition('.')[2]}:" in text for text in texts)
