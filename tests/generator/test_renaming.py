"""Renaming something in this repository's own contracts points at what no longer fits, and at nothing else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.generator.checking import check
from tests.support.limits import two_seconds

REPOSITORY = Path(__file__).parents[2]
RECORD = "contracts/saas/billing/usage.record.yaml"
BATCH = "contracts/saas/billing/usage.recordBatch.yaml"
PHRASES = "contracts/saas/billing/phrases.yaml"


@pytest.fixture
def billing(tmp_path: Path) -> Path:
    shutil.copytree(REPOSITORY / "contracts", tmp_path / "contracts")
    shutil.copytree(REPOSITORY / "features", tmp_path / "features")
    assert check(tmp_path) == []
    return tmp_path


def rename(root: Path, path: str, old: str, new: str, *, below: str) -> None:
    """Rename a key of the mapping `below` in one contract."""
    text = (root / path).read_text()
    head, heading, rest = text.partition(f"\n{below}:\n")
    changed = re.sub(rf"^  {old}:", f"  {new}:", rest, count=1, flags=re.MULTILINE)
    assert changed != rest
    (root / path).write_text(head + heading + changed)


def places(root: Path, path: str, word: str) -> set[str]:
    """`file:line` of every line that has `word`."""
    lines = (root / path).read_text().splitlines()
    return {f"{path}:{number}" for number, line in enumerate(lines, 1) if re.search(word, line)}


@pytest.mark.parametrize("field", ["recorded", "currentUsage", "limitReached"])
def test_an_output_field(billing: Path, field: str) -> None:
    rename(billing, RECORD, field, f"{field}Now", below="output")
    said = {f"{problem.at.path}:{problem.at.line}" for problem in check(billing)}
    examples = places(billing, RECORD, rf"output: {{.*\b{field}:")
    phrases = places(billing, PHRASES, rf"expect: {{.*\b{field}:") - places(billing, PHRASES, "duplicates:")  # of BATCH
    assert examples
    assert said == examples | phrases


def test_an_input_field(billing: Path) -> None:
    rename(billing, RECORD, "quantity", "amount", below="input")
    problems = check(billing)
    said = {f"{problem.at.path}:{problem.at.line}" for problem in problems}
    assert said >= places(billing, RECORD, r"input: {.*\bquantity:")
    assert {problem.code for problem in problems} == {"example-schema", "act-call"}


def test_an_error(billing: Path) -> None:
    rename(billing, RECORD, "feature_not_metered", "no_meter", below="errors")
    said = {(problem.code, f"{problem.at.path}:{problem.at.line}") for problem in check(billing)}
    assert said == {
        *(("example-ending", place) for place in places(billing, RECORD, "error: feature_not_metered")),
        *(("expectations", place) for place in places(billing, PHRASES, "error: feature_not_metered")),
        *(("errors-shown", place) for place in places(billing, RECORD, "^  no_meter:")),
    }


def test_an_event(billing: Path) -> None:
    folder = billing / "contracts/saas/billing"
    text = (folder / "limit.reached.yaml").read_text().replace("saas.billing.limit.reached", "saas.billing.limit.hit")
    (folder / "limit.reached.yaml").unlink()
    (folder / "limit.hit.yaml").write_text(text)
    said = {(problem.code, f"{problem.at.path}:{problem.at.line}") for problem in check(billing)}
    emitted = {place for path in (RECORD, BATCH) for place in places(billing, path, r"event: limit\.reached")}
    expected = emitted | places(billing, PHRASES, r"events: .*limit\.reached")
    assert said == {("reference-unknown", place) for place in expected}


def test_a_phrase(billing: Path) -> None:
    text = (billing / PHRASES).read_text()
    (billing / PHRASES).write_text(text.replace("given: Organization exists", "given: An organization exists"))
    problems = check(billing)
    assert {problem.code for problem in problems} == {"phrase-unknown"}
    said = {f"{problem.at.path}:{problem.at.line}" for problem in problems}
    contracts = [path for path in (billing / "contracts/saas/billing").glob("*.yaml") if path.name != "phrases.yaml"]
    features = (billing / "features/saas/billing").glob("*.feature")
    assert said == {
        place
        for path in [*contracts, *features]
        for place in places(billing, path.relative_to(billing).as_posix(), r"^ +(-|Given) Organization exists$")
    }
    assert all(problem.hint.startswith("Nearest: `An organization exists`;") for problem in problems)


def test_a_vocabulary_that_is_gone(billing: Path) -> None:
    """Hundreds of sentences are unknown at once; the first have a hint that names what is like them, and all one."""
    (billing / PHRASES).unlink()
    with two_seconds():
        problems = check(billing)
    assert len(problems) > 500
    assert {problem.code for problem in problems} == {"phrase-unknown"}
    assert any(problem.hint.startswith("Nearest: ") for problem in problems[:100])
    assert all(problem.hint for problem in problems)
