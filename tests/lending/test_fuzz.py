"""schemathesis finds nothing in the lending service either."""

from __future__ import annotations

import os
from pathlib import Path

from tests.lending.conftest import Lending
from tests.support.fuzzing import fuzz

EXAMPLES = int(os.environ.get("TREATY_FUZZ_EXAMPLES", "12"))


def test_schemathesis_finds_nothing(lending: Lending, tmp_path: Path) -> None:
    found = fuzz(lending.service, lending.key, tmp_path, examples=EXAMPLES)
    assert found.nothing, found.said
    assert len(found.answers) >= 10
    for operation, answers in found.answers.items():
        assert 429 not in answers, operation
