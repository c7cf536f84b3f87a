"""Who called what, when, from where, and how it ended: append-only, for contracts that say `audit: true`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.calls import Call
from treaty_runtime.identifiers import new_id
from treaty_runtime.recordsets import recordset
from treaty_runtime.refusals import Refusal

__all__ = ["audit_answers", "audit_refusal"]

_INSERT = text("""
    INSERT INTO treaty.audit (id, at, tenant, operation, version, principal_kind, principal_id, address, request_id,
                              outcome, status, input)
    SELECT id, at, tenant, operation, version, principal_kind, principal_id, address, request_id, outcome, status, input
    FROM json_to_recordset(CAST(:rows AS json)) AS called (
        id uuid, at timestamptz, tenant uuid, operation text, version text, principal_kind text, principal_id text,
        address text, request_id text, outcome text, status integer, input jsonb
    )
""")


async def audit_answers(session: AsyncSession, calls: Iterable[Call]) -> None:
    """Record the calls that went well, in their own transaction."""
    answered = [(call, call.answer) for call in calls if call.operation.audit and call.answer]
    rows = [_record(call, "replayed" if answer.replayed else "success", answer.status) for call, answer in answered]
    if rows:
        await (await session.connection()).execute(_INSERT, {"rows": recordset(rows)})


async def audit_refusal(system: AsyncConnection, call: Call, refusal: Refusal) -> None:
    """Record a call that was refused or failed: its own transaction has been rolled back, so this is another."""
    if call.operation.audit:
        await system.execute(_INSERT, {"rows": recordset([_record(call, refusal.code, refusal.status)])})


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
        "input": call.shown_input(),
    }
