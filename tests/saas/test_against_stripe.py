"""`treaty verify --stripe`: with a key of Stripe's test mode only, and nothing is left out in silence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import ROOT

FEATURE = """
Feature: Against Stripe
  Scenario: What only a simulator does
    Given Organization exists
    And Stripe is broken
    When Ann resumes
    Then nothing is changed

  Scenario: What Stripe does, too
    Given Organization exists
    And Ann is an admin of the organization
    When Ann resumes
    Then It is refused because there is no subscription at Stripe
"""


def verify(key: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "treaty", "verify", "--stripe", *arguments],
        cwd=ROOT,
        env={**os.environ, "STRIPE_API_KEY": key, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(("key", "said"), [("", "is not set"), ("sk_live_1", "live key"), ("simulator", "is not set")])
def test_keys_with_which_nothing_is_played(key: str, said: str) -> None:
    refused = verify(key)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert "sk_test_" in refused.stderr
    assert "sk_live_1" not in refused.stdout + refused.stderr


def test_what_only_a_simulator_does_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "some.feature").write_text(FEATURE)
    played = verify("sk_test_of_no_account", str(tmp_path / "some.feature"))
    assert played.returncode == 0, played.stdout + played.stderr
    assert "left out: Against Stripe / What only a simulator does" in played.stdout
    assert "1 scenario: 1 passed" in played.stdout
