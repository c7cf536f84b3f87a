"""Who called what, when, from where, how it ended and which rows it concerned, for contracts that say `audit: true`.

Append-only: the app role may only insert, and a trigger refuses everybody else. A refused call concerns no rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.calls import Call
from treaty_runtime.concerned_rows import ConcernedRows
from treaty_runtime.identifiers import new_id
from treaty_runtime.jobs.attempts import Attempt
from treaty_runtime.recordsets import recordset
from treaty_runtime.refusals import Refusal
from treaty_runtime.sensitive import without

__all__ = ["audit_answers", "audit_export", "audit_job_done", "audit_job_failed", "audit_refusal"]

# A job has no HTTP status; so what went well and what failed are told apart in the same column.
DONE, FAILED = 200, 500

_INSERT = text("""
    INSERT INTO treaty.audit (id, at, tenant, operation, version, principal_kind, principal_id, address, request_id,
                              outcome, status, input, rows)
    SELECT id, at, tenant, operation, version, principal_kind, principal_id, address, request_id,
           outcome, status, input, rows
    FROM json_to_recordset(CAST(:records AS json)) AS called (
        id uuid, at timestamptz, tenant uuid, operation text, version text, principal_kind text, principal_id text,
        address text, request_id text, outcome text, status integer, input jsonb, rows jsonb
    )
""")


async def audit_answers(session: AsyncSession, calls: Iterable[Call]) -> None:
    """Record the calls that went well, in their own transaction."""
    answered = [(call, call.answer) for call in calls if call.operation.audit and call.answer]
    records = [
        _record(call, answer.outcome, answer.status) | {"rows": call.rows.as_json()} for call, answer in answered
    ]
    if records:
        await (await session.connection()).execute(_INSERT, {"records": recordset(records)})


async def audit_refusal(system: AsyncConnection, call: Call, refusal: Refusal) -> None:
    """Record a call that was refused or failed: its own transaction has been rolled back, so this is another."""
    if call.operation.audit:
        await system.execute(_INSERT, {"records": recordset([_record(call, refusal.code, refusal.status)])})


async def audit_export(system: AsyncConnection, call: Call, outcome: str, status: int) -> None:
    """Record how far an export is: `begun` before its first byte, and how it ended, which rows there were included."""
    if call.operation.audit:
        record = _record(call, outcome, status) | {"rows": call.rows.as_json()}
        await system.execute(_INSERT, {"records": recordset([record])})


async def audit_job_done(session: AsyncSession, attempt: Attempt, now: datetime) -> None:
    """Record an attempt at a job that went well, in its own transaction."""
    if attempt.job.audit:
        rows: ConcernedRows = session.info["rows"]
        record = _of_job(attempt, now, "success", DONE) | {"rows": rows.as_json()}
        await (await session.connection()).execute(_INSERT, {"records": recordset([record])})


async def audit_job_failed(system: AsyncConnection, attempt: Attempt, now: datetime) -> None:
    """Record an attempt at a job that failed: its own transaction has been rolled back, so this is another."""
    if attempt.job.audit:
        await system.execute(_INSERT, {"records": recordset([_of_job(attempt, now, "failed", FAILED)])})


def _of_job(attempt: Attempt, now: datetime, outcome: str, status: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "at": now,
        "tenant": attempt.tenant,
        "operation": attempt.job.key,
        "version": attempt.job.version,
        "principal_kind": "job",
        "principal_id": str(attempt.job_id),
        "address": "worker",
        "request_id": attempt.request_id,
        "outcome": outcome,
        "status": status,
        "input": without(attempt.input, attempt.job.sensitive),
    }


def _record(call: Call, outcome: str, status: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "at": call.now,
        "tenant": call.tenant_id,
        "operation": call.operation.key + call.operation.suffix,
        "version": call.operation.version,
        "principal_kind": call.principal.kind,
        "principal_id": call.principal.id,
        "address": call.address,
        "request_id": call.request_id,
        "outcome": outcome,
        "status": status,
        "input": call.shown_input(),
    }
