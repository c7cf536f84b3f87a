"""What a contract looks like after `treaty fmt`, and that it says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from treaty.formatting.format import format_contract

ROOT = Path(__file__).parents[2]
CONTRACTS = sorted([*ROOT.glob("contracts/**/*.yaml"), *ROOT.glob("tests/**/contracts/**/*.yaml")])
FOLDERS = Path(__file__).with_name("layouts")
LAYOUTS = sorted(FOLDERS.glob("*.before.yaml"))


def formatted(text: str, path: str = "contracts/shop/A.yaml") -> str:
    found = format_contract(path, text.encode())
    assert found.content is not None, found
    assert format_contract(path, found.content).content == found.content
    return found.content.decode()


@pytest.mark.parametrize("before", LAYOUTS, ids=lambda path: path.name.partition(".")[0])
def test_layouts(before: Path) -> None:
    after = before.with_name(before.name.replace(".before", ".after"))
    assert formatted(before.read_text(encoding="utf-8")) == after.read_text(encoding="utf-8")


def test_line_ends_and_marks_of_order() -> None:
    assert formatted("\ufeffkind: type\r\n\r\n\r\n\r\nkey: a.B  \r\n\r\n") == "kind: type\n\nkey: a.B\n"
    assert formatted("kind: type\rkey: a.B") == "kind: type\nkey: a.B\n"
    assert formatted("---\nkey: a.B\nkind: type\n...\n") == "kind: type\nkey: a.B\n"


def test_the_whole_contract_in_brackets() -> None:
    assert formatted('{"key": "a.B", "kind": "type", "values": ["no", "a b"]}') == (
        'kind: type\nkey: a.B\nvalues: ["no", "a b"]\n'
    )


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_contract_of_this_repository(path: Path) -> None:
    """It is read or it is not; what is read can be formatted, and formatting it again changes nothing."""
    found = format_contract(path.name, path.read_bytes())
    if found.content is not None:
        assert format_contract(path.name, found.content).content == found.content
    else:
        assert found.problems or found.reason == "a key of several lines can't be laid out"


@pytest.mark.parametrize(
    "text",
    ["kind: type\nvalues: &a [x]\n", "kind:\n  # which?\n  type\n", "a: |\n  text without an end"],
)
def test_what_cannot_be_kept_is_left_alone(text: str) -> None:
    found = format_contract("contracts/shop/A.yaml", text.encode())
    assert found.content is None
    assert found.reason


def test_what_cannot_be_read_is_a_problem() -> None:
    found = format_contract("contracts/shop/A.yaml", b"kind: [")
    assert found.content is None
    assert [problem.code for problem in found.problems] == ["yaml-syntax"]


def test_a_comment_to_the_generator_stays_at_its_line() -> None:
    field = f"  name: {{type: string, description: {'x' * 120}}}"
    text = f"kind: type\nfields:\n  # treaty: allow bounds because it is so\n{field}\n  other: string\n"
    assert formatted(text) == text
