"""What is there after the deliveries and after a night, held against what was sent and against Stripe."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from itertools import pairwise
from typing import Any

from generated.saas.billing.stripe_webhook import WEBHOOK
from tests.chaos.processes import Deployment
from tests.chaos.receiver import Receiver
from tests.chaos.reckoning import Line
from tests.chaos.webhooks.at_stripe import Shop, Standing
from tests.chaos.webhooks.deliveries import Deliveries

__all__ = ["reckon"]

PATIENCE = 900.0
NIGHTLY = "saas.billing.entitlements.reconcile"
CHANGED = "saas.billing.subscription.changed"
HANDLERS = sorted({handling.job.key for handling in WEBHOOK.handles})
NOTHING = Standing(None, None, frozenset())


async def reckon(deployment: Deployment, shop: Shop, deliveries: Deliveries, receiver: Receiver) -> list[Line]:
    """Wait until all is done that was told, have Stripe asked as every night, twice, and count."""
    await asyncio.to_thread(_wait, deployment)
    jobs = _jobs_of_events(deployment)
    at_stripe = await shop.stands()
    behind = _behind(deployment, at_stripe)
    nights = [await asyncio.to_thread(_night, deployment) for _ in range(2)]
    still = _behind(deployment, at_stripe)
    waiting, dead = _unfinished(deployment)
    told = _told(deployment)
    done = _times_done(deployment)
    events = deliveries.sent
    return [
        Line("answered with 2xx, 429 or 503 only", sum(deliveries.answers.values()), len(deliveries.bugs)),
        Line("every event that came is stored", len(events), len(deliveries.sent.keys() - jobs.keys())),
        Line("nothing else is", len(jobs), len(jobs.keys() - deliveries.sent.keys())),
        Line("of several deliveries one was the first", len(events), _not_first_once(deliveries)),
        Line("every event was routed", len(jobs), sum(state != "routed" for state, _ in jobs.values())),
        Line("each enqueued its jobs, and no others", *_enqueued(deployment, jobs, deliveries)),
        Line("every job was done, and audited, once", len(done), sum(times != (1, 1) for times in done)),
        Line("jobs cut off by a kill were done", *_rescued(deployment)),
        Line("no job waits, runs or was given up", len(done), waiting + dead),
        Line("every change told one event of ours", *_chains(deployment, told)),
        Line("every event of ours was delivered", len(told), len({str(row[0]) for row in told} - set(receiver.events))),
        Line("mirrors that were behind were healed", len(behind), len(behind & still)),
        Line("the night said what it had to heal", len(behind), len(behind - nights[0])),
        Line("every mirror shows what Stripe says", len(at_stripe), len(still)),
        Line("a second night finds nothing to heal", len(at_stripe), len(nights[1])),
    ]


def _not_first_once(deliveries: Deliveries) -> int:
    """How many events were said to be new by more than one answer, or by none."""
    return sum(
        deliveries.first[event] != 1 and not (event in deliveries.unsure and deliveries.first[event] == 0)
        for event in deliveries.sent
    )


def _wait(deployment: Deployment) -> None:
    """Wait until nothing is left to be done. Pauses before the next try are cut short, but for what fails often."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        deployment.database.execute("UPDATE treaty.outbox SET next_attempt_at = NULL WHERE published_at IS NULL")
        deployment.database.execute(
            "UPDATE treaty.procrastinate_jobs SET scheduled_at = NULL"
            " WHERE status = 'todo' AND attempts < 3 AND scheduled_at IS NOT NULL"
        )
        ((left,),) = deployment.database.execute(
            "SELECT (SELECT count(*) FROM treaty.outbox WHERE published_at IS NULL)"
            " + (SELECT count(*) FROM treaty.procrastinate_jobs WHERE status IN ('todo', 'doing'))"
        )
        if left == 0:
            return
        time.sleep(0.5)


def _night(deployment: Deployment) -> set[str]:
    """Have every mirror compared with Stripe, as it is every night; the customers of whom it said that one differed."""
    ((last,),) = deployment.database.execute("SELECT coalesce(max(id), 0) FROM treaty.procrastinate_jobs")
    deployment.order_jobs(NIGHTLY)
    _wait(deployment)
    found = deployment.database.execute(
        "SELECT stripe_customer_id FROM treaty.procrastinate_jobs AS job"
        " JOIN treaty.job_done AS done ON done.job_id = job.id"
        " JOIN billing_organization AS organization ON organization.id = done.tenant"
        " WHERE job.id > %s AND task_name = %s AND jsonb_array_length(output -> 'differences') > 0",
        [last, NIGHTLY],
    )
    return {customer for (customer,) in found}


def _jobs_of_events(deployment: Deployment) -> dict[str, tuple[str, list[int]]]:
    """What became of each stored event, and the jobs that it enqueued."""
    found = deployment.database.execute("SELECT event_id, state, coalesce(jobs, '{}') FROM treaty.webhook_delivery")
    return {event: (state, jobs) for event, state, jobs in found}


def _enqueued(
    deployment: Deployment, stored: dict[str, tuple[str, list[int]]], deliveries: Deliveries
) -> tuple[int, int]:
    """How many jobs there are to be of all events, and how many are missing, or there and of no event or of two."""
    wanted = {
        event: sum(body["type"] in handling.events for handling in WEBHOOK.handles)
        for event, body in deliveries.sent.items()
    }
    named = [job for _, jobs in stored.values() for job in jobs]
    found = deployment.database.execute(
        "SELECT id FROM treaty.procrastinate_jobs WHERE task_name = ANY (%s)", [HANDLERS]
    )
    wrong = sum(abs(number - len(stored.get(event, ("", []))[1])) for event, number in wanted.items())
    return sum(wanted.values()), wrong + len(named) - len(set(named)) + len({job for (job,) in found} ^ set(named))


def _times_done(deployment: Deployment) -> list[tuple[int, int]]:
    """How many marks and how many audited successes each job has, of those that events or nights ordered."""
    return [
        (int(marks), int(audited))
        for marks, audited in deployment.database.execute(
            "SELECT (SELECT count(*) FROM treaty.job_done WHERE job_id = job.id AND output IS NOT NULL),"
            " (SELECT count(*) FROM treaty.audit WHERE principal_kind = 'job' AND principal_id = job.id::text"
            " AND outcome = 'success') FROM treaty.procrastinate_jobs AS job WHERE task_name = ANY (%s)",
            [[*HANDLERS, NIGHTLY]],
        )
    ]


def _unfinished(deployment: Deployment) -> tuple[int, int]:
    ((waiting, dead),) = deployment.database.execute(
        "SELECT count(*) FILTER (WHERE status IN ('todo', 'doing')), count(*) FILTER (WHERE status = 'failed')"
        " FROM treaty.procrastinate_jobs"
    )
    return int(waiting), int(dead)


def _rescued(deployment: Deployment) -> tuple[int, int]:
    """How many jobs were under way when their worker was killed, and how many of them have no mark."""
    lines = [line for log in deployment.logs for line in log.read_text().splitlines() if "job_rescued" in line]
    ((without,),) = deployment.database.execute(
        "SELECT count(*) FROM treaty.procrastinate_jobs AS job WHERE status = 'succeeded'"
        " AND NOT EXISTS (SELECT FROM treaty.job_done WHERE job_id = job.id)"
    )
    return len(lines), int(without)


def _told(deployment: Deployment) -> list[tuple[Any, ...]]:
    return deployment.database.execute(
        "SELECT event_id, tenant, payload FROM treaty.outbox WHERE key = %s ORDER BY id", [CHANGED]
    )


def _chains(deployment: Deployment, told: list[tuple[Any, ...]]) -> tuple[int, int]:
    """How many changes there were by what was told, and how many were told twice or not at all.

    What one event says was before is what the event before it said is now, and the last says what the mirror shows.
    """
    chains: dict[Any, list[tuple[Any, Any]]] = defaultdict(lambda: [(None, None)])
    broken = 0
    for _, tenant, said in told:
        before, now = (said.get("previousPlan"), said.get("previousStatus")), (said["plan"], said["status"])
        broken += before != chains[tenant][-1]
        chains[tenant].append(now)
    broken += sum(earlier == later for chain in chains.values() for earlier, later in pairwise(chain))
    shown = {
        tenant: (plan, status)
        for tenant, plan, status in deployment.database.execute(
            "SELECT organization_id, plan, status FROM billing_subscription"
        )
    }
    ends = {tenant: chain[-1] for tenant, chain in chains.items()}
    return len(told), broken + sum(ends.get(tenant) != shown.get(tenant) for tenant in ends | shown)


def _behind(deployment: Deployment, at_stripe: dict[str, Standing]) -> set[str]:
    """The customers whose mirror shows something else than Stripe says."""
    shown = {
        customer: Standing(plan, status, frozenset(features))
        for customer, plan, status, features in deployment.database.execute(
            "SELECT stripe_customer_id, plan, status, ARRAY(SELECT feature FROM billing_entitlement AS entitlement"
            " WHERE entitlement.organization_id = organization.id AND lapsed_at IS NULL)"
            " FROM billing_organization AS organization"
            " LEFT JOIN billing_subscription AS subscription ON subscription.organization_id = organization.id"
        )
    }
    return {customer for customer, standing in at_stripe.items() if shown.get(customer, NOTHING) != standing}
