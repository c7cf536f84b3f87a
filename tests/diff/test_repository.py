"""Changes of this repository's own contracts, each made in a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.diff.comparing import compared
from treaty.diff.base import Change, Reader, Severity

ROOT = Path(__file__).parents[2]
BILLING = Path("contracts/saas/billing")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A copy of what `treaty diff` reads."""
    for folder in ("contracts", "features"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def edited(folder: Path, file: str, before: str, after: str) -> None:
    path = folder / BILLING / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def changes(new: Path) -> list[Change]:
    return compared(ROOT, new).changes


def said(found: list[Change]) -> set[tuple[str, Reader, Severity, str]]:
    return {(change.kind.name, change.reader, change.severity, change.key) for change in found}


def test_nothing_changed(new: Path) -> None:
    result = compared(ROOT, new)
    assert result.changes == []
    assert not result.fails(Severity.RISKY)


def test_deleting_usage_record(new: Path) -> None:
    (new / BILLING / "usage.record.yaml").unlink()
    result = compared(ROOT, new)
    key = "saas.billing.usage.record"
    assert {
        ("operation-removed", Reader.CALLERS, Severity.BREAKING, key),
        ("event-no-longer-emitted", Reader.CONSUMERS, Severity.BREAKING, key),
    } == said(result.changes)
    assert {problem.code for problem in result.new.problems} >= {"reference-unknown"}
    assert result.fails(Severity.BREAKING)


def test_narrowing_an_enum_of_an_event(new: Path) -> None:
    line = "  soft: Records are taken beyond the limit, and the limit is reported as reached.\n"
    edited(new, "Enforcement.yaml", line, "")
    found = said(changes(new))
    assert ("payload-value-removed", Reader.CONSUMERS, Severity.BREAKING, "saas.billing.limit.reached") in found
    assert ("output-value-removed", Reader.CALLERS, Severity.RISKY, "saas.billing.usage.summary") in found
    assert ("stored-value-removed", Reader.STORED, Severity.BREAKING, "saas.billing.UsageLimit") in found


def test_adding_a_required_input(new: Path) -> None:
    edited(new, "usage.record.yaml", "\ninput:\n", "\ninput:\n  region: {type: string, maxLength: 20}\n")
    expected = ("input-field-added-required", Reader.CALLERS, Severity.BREAKING, "saas.billing.usage.record")
    assert said(changes(new)) == {expected}


def test_lowering_a_rate_limit(new: Path) -> None:
    edited(new, "usage.record.yaml", "requests: 600", "requests: 60")
    (change,) = changes(new)
    assert change.kind.name == "rate-limit-lowered"
    assert change.reader is Reader.BEHAVIOUR
    assert change.severity is Severity.BREAKING
    assert change.message == "The limit is 60 requests a minute; it was 600 requests a minute."


def test_lowering_a_rate_limit_for_a_folder(new: Path) -> None:
    edited(new, "_defaults.yaml", "requests: 600", "requests: 60")
    found = changes(new)
    assert {change.kind.name for change in found} == {"rate-limit-lowered"}
    assert "saas.billing.usage.summary" in {change.key for change in found}
    assert {change.at.path for change in found} == {"contracts/saas/billing/_defaults.yaml"}


def test_changing_what_a_phrase_means(new: Path) -> None:
    edited(
        new,
        "phrases.yaml",
        "  - when: System records the same feature usage again\n    do: {repeat: last}\n",
        "  - when: System records the same feature usage again\n    do: {repeat: last, input: {quantity: 2}}\n",
    )
    (change,) = changes(new)
    assert (change.kind.name, change.reader) == ("phrase-does-otherwise", Reader.BEHAVIOUR)
    assert change.severity is Severity.RISKY
    assert "saas.billing.usage.record: record-usage-duplicate-delivery" in change.scenarios


def test_changing_what_a_phrase_expects(new: Path) -> None:
    edited(new, "phrases.yaml", "events: none, changes: none, total: {UsageEvent: 1}", "total: {UsageEvent: 1}")
    (change,) = changes(new)
    assert (change.kind.name, change.severity) == ("phrase-expects-less", Severity.BREAKING)
    assert "saas.billing.usage.record: record-usage-duplicate-delivery" in change.scenarios


def test_a_description_breaks_nothing(new: Path) -> None:
    edited(new, "usage.record.yaml", "Record usage of a metered feature.", "Record how much of a feature was used.")
    edited(new, "limit.reached.yaml", "description: The limited feature.", "description: What is limited.")
    result = compared(ROOT, new)
    assert {(change.kind.name, change.severity) for change in result.changes} == {("text-changed", Severity.SAFE)}
    assert not result.fails(Severity.RISKY)


def test_whoever_understands_the_new_side_understands_the_old_one(new: Path) -> None:
    """A contract that can't be read on one side is neither gone nor new."""
    (new / BILLING / "usage.recorded.yaml").write_text("kind: event\n  - : what\n")
    result = compared(ROOT, new)
    assert result.changes == []
    assert result.fails(Severity.BREAKING)
    assert compared(new, ROOT).changes == []
