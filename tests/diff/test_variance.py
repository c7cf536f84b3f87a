"""Fields that are sent, answered and stored: which of two types, bounds or presences takes or promises more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.diff.comparing import compared
from tests.diff.shops import sell, shop

THING = """\
kind: entity
key: shop.Thing
version: 1.0.0
description: A thing.
tenant: shop
fields:
  id: {type: uuid, primary: true}
  shop: Shop
"""
BAG = (
    "kind: type\nkey: shop.Bag\nversion: 1.0.0\ndescription: A bag.\nfields:\n  size: integer\n  inside: optional Bag\n"
)


def names(tmp_path: Path, old: str, new: str, where: str) -> set[str]:
    """The classes of the changes when the fields `old` become `new`."""
    file = "Thing" if where == "table" else "sell"
    before, after = ({"Bag": BAG, file: _contract(where, fields)} for fields in (old, new))
    result = compared(shop(tmp_path / "old", **before), shop(tmp_path / "new", **after))
    assert result.new.problems == []
    assert result.old.problems == []
    return {change.kind.name for change in result.changes} - {"minor-version-missing"}


def _contract(where: str, fields: str) -> str:
    lines = "".join(f"  {line}\n" for line in fields.split("\n"))
    if where == "table":
        return THING + lines
    return sell(fields=lines) if where == "input" else sell(fields=f"  name: string\noutput:\n{lines}")


@pytest.mark.parametrize(
    ("old", "new", "sent", "answered"),
    [
        ("a: integer", "a: number", "input-type-widened", "output-type-changed"),
        ("a: number", "a: integer", "input-type-changed", "output-type-narrowed"),
        ("a: {type: number, minimum: 5}", "a: integer", "input-type-changed", "output-type-changed"),
        ("a: integer", "a: {type: number, minimum: 5}", "input-type-changed", "output-type-changed"),
        ("a: datetime", "a: date", "input-type-changed", "output-type-changed"),
        ("a: url", "a: string", "input-type-changed", "output-type-changed"),
        ("a: {type: url, maxLength: 500}", "a: string", "input-type-widened", "output-type-changed"),
        ("a: uuid", "a: {type: string, minLength: 40}", "input-type-changed", "output-type-changed"),
        ("a: {type: string, enum: [x, yy]}", "a: {type: string, maxLength: 1}",
         "input-type-changed", "output-type-changed"),
        ("a: {type: string, enum: [x, yy]}", "a: {type: string, maxLength: 2}",
         "input-type-widened", "output-type-changed"),
        ("a: Bag", "a: {fields: {size: integer, inside: optional Bag}}", None, None),
        ("a: Bag", "a: {fields: {size: integer}}", "input-field-removed", "output-field-removed"),
        ("a: list of Bag", "a: list of integer", "input-type-changed", "output-type-changed"),
        ("a: list of integer", "a: list of number", "input-type-widened", "output-type-changed"),
        ("a: map of integer", "a: list of integer", "input-type-changed", "output-type-changed"),
        ("a: Bag", "a: json", "input-type-widened", "output-type-changed"),
        ("a: {type: integer, minimum: 1}", "a: {type: integer, exclusiveMinimum: 0}", None, None),
        ("a: {type: integer, minimum: 1}", "a: {type: integer, exclusiveMinimum: 1}",
         "input-bound-tightened", "output-bound-tightened"),
        ("a: {type: decimal, minimum: '1.50'}", "a: {type: decimal, minimum: 1.5}", None, None),
        ("a: {type: integer, multipleOf: 4}", "a: {type: integer, multipleOf: 6}",
         "input-bound-tightened", "output-bound-loosened"),
        ("a: {type: string, pattern: ^a$}", "a: {type: string, pattern: ^b$}",
         "input-bound-tightened", "output-bound-loosened"),
        ("a: string", "a: {type: string, maxLength: 1000}", None, None),
        ("a: string", "a: {type: string, maxLength: 1001}", "input-bound-loosened", "output-bound-loosened"),
        ("a: list of list of string", "a: {type: list of list of string, maxItems: 5}",
         "input-bound-tightened", "output-bound-tightened"),
        ("a: map of list of Bag", "a: {type: map of list of Bag, minItems: 1}",
         "input-bound-tightened", "output-bound-tightened"),
    ],
)  # fmt: skip
def test_sent_and_answered(tmp_path: Path, old: str, new: str, sent: str | None, answered: str | None) -> None:
    assert names(tmp_path, old, new, "input") == {sent} - {None}
    assert names(tmp_path, old, new, "output") == {answered} - {None}


@pytest.mark.parametrize(
    ("old", "new", "stored"),
    [
        ("other: Shop", "otherId: uuid", "stored-type-widened"),
        ("otherId: uuid", "other: Shop", "stored-type-changed"),
        ("a: datetime", "a: string", "stored-type-changed"),
        ("a: integer", "a: number", "stored-type-changed"),
        ("a: integer", "a: json", "stored-type-changed"),
        ("a: list of string", "a: json", "stored-type-widened"),
        ("a: list of integer", "a: list of number", "stored-type-widened"),
        ("a: {type: string, enum: [x]}", "a: string", "stored-type-widened"),
        ("a: Bag", "a: {fields: {size: integer, inside: optional Bag, count: integer}}", "stored-field-added-required"),
    ],
)
def test_stored(tmp_path: Path, old: str, new: str, stored: str) -> None:
    assert names(tmp_path, old, new, "table") == {stored}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("unique: [[a]]", "unique: [[a, b]]", {"unique-removed"}),
        ("unique: [[a, b]]", "unique: [[a]]", {"unique-added"}),
        ("unique: [[a, b]]", "unique: [[b, a]]", set()),
        ("index: [[a, b]]", "index: [[b, a]]", {"index-changed"}),
        ("index: [[a], [b]]", "index: [[b], [a]]", set()),
        ("tenant: shop", "appendOnly: false", {"tenant-changed"}),
    ],
)
def test_keys(tmp_path: Path, old: str, new: str, expected: set[str]) -> None:
    fields = "  a: {type: string, maxLength: 50}\n  b: {type: string, maxLength: 50}\n"
    plain = THING.replace("tenant: shop\n", "") if "tenant" in old else THING
    sides = [shop(tmp_path / name, Thing=plain + fields + more + "\n") for name, more in (("old", old), ("new", new))]
    assert {change.kind.name for change in compared(sides[0], sides[1]).changes} == expected
