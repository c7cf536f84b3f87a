"""What a change amounts to: stability and version, the end that was announced, versions side by side."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.diff.comparing import TODAY, compared
from tests.diff.shops import NAME, sell, shop
from treaty.diff.base import Change, Severity

WITH_PRICE = f"{NAME}  price: decimal\n"
DEPRECATED = "deprecated: 2026-01-01\n"


def changes(tmp_path: Path, old: dict[str, str], new: dict[str, str], today: date = TODAY) -> list[Change]:
    result = compared(shop(tmp_path / "old", **old), shop(tmp_path / "new", **new), today)
    assert result.new.problems == []
    return [change for change in result.changes if not change.kind.quiet]


@pytest.mark.parametrize(
    ("stability", "version", "severity", "note"),
    [
        ("stable", "1.0.0", Severity.BREAKING, None),
        ("stable", "1.1.0", Severity.BREAKING, None),
        ("stable", "2.0.0", Severity.SAFE, "2.0.0 is a new major version after 1.0.0"),
        ("beta", "1.0.0", Severity.RISKY, "it was `beta`, so it may still change"),
        ("experimental", "1.0.0", Severity.SAFE, "it was `experimental`, so it may change"),
        ("idea", "1.0.0", Severity.SAFE, "it was `idea`, so it may change"),
    ],
)
def test_a_breaking_change(tmp_path: Path, stability: str, version: str, severity: Severity, note: str | None) -> None:
    old = sell("1.0.0", stability)
    (change,) = changes(tmp_path, {"sell": old}, {"sell": sell(version, stability, WITH_PRICE)})
    assert (change.kind.name, change.severity, change.note) == ("input-field-added-required", severity, note)


def test_before_version_1_a_second_number_is_a_major_one(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, {"sell": sell("0.3.0")}, {"sell": sell("0.4.0", fields=WITH_PRICE)})
    assert change.severity is Severity.SAFE
    (change,) = changes(tmp_path, {"sell": sell("0.3.0")}, {"sell": sell("0.3.1", fields=WITH_PRICE)})
    assert change.severity is Severity.BREAKING


def test_what_was_promised_counts_and_not_what_is_promised_now(tmp_path: Path) -> None:
    found = changes(tmp_path, {"sell": sell()}, {"sell": sell(stability="experimental", fields=WITH_PRICE)})
    assert {(change.kind.name, change.severity) for change in found} == {
        ("stability-lowered", Severity.BREAKING),
        ("input-field-added-required", Severity.BREAKING),
    }
    found = changes(tmp_path, {"sell": sell(stability="experimental")}, {"sell": sell(fields=WITH_PRICE)})
    assert {change.severity for change in found} == {Severity.SAFE}


def test_what_is_new_and_not_stable_needs_no_minor_version(tmp_path: Path) -> None:
    fields = f"{NAME}  note: optional string\n"
    (change,) = changes(tmp_path, {"sell": sell(stability="beta")}, {"sell": sell(stability="beta", fields=fields)})
    assert change.kind.name == "input-field-added-optional"


@pytest.mark.parametrize(
    ("more", "today", "severity", "note"),
    [
        (f"{DEPRECATED}sunset: 2026-06-30\n", date(2026, 6, 29), Severity.BREAKING, None),
        (
            f"{DEPRECATED}sunset: 2026-06-30\n",
            date(2026, 6, 30),
            Severity.SAFE,
            "it was announced to end on 2026-06-30",
        ),
        (DEPRECATED, date(2026, 6, 30), Severity.BREAKING, None),
    ],
)
def test_deleting_what_is_deprecated(
    tmp_path: Path, more: str, today: date, severity: Severity, note: str | None
) -> None:
    old = sell(stability="deprecated", more=more)
    (change,) = changes(tmp_path, {"sell": old}, {}, today)
    assert (change.kind.name, change.severity, change.note) == ("operation-removed", severity, note)


def test_an_end_that_is_there_when_it_is_announced_is_no_announcement(tmp_path: Path) -> None:
    old = sell(stability="deprecated", more=DEPRECATED)
    new = sell(stability="deprecated", more=f"{DEPRECATED}sunset: 2026-11-20\n")
    (change,) = changes(tmp_path, {"sell": old}, {"sell": new}, date(2026, 11, 20))
    assert (change.kind.name, change.severity) == ("sunset-earlier", Severity.BREAKING)


def test_a_newer_version_beside_the_older_one_breaks_nothing(tmp_path: Path) -> None:
    older = sell().replace("POST /sales", "POST /v1/sales")
    newer = sell("2.0.0", fields=WITH_PRICE)
    found = changes(tmp_path, {"sell": older}, {"sell@1": older, "sell": newer})
    assert [(change.kind.name, change.key, change.severity) for change in found] == [
        ("operation-added", "shop.sell", Severity.SAFE)
    ]


def test_an_older_version_that_moves_breaks_its_callers(tmp_path: Path) -> None:
    new = {"sell@1": sell().replace("POST /sales", "POST /v1/sales"), "sell": sell("2.0.0", fields=WITH_PRICE)}
    (moved,) = (change for change in changes(tmp_path, {"sell": sell()}, new) if change.severity is Severity.BREAKING)
    assert (moved.kind.name, moved.key) == ("path-changed", "shop.sell@1")


def test_an_older_version_that_is_no_longer_served(tmp_path: Path) -> None:
    old = {"sell@1": sell().replace("POST /sales", "POST /v1/sales"), "sell": sell("2.0.0", fields=WITH_PRICE)}
    (change,) = changes(tmp_path, old, {"sell": old["sell"]})
    assert (change.kind.name, change.key, change.severity) == ("operation-removed", "shop.sell@1", Severity.BREAKING)


COLOR = "kind: type\nkey: shop.Color\nversion: {}\ndescription: A color.\nvalues: [{}]\n"


def test_a_shared_type_breaks_whoever_uses_it_whatever_its_own_version(tmp_path: Path) -> None:
    """A new major version of the type does not make its users' callers any happier."""
    colored = "  color: Color\n"
    old = {"Color": COLOR.format("1.0.0", "red, blue"), "sell": sell(fields=colored)}
    new = {"Color": COLOR.format("2.0.0", "red"), "sell": sell(fields=colored)}
    (change,) = changes(tmp_path, old, new)
    assert (change.kind.name, change.key, change.through) == ("input-value-removed", "shop.sell", "shop.Color")
    assert change.severity is Severity.BREAKING
    (change,) = changes(tmp_path, old, {**new, "sell": sell("2.0.0", fields=colored)})
    assert change.severity is Severity.SAFE


def test_a_shared_type_counts_in_every_direction_that_it_is_used_in(tmp_path: Path) -> None:
    colored = "  color: Color\noutput:\n  color: Color\n"
    old = {"Color": COLOR.format("1.0.0", "red"), "sell": sell(fields=colored)}
    new = {"Color": COLOR.format("1.1.0", "red, blue"), "sell": sell(fields=colored)}
    assert {(change.kind.name, change.severity) for change in changes(tmp_path, old, new)} == {
        ("input-value-added", Severity.SAFE),
        ("output-value-added", Severity.RISKY),
    }


def test_a_type_with_another_name_is_the_same_on_the_wire(tmp_path: Path) -> None:
    old = {"Color": COLOR.format("1.0.0", "red"), "sell": sell(fields="  color: Color\n")}
    new = {"Paint": COLOR.format("1.0.0", "red").replace("Color", "Paint"), "sell": sell(fields="  color: Paint\n")}
    assert {change.kind.name for change in changes(tmp_path, old, new)} == {"type-removed", "type-added"}
    inline = {"sell": sell(fields="  color: {type: string, enum: [red]}\n")}
    assert {change.kind.name for change in changes(tmp_path, old, inline)} == {"type-removed"}
