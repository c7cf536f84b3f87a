"""Data is first compared by formats that are compiled once; they have to mean what the schema's patterns mean."""

from __future__ import annotations

import jsonschema_rs
import pytest

from treaty.rules.fit import _COMPILED

VALUES = (
    "", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+01:00", "2026-01-31", "P1DT2H", "P", "PT1.5S", "12.50", "-3",
    "1.", "1e3", "٣", "https://example.com/a?b#c", "http://x", "ftp://example.com", "a@b.example", "a@-b", "a\0b", "é",
)  # fmt: skip


@pytest.mark.parametrize("pattern", sorted(_COMPILED))
def test_a_format_takes_what_its_pattern_takes(pattern: str) -> None:
    validator = jsonschema_rs.Draft202012Validator({"pattern": pattern})
    for value in (*VALUES, *(f"{value}\n" for value in VALUES), *(f"\n{value}" for value in VALUES)):
        assert _COMPILED[pattern](value) == validator.is_valid(value), value
