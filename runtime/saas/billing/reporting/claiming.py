"""`reporting.claim`: put what the ledger holds into batches, and have those sent that are to be."""

from __future__ import annotations

from generated.saas.billing.reporting_claim import ReportingClaimInput, ReportingClaimOutput
from generated.saas.billing.reporting_send import JOB as SEND
from generated.saas.billing.reporting_send import ReportingSendInput
from saas.billing import organization
from saas.billing.reporting import batches
from saas.billing.reporting.times import RESENDABLE
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["claim", "have_sent"]

MOST = 200  # batches in one run: a million records


async def claim(uow: UnitOfWork, _payload: ReportingClaimInput, /) -> ReportingClaimOutput:
    """Claim all that was recorded until two minutes ago, and have it sent with whatever was not taken yet."""
    if await organization.stripe_customer(uow) is None:
        uow.count("no_customer")
        return ReportingClaimOutput(claimed=0, sending=0)
    claimed = await _claim(uow)
    uow.count("claimed", claimed)
    return ReportingClaimOutput(claimed=claimed, sending=await have_sent(uow))


async def _claim(uow: UnitOfWork) -> int:
    state = await batches.reporting(uow)
    records = 0
    for number in range(MOST):
        claimed = await batches.claim_next(uow, state, much=number > 0)
        records += claimed.records
        uow.count(batches.VOIDED, claimed.voided)
        if claimed.is_last:
            break
    return records


async def have_sent(uow: UnitOfWork) -> int:
    """Have each batch sent that is to be tried now, unless that waits or runs already; how many there are."""
    due = await batches.due(uow, RESENDABLE)
    for batch in due:
        uow.enqueue(SEND, ReportingSendInput(organization_id=uow.tenant, batch=batch.id))
    return len(due)
