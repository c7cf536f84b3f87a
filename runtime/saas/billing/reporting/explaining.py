"""`reporting.explain` and `reporting.mark`: what the backend tells of usage that it did not count."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

import structlog

from generated.saas.billing.refused_record import RefusedRecord
from generated.saas.billing.reporting_explain import ReportingExplainInput, ReportingExplainOutput
from generated.saas.billing.reporting_mark import JOB as MARK
from generated.saas.billing.reporting_mark import ReportingMarkInput, ReportingMarkOutput
from saas.billing.reporting import batches
from saas.billing.reporting.backend import Backend, Complaint
from saas.billing.reporting.stripe_backend import stripe_backend
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["explain", "mark"]

MOST = 1_000  # records in one job

log: structlog.stdlib.BoundLogger = structlog.get_logger("saas.billing.reporting")


async def explain(uow: UnitOfWork, payload: ReportingExplainInput, /) -> ReportingExplainOutput:
    """Fetch what was wrong, count it by code, and have each organization's samples noted with its records."""
    backend = await stripe_backend(uow.settings)
    complaint = await backend.complaint(payload.event_id)
    for code, errors in complaint.errors.items():
        uow.count(code, errors)
        log.error("usage_not_counted", event_id=payload.event_id, code=code, errors=errors)
    for tenant, records in _by_tenant(backend, complaint).items():
        for start in range(0, len(records), MOST):
            marked = ReportingMarkInput(organization_id=tenant, records=records[start : start + MOST])
            uow.enqueue(MARK, marked, tenant=tenant)
    samples = sum(len(named) for named in complaint.samples.values())
    return ReportingExplainOutput(errors=sum(complaint.errors.values()), samples=samples)


async def mark(uow: UnitOfWork, payload: ReportingMarkInput, /) -> ReportingMarkOutput:
    """Note the reasons with the records; what is not this organization's is not found."""
    problems = {record.record: record.code for record in payload.records}
    marked = await batches.note_problems(uow, problems)
    uow.count("sample_unknown", len(problems) - marked)
    return ReportingMarkOutput(marked=marked)


def _by_tenant(backend: Backend, complaint: Complaint) -> dict[UUID, list[RefusedRecord]]:
    found: defaultdict[UUID, list[RefusedRecord]] = defaultdict(list)
    for code, identifiers in complaint.samples.items():
        for identifier in identifiers:
            if (named := backend.named(identifier)) is not None:
                tenant, record = named
                found[tenant].append(RefusedRecord(record=record, code=code))
    return found
