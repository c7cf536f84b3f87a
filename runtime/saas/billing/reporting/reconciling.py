"""`reporting.reconcile`: what the billing backend counted, against the ledger, by day and feature."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import structlog

from generated.saas.billing.aggregation import Aggregation
from generated.saas.billing.reporting_reconcile import ReportingReconcileInput, ReportingReconcileOutput
from generated.saas.billing.usage_difference import UsageDifference
from generated.saas.billing.usage_reporting import UsageReporting
from saas.billing import meters, organization
from saas.billing.reporting import batches, doubts
from saas.billing.reporting.backend import Counted
from saas.billing.reporting.claiming import have_sent
from saas.billing.reporting.doubts import Place, Verdict
from saas.billing.reporting.standings import BEING_SENT, COUNTED, NOT_REPORTED, NOT_VOIDED, Line, added_up, lines
from saas.billing.reporting.stripe_backend import stripe_backend
from saas.billing.reporting.times import BACK
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["reconcile"]

MOST = 1_000  # differences that are told of one by one
IN_DOUBT = "in_doubt"
NO_METER = "no_meter"
OTHER_AGGREGATION = "other_aggregation"
UNEXPLAINED = "unexplained"

log: structlog.stdlib.BoundLogger = structlog.get_logger("saas.billing.reporting")


@dataclass(frozen=True, slots=True)
class _Compared:
    """One feature: how it adds up here, what the backend counted, and what the ledger says, by day."""

    feature: str
    aggregation: Aggregation
    counted: Counted | None
    lines: Mapping[date, Sequence[Line]]

    @property
    def days(self) -> list[date]:
        """The days of which either knows."""
        return sorted({*self.lines, *(self.counted.days if self.counted else ())})

    def at_backend(self, day: date) -> int:
        """What the backend counted."""
        return self.counted.days.get(day, 0) if self.counted else 0


async def reconcile(uow: UnitOfWork, _payload: ReportingReconcileInput, /) -> ReportingReconcileOutput:
    """Tell every difference, send what is missing, settle what is in doubt. Of two at once, one waits for the other."""
    customer = await organization.stripe_customer(uow)
    if customer is None:
        return ReportingReconcileOutput(resent=0, settled=0, differences=[])
    state = await batches.reporting(uow)
    in_doubt = await doubts.doubted(uow)
    compared = await _compared(uow, customer, state)
    ids = [batch.id for batch in in_doubt]
    differences = [found for each in compared for found in _differences(each, ids)]
    resent, settled = await doubts.settle(uow, in_doubt, _verdicts(compared, ids))
    await doubts.give_up_voids(uow, in_doubt)
    resent += await _claim_missed(uow, state)
    await uow.session.flush()
    await have_sent(uow)
    _tell(uow, differences, resent)
    return ReportingReconcileOutput(resent=resent, settled=settled, differences=differences[:MOST])


async def _compared(uow: UnitOfWork, customer: str, state: UsageReporting) -> list[_Compared]:
    """Whole days only, from the first that lies wholly in the time that the backend still takes usage of."""
    first, end = (uow.now - BACK).date() + timedelta(days=1), uow.now.date()
    aggregations = {each.feature: each.aggregation for each in await meters.every(uow)}
    gauges = [feature for feature, aggregation in aggregations.items() if aggregation is Aggregation.LAST]
    found: defaultdict[str, defaultdict[date, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for line in await lines(uow, first, end, state.until_recorded_at, gauges):
        found[line.feature][line.day].append(line)
    backend = await stripe_backend(uow.settings)
    return [
        _Compared(feature, aggregation, await backend.counted(customer, feature, first, end), found[feature])
        for feature, aggregation in aggregations.items()
    ]


def _differences(compared: _Compared, in_doubt: Sequence[UUID]) -> Iterable[UsageDifference]:
    for day in compared.days:
        found = compared.lines.get(day, ())
        ledger = added_up((line for line in found if line.standing != NOT_VOIDED), compared.aggregation)
        counted = compared.at_backend(day)
        if ledger != counted:
            cause = _cause(compared, found, counted, in_doubt)
            yield UsageDifference(feature=compared.feature, day=day, ledger=ledger, counted=counted, cause=cause)


def _cause(compared: _Compared, found: Sequence[Line], counted: int, in_doubt: Sequence[UUID]) -> str:
    """Why the two differ. Of what the backend refused only samples are known, so one of those is cause enough."""
    if compared.counted is None:
        return NO_METER
    if compared.counted.aggregation is not compared.aggregation:
        return OTHER_AGGREGATION
    known = [line for line in found if line.standing in (COUNTED, NOT_VOIDED)]
    ours = {IN_DOUBT if line.batch in in_doubt else line.standing for line in found} - {COUNTED}
    refused = sorted(ours - {NOT_REPORTED, BEING_SENT, NOT_VOIDED, IN_DOUBT})
    explained = counted == added_up(known, compared.aggregation)
    likely = [*refused, *(each for each in (IN_DOUBT, NOT_VOIDED, NOT_REPORTED, BEING_SENT) if each in ours)]
    return likely[0] if likely and (explained or refused or IN_DOUBT in ours) else UNEXPLAINED


def _verdicts(compared: Iterable[_Compared], in_doubt: Sequence[UUID]) -> dict[Place, Verdict]:
    """Whether the backend has what is in doubt; where nothing meters it, nobody knows."""
    return {
        (each.feature, day): doubts.verdict(found, in_doubt, each.aggregation, each.at_backend(day))
        for each in compared
        if each.counted is not None and each.counted.aggregation is each.aggregation
        for day, found in each.lines.items()
    }


async def _claim_missed(uow: UnitOfWork, state: UsageReporting) -> int:
    records, is_last = 0, False
    while not is_last:
        claimed = await batches.claim_missed(uow, state)
        records, is_last = records + claimed.records, claimed.is_last
        uow.count(batches.VOIDED, claimed.voided)
    return records


def _tell(uow: UnitOfWork, differences: Iterable[UsageDifference], resent: int) -> None:
    uow.count("resent", resent)
    for difference in differences:
        uow.count(f"difference_{difference.cause}")
        log.warning("usage_differs", tenant=str(uow.tenant), **difference.model_dump(mode="json"))
