"""A short campaign: `make webhook-campaign` is the long one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.chaos.webhooks.campaign import Size, campaign


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # of the SDK's way of using httpx
def test_every_effect_happens_once_and_nothing_is_lost(tmp_path: Path) -> None:
    size = Size(customers=8, events=60, copies=5, dropped=0.2, kills=1, of_each=1)
    outcome = asyncio.run(campaign(tmp_path, size, seed=1))
    assert outcome.held, outcome.report()
    assert outcome.kills == 1
    assert outcome.deliveries.dropped
