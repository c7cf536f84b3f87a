"""When a misspelt name can mean one known name alone."""

from __future__ import annotations

import pytest

from treaty.contract.spelling import respelling
from treaty.diagnostics import Location


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("rate_limit", ["rateLimit", "rateLimits"], "rateLimit"),
        ("nmae", ["name", "maker"], "name"),
        ("minLenght", ["minLength", "maxLength"], "minLength"),
        ("minimm", ["minimum", "maximum"], "minimum"),
        ("kin", ["kind", "king"], None),  # either is one letter away
        ("a-b", ["ab", "aB"], None),
        ("line1", ["line2"], None),  # another one, not a misspelt one
        ("abc", ["abd"], "abd"),
        ("id", ["is"], None),
        ("x", ["y"], None),
        ("", ["a"], None),
        ("vlaues", ["values", "fields"], "values"),
        ("quantity", ["count"], None),
    ],
)
def test_the_one_that_is_meant(word: str, known: list[str], meant: str | None) -> None:
    fix = respelling(Location("a.yaml"), word, known)
    assert (fix.edits[0].new if fix else None) == meant
