"""What is there after the faults, held against what callers and subscribers were told."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from tests.chaos.load import Book
from tests.chaos.processes import JOB, Deployment
from tests.chaos.receiver import Receiver

PATIENCE = 180.0
RECORDED = "saas.billing.usage.recorded"


@dataclass(frozen=True, slots=True)
class Line:
    """One promise, how often it was put to the test, and how often it was broken."""

    promise: str
    of: int
    broken: int

    @property
    def held(self) -> bool:
        """Whether it was put to the test and never broken."""
        return self.of > 0 and self.broken == 0

    def __str__(self) -> str:
        return f"{'held  ' if self.held else 'BROKEN'}  {self.promise:<42} {self.broken:>6,} of {self.of:,}"


def reckon(deployment: Deployment, book: Book, receiver: Receiver) -> list[Line]:
    """Wait until everything that waits was delivered, and count."""
    waiting = _wait_for_workers(deployment)
    ledger = _ledger(deployment)
    told = [(str(event), str(tenant)) for event, tenant in _outbox(deployment)]
    rows = Counter(tenant for tenant, _ in ledger)
    jobs = _times_done(deployment)
    return [
        Line("answered with 2xx, 429 or 503 only", sum(book.answers.values()), len(book.bugs)),
        Line("acknowledged usage is in the ledger", len(book.acknowledged), len(book.acknowledged - ledger.keys())),
        Line("nothing is in the ledger twice", len(ledger), sum(len(found) - 1 for found in ledger.values())),
        Line("the ledger holds what was sent", len(ledger), _other_than_sent(ledger, book)),
        Line("totals are what the ledger says", *_totals(deployment, ledger)),
        Line("every row of the ledger told one event", len(ledger), _untold(rows, told)),
        Line("no event waits any more", len(told), waiting[0]),
        Line("every event was delivered", len(told), len({event for event, _ in told} - receiver.events.keys())),
        Line("events of a tenant came in their order", len(told), _out_of_order(told, receiver)),
        Line("every answer is in the audit", len(book.answered), _unaudited(deployment, book)),
        Line("no key is claimed without an answer", *_claims(deployment)),
        Line("no job waits or runs any more", len(jobs), waiting[1]),
        Line("every job was done, and once", len(jobs), sum(times != 1 for times in jobs)),
    ]


def _wait_for_workers(deployment: Deployment) -> tuple[int, int]:
    """How many events and jobs are left when nothing moves any more. Pauses before the next try are cut short."""
    deadline = time.monotonic() + PATIENCE
    while True:
        deployment.database.execute("UPDATE treaty.outbox SET next_attempt_at = NULL WHERE published_at IS NULL")
        ((events, jobs),) = deployment.database.execute(
            "SELECT (SELECT count(*) FROM treaty.outbox WHERE published_at IS NULL), "
            "(SELECT count(*) FROM treaty.procrastinate_jobs WHERE status IN ('todo', 'doing'))"
        )
        if events == jobs == 0 or time.monotonic() > deadline:
            return int(events), int(jobs)
        time.sleep(0.5)


def _ledger(deployment: Deployment) -> dict[tuple[str, str], list[int]]:
    """The quantities by organization and key: one each, if all is well."""
    found: dict[tuple[str, str], list[int]] = {}
    for tenant, key, quantity in deployment.database.execute(
        "SELECT organization_id, idempotency_key, quantity FROM billing_usage_event"
    ):
        found.setdefault((str(tenant), key), []).append(quantity)
    return found


def _other_than_sent(ledger: dict[tuple[str, str], list[int]], book: Book) -> int:
    return sum(book.sent.get(key) != quantities[0] for key, quantities in ledger.items())


def _totals(deployment: Deployment, ledger: dict[tuple[str, str], list[int]]) -> tuple[int, int]:
    """How many totals there are of billing periods, by organization, and how many are wrong."""
    right: Counter[str] = Counter()
    for (tenant, _), quantities in ledger.items():
        right[tenant] += sum(quantities)
    found = deployment.database.execute(
        "SELECT organization_id, sum(usage) FROM billing_usage_total WHERE \"window\" = 'billing_period' GROUP BY 1"
    )
    counted = {str(tenant): int(usage) for tenant, usage in found}
    return len(right), sum(counted.get(tenant) != usage for tenant, usage in right.items())


def _outbox(deployment: Deployment) -> list[tuple[object, ...]]:
    return deployment.database.execute(
        "SELECT event_id, tenant FROM treaty.outbox WHERE key = %s ORDER BY id", [RECORDED]
    )


def _untold(rows: Counter[str], told: list[tuple[str, str]]) -> int:
    events = Counter(tenant for _, tenant in told)
    return sum(abs(rows[tenant] - events[tenant]) for tenant in rows | events)


def _out_of_order(told: list[tuple[str, str]], receiver: Receiver) -> int:
    """How many events came, at first, after one that was told later by the same tenant, whose rows they all change."""
    arrival = {event: position for position, event in enumerate(receiver.events)}
    latest: dict[str, int] = {}
    wrong = 0
    for event, tenant in told:
        position = arrival.get(event, -1)
        wrong += position < latest.get(tenant, -1)
        latest[tenant] = max(position, latest.get(tenant, -1))
    return wrong


def _unaudited(deployment: Deployment, book: Book) -> int:
    found = deployment.database.execute("SELECT request_id FROM treaty.audit WHERE status BETWEEN 200 AND 299")
    return len(book.answered - {request for (request,) in found})


def _claims(deployment: Deployment) -> tuple[int, int]:
    ((all_of_them, open_ones),) = deployment.database.execute(
        "SELECT count(*), count(*) FILTER (WHERE status IS NULL) FROM treaty.idempotency"
    )
    return int(all_of_them), int(open_ones)


def _times_done(deployment: Deployment) -> list[int]:
    """How often each job had its effect, by what it left in the audit in the same transaction."""
    done = deployment.database.execute(
        "SELECT count(a.id) FROM treaty.procrastinate_jobs AS j LEFT JOIN treaty.audit AS a "
        "ON a.principal_kind = 'job' AND a.principal_id = j.id::text AND a.outcome = 'success' "
        "WHERE j.task_name = %s GROUP BY j.id",
        [JOB],
    )
    return [int(times) for (times,) in done]
