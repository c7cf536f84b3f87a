"""Who called what, when, from where, how it ended and which rows it concerned, for contracts that say `audit: true`.

Append-only: the app role may only insert, and a trigger refuses everybody else. A refused call concerns no rows.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.answers import Answer
from treaty_runtime.calls import Call
from treaty_runtime.concerned_rows import ConcernedRows
from treaty_runtime.identifiers import new_id
from treaty_runtime.refusals import Refusal

__all__ = ["audit_answer", "audit_refusal"]

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
