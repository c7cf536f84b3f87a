"""Whatever a file holds, the formatter lays it out or leaves it alone: no exception, no long wait, no other meaning."""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.generator.test_anything import COMPANIONS, JSON, damaged
from tests.support.limits import no_more_than_500_mb, two_seconds
from treaty.formatting.format import format_contract
from treaty.source.reader import read

pytestmark = pytest.mark.usefixtures(no_more_than_500_mb.__name__)
EXAMPLES = int(os.environ.get("TREATY_CONTRACT_EXAMPLES", "75"))
PATH = "contracts/shop/A.yaml"
often = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def accepted(content: bytes) -> bytes | None:
    """Format something; what comes out holds the same data, and stays as it is from then on."""
    with two_seconds():
        found = format_contract(PATH, content)
    if found.content is None:
        assert bool(found.problems) != bool(found.reason)
        return None
    assert format_contract(PATH, found.content).content == found.content
    assert data(content) == data(found.content)
    assert found.content.endswith(b"\n")
    assert b"\r" not in found.content
    return found.content


def data(content: bytes) -> Any:
    document, problems = read(PATH, content)
    assert document is not None
    assert problems == []
    return json.dumps(document.data, sort_keys=True)


@given(st.binary(max_size=2000))
@often
def test_bytes(content: bytes) -> None:
    accepted(content)


@given(st.text(alphabet="ab:-#'\"|>+[]{},? \t\n\r\\&*!%~1", max_size=120))
@often
def test_marks_of_yaml(text: str) -> None:
    accepted(f"a: b\n{text}".encode())
    accepted(f"a:\n  {text}".encode())


@given(st.sampled_from(sorted(COMPANIONS)), st.randoms(use_true_random=False))
@often
def test_damaged_contracts(name: str, chance: random.Random) -> None:
    accepted(damaged(COMPANIONS[name], chance))


@given(st.dictionaries(st.text(max_size=8), JSON, min_size=1, max_size=4), st.booleans())
@often
def test_whatever_another_tool_wrote(contract: dict[str, Any], flow: bool) -> None:
    accepted(yaml.safe_dump(contract, default_flow_style=flow, allow_unicode=True).encode())
    accepted(json.dumps(contract, indent=1).encode())
