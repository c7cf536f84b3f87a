"""Have the ledger reported to the simulator's stream, by workers of their own, and see how fast that is.

Run as a program, it is one of these workers.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import uvloop
from psycopg.types.json import Jsonb
from stripe import StripeClient

from generated.app import DEFINITION, TASKS
from generated.saas.billing.reporting_claim import JOB as CLAIM
from stripe_simulator import Simulator
from tests.bench.service.world import PATIENCE, Place
from tests.support.project import ROOT
from treaty_runtime.jobs.orders import QUEUE
from treaty_runtime.jobs.queue import Queue
from treaty_runtime.service import open_service
from treaty_runtime.serving import until_signal

__all__ = ["Reporting", "reported"]

WORKERS = 2
LONGEST = 600.0  # seconds

# Old enough to be claimed, and younger than what was reported in the round before.
_USE = """
    INSERT INTO billing_usage_event (id, organization_id, feature, quantity, idempotency_key, occurred_at, recorded_at,
                                     billing_period)
    SELECT gen_random_uuid(), %(organization)s, 'api_calls', 1, gen_random_uuid()::text, now() - interval '3 minutes',
           now() - interval '3 minutes', to_char(now(), 'YYYY-MM')
    FROM generate_series(1, %(records)s)
"""
_CLAIM = """
    INSERT INTO treaty.procrastinate_jobs (queue_name, task_name, args) VALUES (%s, %s, %s)
"""
_LEFT = """
    SELECT %s - coalesce(sum(records), 0) FROM billing_usage_batch WHERE sent_at >= %s
"""


@dataclass(frozen=True, slots=True)
class Reporting:
    """A place whose organization is a customer of a simulator, with workers."""

    place: Place
    records: int

    def rate(self) -> float:
        """Records that are reported in a second, from the first look at the ledger until the last batch is marked."""
        with psycopg.connect(self.place.database.superuser, autocommit=True) as connection:
            connection.execute(_USE, {"organization": self.place.organization, "records": self.records})
            connection.execute("VACUUM ANALYZE billing_usage_event, billing_usage_report")
            (began,) = connection.execute("SELECT now()").fetchone() or (None,)
            tenant, start = str(self.place.organization), time.perf_counter()
            claim = {"tenant": tenant, "input": {"organizationId": tenant}, "request_id": str(uuid.uuid4())}
            connection.execute(_CLAIM, [QUEUE, CLAIM.key, Jsonb(claim)])
            while connection.execute(_LEFT, [self.records, began]).fetchone() != (0,):
                if time.perf_counter() - start > LONGEST:
                    raise RuntimeError(f"after {LONGEST:g} s, not all of {self.records:,} records were reported")
                time.sleep(0.05)
            return self.records / (time.perf_counter() - start)


@contextmanager
def reported(place: Place, folder: Path, records: int) -> Iterator[Reporting]:
    """A simulator, with a meter and a customer, and workers that report to it."""
    environment = {**place.environment(), "TREATY_DATA_DIR": str(folder)}
    with ExitStack() as stack:
        simulator = stack.enter_context(Simulator.start(folder / "stripe"))
        addresses = {"api": simulator.address, "meter_events": simulator.address}
        client = StripeClient("sk_test_bench", base_addresses=addresses)  # type: ignore[arg-type]
        client.v1.billing.meters.create(
            {"display_name": "Calls", "event_name": "api_calls", "default_aggregation": {"formula": "sum"}}
        )
        customer = client.v1.customers.create().id
        place.database.execute("UPDATE billing_organization SET stripe_customer_id = %s", [customer])
        for _ in range(WORKERS):
            stack.enter_context(_worker(environment))
        yield Reporting(place, records)


@contextmanager
def _worker(environment: dict[str, str]) -> Iterator[None]:
    words = [sys.executable, "-m", "tests.bench.service.reporting"]
    process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


async def _work() -> None:
    async with open_service(DEFINITION) as service, Queue.open(service, TASKS) as queue, until_signal() as stop:
        await queue.run(stop)


if __name__ == "__main__":
    os.environ.setdefault("TREATY_LOG_LEVEL", "warning")
    uvloop.run(_work())
