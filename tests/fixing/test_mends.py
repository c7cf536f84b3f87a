"""Each kind of mend, in a contract; what stands around it stays."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.generator.checking import project, write
from tests.generator.test_golden_diagnostics import FIXTURES
from treaty.check import examine
from treaty.fixing.plan import Mending, identity, mend

ASK = """\
kind: query
key: shop.ask
version: 1.0.0
description: Ask.
http: GET /ask
owners: [me]   # for now
input:
  size: {type: string, enum: [small, large], default: small}
  price: {type: decimal, minimum: '0.01'}
output: {answer: string}
policy: {audit: true}
"""
PHRASES = """\
kind: vocabulary
key: shop.phrases
version: 1.0.0
description: What is said.
phrases:
  - when: 'ticket #5 is torn'
    do: {clock: now}
  - when: '{who:w} waits'   # nobody knows how long
    do: {actor: '{who}'}
"""
SLIPS = [
    ("kind: query", "kind: qurey", "kind: query"),
    ("key: shop.ask", "key: 'shop.Ask'", "key: 'shop.ask'"),
    ("version: 1.0.0", "version: v1.0.0  # the first", "version: 1.0.0  # the first"),
    ("description: Ask.", "description: Ask: now. # all", "description: 'Ask: now.' # all"),
    ("description: Ask.", "description: Ask: now. #all", "description: Ask: now. #all"),
    ("description: Ask.", "description: it's: now", "description: 'it''s: now'"),
    ("description: Ask.", "description: @you", "description: '@you'"),
    ("http: GET /ask", "http: get ask/", "http: GET /ask"),
    ("owners: [me]", "owner: [me]", "owners: [me]"),
    ("owners: [me]", 'owners: "me"', "owners: [me]"),
    ("owners: [me]", "owners: [5, me: too]", "owners: ['5', 'me: too']"),
    ("owners: [me]", "stability: 'betta'\nowners: [me]", "stability: 'beta'\nowners: [me]"),
    ("default: small", "default: smal", "default: small"),
    ("answer: string", "answer: str", "answer: string"),
    ("answer: string", "answer: 'optional  strnig[]?'", "answer: 'optional  strnig[]?'"),
    ("answer: string", "answer: optional  string", "answer: optional string"),
    ("answer: string", "answer: 'string[]?'", "answer: 'optional list of string'"),
    ("answer: string", "Answer_text: optional strnig", "answerText: optional string"),
    ("audit: true", "audit: Yes", "audit: true"),
    ("audit: true", "adit: true", "audit: true"),
    ("audit: true}", "audit: true, idempotency: {key: nobody}}", "audit: true, idempotency: {key: nobody}}"),
]


def mended(root: Path, files: dict[str, bytes]) -> tuple[dict[str, bytes], Mending]:
    found = mend(project(write(root, files)), lambda _: True)
    return files | found.after, found


@pytest.mark.parametrize(("right", "slip", "becomes"), SLIPS)
@pytest.mark.parametrize("breaks", ["\n", "\r\n"])
def test_slips(tmp_path: Path, right: str, slip: str, becomes: str, breaks: str) -> None:
    before, expected = (
        b"\xef\xbb\xbf" + ASK.replace(right, text).replace("\n", breaks).encode() for text in (slip, becomes)
    )
    after, found = mended(tmp_path, {"contracts/shop/ask.yaml": before})
    assert after["contracts/shop/ask.yaml"].decode() == expected.decode()
    assert (found.checked.problems == []) is (slip != becomes)


def test_phrases(tmp_path: Path) -> None:
    slips = (
        PHRASES.replace("'ticket #5 is torn'", "ticket #5 is torn")
        .replace("'{who:w} waits'", "{who:w} waits")
        .replace("{who}", "{whom}")
    )
    after, found = mended(tmp_path, {"contracts/shop/phrases.yaml": slips.encode()})
    assert after["contracts/shop/phrases.yaml"].decode() == PHRASES
    assert found.checked.problems == []


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_fixtures(fixture: Path) -> None:
    """Of all that can be wrong with contracts, nothing becomes worse, and what is right is left alone."""
    found = mend(project(fixture / "bad"), lambda _: True)
    before = Counter(map(identity, examine(project(fixture / "bad")).problems))
    after = Counter(map(identity, found.checked.problems))
    assert after <= before
    assert bool(found.mended) == (after != before)
    assert mend(project(fixture / "good"), lambda _: True).mended == []


def test_hundreds_of_slips_in_one_file(tmp_path: Path) -> None:
    fields = "".join(f"  f{number}: {{type: strng, minLenght: 1}}\n" for number in range(500))
    text = f"kind: type\nkey: shop.Long\nversion: 1.0.0\ndescription: Long.\nfields:\n{fields}"
    after, found = mended(tmp_path, {"contracts/shop/Long.yaml": text.encode()})
    right = text.replace("strng", "string").replace("Lenght", "Length")
    assert after["contracts/shop/Long.yaml"].decode() == right
    assert len(found.mended) == 1000


def test_a_link_is_mended_where_it_leads(tmp_path: Path) -> None:
    slip = ASK.replace("kind: query", "kind: qurey")
    write(tmp_path, {"contracts/shop/ask.yaml": slip})
    (tmp_path / "contracts/shop/beg.yaml").symlink_to("ask.yaml")
    found = mend(project(tmp_path), lambda path: path.endswith("beg.yaml"))
    assert (found.after, list(found.dropped.values())) == ({}, ["it is written in an unusual way"])
