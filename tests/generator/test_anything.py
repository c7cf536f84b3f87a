"""Whatever stands in the contracts folder: diagnostics or none, never an exception, never a long wait."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.generator.checking import check, write
from tests.support.limits import no_more_than_500_mb, two_seconds
from treaty.diagnostics import Diagnostic

CONTRACTS = Path(__file__).parents[2] / "contracts"
pytestmark = pytest.mark.usefixtures(no_more_than_500_mb.__name__)
NAMES = ("saas/billing/usage.record.yaml", "saas/billing/phrases.yaml", "saas/billing/UsageEvent.yaml")
COMPANIONS = {
    f"contracts/{path.relative_to(CONTRACTS)}": path.read_bytes() for path in sorted(CONTRACTS.rglob("*.yaml"))
}
SPECIAL = [
    b"\t",
    b"\x00",
    b"\xff",
    b"&a ",
    b"*a",
    b"!!x ",
    b"[",
    b"{",
    b"}",
    b"]",
    b": ",
    b"- ",
    b"#",
    b" #",
    b"'",
    b'"',
    b"|",
    b"?",
    b"\n---\n",
    b"~",
    b"\xe2\x80\xa8",
]

EXAMPLES = int(os.environ.get("TREATY_CONTRACT_EXAMPLES", "100"))
often = settings(max_examples=EXAMPLES, deadline=None)


def accepted(files: dict[str, bytes]) -> list[Diagnostic]:
    """Check some files, and look at every diagnostic as a terminal would."""
    with TemporaryDirectory() as name, two_seconds():
        found = check(write(Path(name), files))
    for problem in found:
        assert f"{problem}\n{problem.hint}".encode()
        assert problem.message
        assert problem.hint
        assert problem.at.line >= 1
        assert problem.at.column >= 1
    return found


@given(st.binary(max_size=2000))
@often
@example(b"")
@example(b"\xef\xbb\xbf")
@example(b"kind: command\n" * 1000)
@example(b"[" * 100_000)
@example(b"? " * 100_000)
@example(b"kind: &a [*a]")
@example(b"{a: " * 50_000)
@example(b"'" + b"x" * 500_000)
@example(b"a: " + b"9" * 100_000)
@example(b"&" * 100_000)
@example(b"!" * 100_000)
@example(b"%" * 100_000)
@example(b"kind: type\nkey: shop.Color\nversion: 1.0.0\ndescription: " + b"x " * 200_000)
def test_bytes(content: bytes) -> None:
    accepted({"contracts/shop/Color.yaml": content, "contracts/_defaults.yaml": content, "features/a.feature": content})


@given(st.sampled_from(NAMES), st.randoms(use_true_random=False))
@often
def test_damaged_contracts(name: str, chance: random.Random) -> None:
    """A real contract with some bytes cut out, doubled, moved or replaced, among its companions."""
    path = f"contracts/{name}"
    accepted(COMPANIONS | {path: damaged(COMPANIONS[path], chance)})


def damaged(content: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(content) + 1)
        end = min(len(content), start + chance.randint(0, 40))
        cut = content[start:end]
        middle = chance.choice([b"", cut + cut, chance.choice(SPECIAL), cut[::-1], cut.upper()])
        content = content[:start] + middle + content[end:]
    return content


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
@often
def test_contracts_with_anything_anywhere(data: st.DataObject) -> None:
    """A real contract, as JSON, in which some values are something else."""
    kind = data.draw(st.sampled_from(sorted(SKELETONS)))
    contract = json.loads(json.dumps(SKELETONS[kind]))
    for _ in range(data.draw(st.integers(1, 3))):
        replace_somewhere(contract, data)
    accepted(
        {
            "contracts/shop/Thing.yaml": json.dumps(contract).encode(),
            "contracts/shop/Other.yaml": json.dumps(OTHER).encode(),
        }
    )


def replace_somewhere(holder: Any, data: st.DataObject) -> None:
    """Walk down to some place, and put something else there."""
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(holder[key], dict | list) and data.draw(st.booleans()):
            holder = holder[key]
        else:
            holder[key] = data.draw(
                JSON | st.sampled_from(["Other", "optional Thing", "list of Other", "now", "{x}", "{a.b}"])
            )
            return


OTHER = {"kind": "type", "key": "shop.Other", "version": "1.0.0", "description": "Other.", "fields": {"thing": "json"}}
_HEAD = {"key": "shop.Thing", "version": "1.0.0", "description": "A thing."}
SKELETONS: dict[str, Any] = {
    "command": {
        "kind": "command",
        **_HEAD,
        "http": "POST /things/{id} -> 201",
        "headers": {"token": "X-Token"},
        "input": {"id": "uuid", "token": "string", "inner": {"fields": {"x": {"type": "integer", "minimum": 1}}}},
        "output": {"done": "boolean", "others": "list of Other"},
        "errors": {"gone": {"status": 404, "when": "It is gone."}},
        "policy": {
            "roles": ["admin"],
            "rateLimit": {"requests": 5, "per": "minute", "by": "user"},
            "idempotency": {"key": "token", "keep": "1h"},
        },
        "acceptance": {
            "scenarios": [{"key": "a", "given": ["x"], "when": ["y"], "then": ["z"]}],
            "examples": [{"key": "b", "input": {"id": "x", "token": "y"}, "output": {"done": True, "others": []}}],
        },
    },
    "entity": {
        "kind": "entity",
        **_HEAD,
        "tenant": "id",
        "fields": {
            "id": {"type": "uuid", "primary": True},
            "at": {"type": "datetime", "default": "now"},
            "name": {"type": "string", "maxLength": 5, "pattern": "^x+$", "renamedFrom": "old"},
            "parent": "optional Thing",
        },
        "unique": [["name"]],
        "index": [["at", "name"]],
        "grants": {"person": "name", "role": "name"},
    },
    "type": {"kind": "type", **_HEAD, "values": {"a": "First.", "b": {"description": "Second."}}},
    "vocabulary": {
        "kind": "vocabulary",
        **_HEAD,
        "phrases": [
            {
                "given": "{a:w} comes",
                "also": ["{a:w} goes"],
                "do": [{"actor": "{a}", "roles": ["x"]}, {"clock": "now"}],
            },
            {"when": "b", "do": {"create": {"Other": {"x": 1}}, "name": "b"}},
            {"when": "c", "do": {"call": "Other", "input": {"x": "{b.x}"}}},
            {
                "then": "d",
                "expect": {"output": {"x": {"every": {"y": 1}}}, "events": ["Other"], "changes": {"Other": 1}},
            },
        ],
    },
}
