"""Who called what, when, from where, how it ended and which rows it concerned, for contracts that say `audit: true`.

Append-only: the app role may only insert, and a trigger refuses everybody else. A refused call concerns no rows.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.answers import Answer
from treaty_runtime.calls import Call
from treaty_runtime.concerned_rows import ConcernedRows
from treaty_runtime.identifiers import new_id
from treaty_runtime.jobs.attempts import Attempt
from treaty_runtime.refusals import Refusal
from treaty_runtime.sensitive import without

__all__ = ["audit_answer", "audit_job_done", "audit_job_failed", "audit_refusal"]

# A job has no HTTP status; so what went well and what failed are told apart in the same column.
DONE, FAILED = 200, 500

_INSERT = text("""
    INSERT INTO treaty.audit (id, at, tenant, operation, version, principal_kind, principal_id, address, request_id,
                              outcome, status, input, rows)
    VALUES (:id, :at, :tenant, :operation, :version, :principal_kind, :principal_id, :address, :request_id,
            :outcome, :status, CAST(:input AS jsonb), CAST(:rows AS jsonb))
""")


async def audit_answer(session: AsyncSession, call: Call, answer: Answer) -> None:
    """Record a call that went well, in its own transaction."""
    if call.operation.audit:
        outcome = "replayed" if answer.replayed else "success"
        connection = await session.connection()
        rows: ConcernedRows = session.info["rows"]
        await connection.execute(_INSERT, _record(call, outcome, answer.status) | {"rows": json.dumps(rows.as_json())})


async def audit_refusal(system: AsyncConnection, call: Call, refusal: Refusal) -> None:
    """Record a call that was refused or failed: its own transaction has been rolled back, so this is another."""
    if call.operation.audit:
        await system.execute(_INSERT, _record(call, refusal.code, refusal.status) | {"rows": None})


async def audit_job_done(session: AsyncSession, attempt: Attempt, now: datetime) -> None:
    """Record an attempt at a job that went well, in its own transaction."""
    if attempt.job.audit:
        rows: ConcernedRows = session.info["rows"]
        record = _of_job(attempt, now, "success", DONE) | {"rows": json.dumps(rows.as_json())}
        await (await session.connection()).execute(_INSERT, record)


async def audit_job_failed(system: AsyncConnection, attempt: Attempt, now: datetime) -> None:
    """Record an attempt at a job that failed: its own transaction has been rolled back, so this is another."""
    if attempt.job.audit:
        await system.execute(_INSERT, _of_job(attempt, now, "failed", FAILED) | {"rows": None})


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
        "input": json.dumps(without(attempt.input, attempt.job.sensitive)),
    }


def _record(call: Call, outcome: str, status: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "at": call.now,
        "tenant": call.tenant_id,
        "operation": call.operation.key,
        "version": call.operation.version,
        "principal_kind": call.principal.kind,
        "principal_id": call.principal.id,
        "address": call.address,
        "request_id": call.request_id,
        "outcome": outcome,
        "status": status,
        "input": call.payload and json.dumps(call.shown_input()),
    }
