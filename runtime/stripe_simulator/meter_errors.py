"""Reports of meter events that do not count: thin events, one for each meter and a while, naming samples only."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from stripe_simulator.context import Context
from stripe_simulator.events import emit_thin, iso
from stripe_simulator.storage import Document

__all__ = ["report_errors"]

SAMPLES = 5


def report_errors(context: Context) -> None:
    """Tell of all errors that were not reported yet."""
    if not context.store.rows("SELECT 1 FROM meter_error LIMIT 1"):
        return
    rows = context.store.rows(
        "SELECT coalesce(meter, ''), code, message, identifier, received FROM meter_error ORDER BY 1, 2, id"
    )
    for meter, errors in groupby(rows, key=lambda row: row[0]):
        _report(context, str(meter), list(errors))
    context.store.execute("DELETE FROM meter_error")


def _report(context: Context, meter: str, errors: list[tuple[Any, ...]]) -> None:
    times = [received for *_, received in errors]
    types = [_type(code, list(same)) for code, same in groupby(errors, key=lambda row: row[1])]
    data = {
        "developer_message_summary": f"Meter events that do not count: {len(errors)}.",
        "reason": {"error_count": len(errors), "error_types": types},
        "validation_end": iso(max(times) + 1),
        "validation_start": iso(min(times)),
    }
    if meter:
        related: Document = {"id": meter, "type": "billing.meter", "url": f"/v1/billing/meters/{meter}"}
        emit_thin(context, "v1.billing.meter.error_report_triggered", related, data)
    else:
        emit_thin(context, "v1.billing.meter.no_meter_found", None, data)


def _type(code: str, errors: list[tuple[Any, ...]]) -> Document:
    samples = [
        {"error_message": message, "request": {"identifier": identifier}}
        for _, _, message, identifier, _ in errors[:SAMPLES]
    ]
    return {"code": code, "error_count": len(errors), "sample_errors": samples}
