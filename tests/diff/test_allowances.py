"""Changes that pyproject.toml lets pass for a while."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.diff.comparing import compared
from tests.diff.shops import NAME, sell, shop
from treaty.diff.base import Severity
from treaty.diff.run import Result
from treaty.diff.text import lines

WITH_PRICE = f"{NAME}  price: decimal\n"
ALLOWED = """
[[tool.treaty.diff.allow]]
id = "D201"
key = "shop.sell"
reason = "The only caller changes with it."
until = 2026-12-31
"""


def result(tmp_path: Path, settings: str, today: date = date(2026, 11, 20), fields: str = WITH_PRICE) -> Result:
    old, new = shop(tmp_path / "old", sell=sell()), shop(tmp_path / "new", sell=sell(fields=fields))
    with (new / "pyproject.toml").open("a") as file:
        file.write(settings)
    return compared(old, new, today)


@pytest.mark.parametrize("id_", ["D201", "input-field-added-required"])
def test_what_is_allowed_does_not_fail(tmp_path: Path, id_: str) -> None:
    found = result(tmp_path, ALLOWED.replace("D201", id_))
    (change,) = found.changes
    assert change.allowed is not None
    assert not found.fails(Severity.RISKY)
    assert found.notices == []
    assert list(lines(found.changes, "old", "new", everything=False)) == [
        "API callers: 1 breaking (1 of them allowed)",
        "",
        "  breaking, allowed: D201 input-field-added-required",
        "    Who calls as before does not send it and is refused with 422.",
        "    Allowed until 2026-12-31: The only caller changes with it.",
        "    contracts/shop/sell.yaml:9:3 `price` in the input is new, and required.",
        "",
        "1 change from old to new: 1 breaking (1 of them allowed).",
    ]


def test_the_last_day_still_counts(tmp_path: Path) -> None:
    assert not result(tmp_path, ALLOWED, date(2026, 12, 31)).fails(Severity.BREAKING)


def test_what_ran_out_allows_nothing_and_is_reported(tmp_path: Path) -> None:
    found = result(tmp_path, ALLOWED, date(2027, 1, 1))
    assert found.fails(Severity.BREAKING)
    (notice,) = found.notices
    assert str(notice) == (
        "pyproject.toml:5:1 allowance-expired The allowance for D201 of shop.sell ran out on 2026-12-31: "
        "The only caller changes with it."
    )


@pytest.mark.parametrize(("what", "other"), [("D201", "D203"), ("shop.sell", "shop.ask")])
def test_what_is_about_something_else_is_reported(tmp_path: Path, what: str, other: str) -> None:
    found = result(tmp_path, ALLOWED.replace(what, other))
    assert found.fails(Severity.BREAKING)
    assert [notice.code for notice in found.notices] == ["allowance-unused"]


def test_what_is_safe_needs_no_allowance(tmp_path: Path) -> None:
    settings = ALLOWED.replace("D201", "D202")
    found = result(tmp_path, settings, fields=f"{NAME}  note: optional string\n")
    assert [notice.code for notice in found.notices] == ["allowance-unused"]
    assert not found.fails(Severity.BREAKING)


def test_a_shared_type_is_allowed_for_all_who_use_it(tmp_path: Path) -> None:
    color = "kind: type\nkey: shop.Color\nversion: 1.0.0\ndescription: A color.\nvalues: [{}]\n"
    fields, ask = "  color: Color\n", sell(fields="  color: Color\n").replace("shop.sell", "shop.buy")
    others = {"sell": sell(fields=fields), "buy": ask.replace("/sales", "/purchases")}
    old = shop(tmp_path / "old", Color=color.format("red, blue"), **others)
    new = shop(tmp_path / "new", Color=color.format("red"), **others)
    with (new / "pyproject.toml").open("a") as file:
        file.write(ALLOWED.replace("D201", "D208").replace("shop.sell", "shop.Color"))
    found = compared(old, new)
    assert [change.key for change in found.changes if change.allowed] == ["shop.buy", "shop.sell"]
    assert not found.fails(Severity.BREAKING)


@pytest.mark.parametrize(
    ("before", "after", "message", "hint"),
    [
        ('id = "D201"\n', "", "An allowance needs its `id`, a text.", 'Name the class of change: id = "D201"'),
        ('"D201"', '"X999"', "There is no class of change `X999`.", "shows the id of every change"),
        ('"D201"', '"input-field-add-required"', "There is no class", "Did you mean `input-field-added-required`?"),
        ('"shop.sell"', "5", "An allowance needs its `key`, a text.", "Name the contract"),
        ('"The only caller changes with it."', '" "', "An allowance needs its `reason`, a text.", "Say why"),
        ("2026-12-31", '"2026-12-31"', "An allowance needs its `until`, a date.", "without quotes"),
        ("2026-12-31", "2026-12-31T00:00:00Z", "An allowance needs its `until`, a date.", "without quotes"),
        ("until", "untill", "An allowance has no word `untill`.", "Did you mean `until`?"),
    ],
)
def test_slips(tmp_path: Path, before: str, after: str, message: str, hint: str) -> None:
    found = result(tmp_path, ALLOWED.replace(before, after))
    problem = found.new.problems[0]
    assert (problem.at.path, problem.at.line, problem.code) == ("pyproject.toml", 5, "allowance-invalid")
    assert message in problem.message
    assert hint in problem.hint
    assert found.fails(Severity.BREAKING)


@pytest.mark.parametrize("settings", ["[tool.treaty.diff]\nallow = 5\n", "[tool.treaty.diff]\nallows = []\n"])
def test_no_list_of_allowances(tmp_path: Path, settings: str) -> None:
    (problem,) = result(tmp_path, settings).new.problems
    assert problem.message == "This is no list of allowances."
    assert [item.message for item in result(tmp_path, "diff = {allow = [5]}\n").new.problems] == [
        "An allowance is a table."
    ]
