"""schemathesis finds nothing in the billing service. `make fuzz` looks ten times as hard."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Billing
from tests.support.fuzzing import fuzz

EXAMPLES = int(os.environ.get("TREATY_FUZZ_EXAMPLES", "15"))


@pytest.mark.parametrize("caller", ["service", "person"])
def test_schemathesis_finds_nothing(billing: Billing, tmp_path: Path, caller: str) -> None:
    token = billing.key if caller == "service" else billing.admin
    found = fuzz(
        billing.service,
        token,
        tmp_path,
        examples=EXAMPLES if caller == "service" else EXAMPLES // 2,
        edges=caller == "service",
    )
    assert found.nothing, found.said
    assert sum(found.answers["POST /billing/usage"].values()) > EXAMPLES // 4
    for operation, answers in found.answers.items():
        assert 429 not in answers, operation
        if caller == "service":  # the requests got through, so the answers were looked at too
            assert any(200 <= status < 300 for status in answers), (operation, answers)
