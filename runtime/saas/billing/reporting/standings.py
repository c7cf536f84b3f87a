"""The ledger by feature, day and where its records stand at the billing backend: the SQL of the nightly comparison."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy import text

from generated.saas.billing.aggregation import Aggregation
from saas.billing.reporting.times import AHEAD
from treaty_runtime.unit_of_work import Transaction

__all__ = ["BEING_SENT", "COUNTED", "NOT_REPORTED", "NOT_VOIDED", "Line", "added_up", "lines"]

COUNTED = "counted"
NOT_REPORTED = "not_reported"
BEING_SENT = "being_sent"
NOT_VOIDED = "not_voided"

# `gone`: taken back, and at the backend neither. A gauge's newest record is looked for, for others that costs too much.
_LINES = text("""
    WITH voiding AS (
        SELECT event.voids AS id, report.problem IS NULL AND batch.sent_at IS NOT NULL AS done
        FROM billing_usage_event AS event
        LEFT JOIN billing_usage_report AS report ON report.id = event.id
        LEFT JOIN billing_usage_batch AS batch ON batch.id = report.batch
        WHERE event.voids IS NOT NULL AND event.recorded_at >= :recorded
    ), record AS (
        SELECT event.*, report.batch, CASE
            WHEN report.id IS NULL THEN CASE WHEN voiding.id IS NULL THEN 'not_reported' ELSE 'gone' END
            WHEN report.problem IS NOT NULL THEN CASE WHEN voiding.id IS NULL THEN report.problem ELSE 'gone' END
            WHEN batch.sent_at IS NULL THEN CASE WHEN voiding.id IS NULL THEN 'being_sent' ELSE 'gone' END
            WHEN voiding.id IS NULL THEN 'counted'
            WHEN voiding.done THEN 'gone'
            ELSE 'not_voided'
        END AS standing
        FROM billing_usage_event AS event
        LEFT JOIN billing_usage_report AS report ON report.id = event.id
        LEFT JOIN billing_usage_batch AS batch ON batch.id = report.batch
        LEFT JOIN voiding ON voiding.id = event.id
        WHERE event.voids IS NULL AND event.recorded_at >= :recorded AND event.recorded_at <= :until
            AND event.occurred_at >= :first AND event.occurred_at < :end
    )
    SELECT feature, CAST(timezone('UTC', occurred_at) AS date) AS day, standing,
        CASE WHEN standing = 'being_sent' THEN batch END AS batch,
        sum(quantity) AS quantity, count(*) AS records, max(occurred_at) AS newest_at,
        (array_agg(quantity ORDER BY occurred_at DESC, recorded_at DESC, id DESC)
            FILTER (WHERE feature = ANY (:gauges)))[1] AS newest
    FROM record
    WHERE standing <> 'gone'
    GROUP BY 1, 2, 3, 4
""")


@dataclass(frozen=True, slots=True)
class Line:
    """Records of a feature on a day that stand alike; `batch` is that of those which are being sent.

    `newest` is the quantity of the newest of them, for a gauge.
    """

    feature: str
    day: date
    standing: str
    batch: UUID | None
    quantity: int
    records: int
    newest_at: datetime
    newest: int | None


async def lines(uow: Transaction, first: date, end: date, until: datetime, gauges: Collection[str]) -> list[Line]:
    """What was used from the day `first` until before `end`, as far as it was recorded until `until`."""
    since = datetime.combine(first, time.min, UTC)
    values = {
        "first": since,
        "end": datetime.combine(end, time.min, UTC),
        "recorded": since - AHEAD,
        "until": until,
        "gauges": list(gauges),
    }
    rows = await (await uow.session.connection()).execute(_LINES, values)
    return [
        Line(row.feature, row.day, row.standing, row.batch, int(row.quantity), row.records, row.newest_at, row.newest)
        for row in rows
    ]


def added_up(found: Iterable[Line], aggregation: Aggregation) -> int:
    """What a meter makes of records."""
    found = list(found)
    match aggregation:
        case Aggregation.SUM:
            return sum(line.quantity for line in found)
        case Aggregation.COUNT:
            return sum(line.records for line in found)
        case Aggregation.LAST:
            newest = max(found, key=lambda line: line.newest_at, default=None)
            return newest.newest or 0 if newest else 0
