"""Sensitive values: taken out of what is kept, blacked out in what is said, however deep they are."""

from __future__ import annotations

import pytest

from tests.runtime_http.conftest import Notes
from treaty_runtime.sensitive import blackened, texts_at, without

CARD = {"number": "4242", "year": 2030}


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("card", {"cards": [CARD, CARD], "by": {"a": CARD}, "number": 7}),
        ("card.number", {"card": {"year": 2030}, "cards": [CARD, CARD], "by": {"a": CARD}, "number": 7}),
        ("cards.*.number", {"card": CARD, "cards": [{"year": 2030}] * 2, "by": {"a": CARD}, "number": 7}),
        ("by.*.number", {"card": CARD, "cards": [CARD, CARD], "by": {"a": {"year": 2030}}, "number": 7}),
        ("cards.*", {"card": CARD, "cards": [], "by": {"a": CARD}, "number": 7}),
        ("by.*", {"card": CARD, "cards": [CARD, CARD], "by": {}, "number": 7}),
        ("missing.number", {"card": CARD, "cards": [CARD, CARD], "by": {"a": CARD}, "number": 7}),
        ("number.of", {"card": CARD, "cards": [CARD, CARD], "by": {"a": CARD}, "number": 7}),
    ],
)
def test_fields_are_taken_out_where_the_path_leads(path: str, left: object) -> None:
    given = {"card": CARD, "cards": [CARD, CARD], "by": {"a": CARD}, "number": 7}
    assert without(given, [path]) == left
    assert given["card"] is CARD
    assert CARD == {"number": "4242", "year": 2030}


def test_texts_at_a_path_and_below() -> None:
    assert sorted(texts_at({"cards": [CARD], "flag": True}, ["cards", "flag"])) == ["2030", "4242"]
    assert list(texts_at(None, ["cards"])) == []


def test_the_longest_secret_is_blacked_out_first() -> None:
    assert blackened("ab and abc", ["ab", "abc", ""]) == "[sensitive] and [sensitive]"


def test_deep_secrets_are_neither_kept_nor_told(service: Notes) -> None:
    service.organization(ann="admin")
    body = {"how": "exception", "secret": "outer", "secrets": [{"deepText": "inner-secret", "numbers": [1]}]}
    assert service.send("POST", "/break", service.token("ann"), json=body).status_code == 500
    assert service.rows("SELECT input FROM treaty.audit") == [({"how": "exception", "secrets": [{"numbers": [1]}]},)]
    assert "inner-secret" not in str(service.lines)
