"""A short campaign: `make chaos` is the long one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.chaos.campaign import campaign
from tests.chaos.faults import deliver_jobs_twice, kill_a_replica, kill_a_worker, restart_postgres


def test_nothing_is_lost_and_nothing_counted_twice(tmp_path: Path) -> None:
    faults = (kill_a_worker, deliver_jobs_twice, restart_postgres, kill_a_replica)
    outcome = asyncio.run(campaign(tmp_path, faults, seed=1, between=0.5))
    assert outcome.held, outcome.report()
    assert (outcome.kills, outcome.restarts) == (2, 1)
    assert outcome.jobs_repeated
