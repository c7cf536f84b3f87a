"""Batches that were not known to be taken before the backend forgot their identifiers: did they come or not?

They are never sent again blindly. What the backend counted on a day says whether it has them: then they are marked, or
it has none of them: then they are sent again; or neither, and somebody has to look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date
from enum import Enum
from uuid import UUID

from generated.saas.billing.aggregation import Aggregation
from generated.saas.billing.usage_batch import UsageBatch
from generated.saas.billing.usage_way import UsageWay
from saas.billing.reporting import batches
from saas.billing.reporting.standings import BEING_SENT, COUNTED, NOT_VOIDED, Line, added_up
from saas.billing.reporting.times import DOUBTED
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["Place", "Verdict", "doubted", "give_up_voids", "settle", "verdict"]

Place = tuple[str, date]
"""A feature and a day."""


class Verdict(Enum):
    """Whether the backend has what is in doubt."""

    PRESENT = "present"
    ABSENT = "absent"
    HARMLESS = "harmless"  # it may have it or not, and sending it again changes nothing
    UNKNOWN = "unknown"


async def doubted(uow: UnitOfWork) -> list[UsageBatch]:
    """The batches that nobody sends any more."""
    return [batch for batch in await batches.open_batches(uow) if uow.now >= batch.claimed_at + DOUBTED]


def verdict(found: Iterable[Line], in_doubt: Iterable[UUID], aggregation: Aggregation, counted: int) -> Verdict:
    """Whether `counted` has the records in doubt of one feature and day.

    A gauge that shows something else is read again: the same reading at the same time changes nothing. While others of
    the day are under way, nobody knows whose it is that was counted.
    """
    found, doubts = list(found), set(in_doubt)
    if aggregation is not Aggregation.LAST and any(
        line.standing == BEING_SENT and line.batch not in doubts for line in found
    ):
        return Verdict.UNKNOWN
    known = [line for line in found if line.standing in (COUNTED, NOT_VOIDED)]
    whole = known + [line for line in found if line.batch in doubts]
    if counted == added_up(whole, aggregation):
        return Verdict.PRESENT
    if counted == added_up(known, aggregation):
        return Verdict.ABSENT
    return Verdict.HARMLESS if aggregation is Aggregation.LAST else Verdict.UNKNOWN


async def settle(uow: UnitOfWork, in_doubt: Iterable[UsageBatch], verdicts: Mapping[Place, Verdict]) -> tuple[int, int]:
    """Mark what came, have sent again what did not; how many records are sent again, and how many had come."""
    resent = settled = 0
    for batch in in_doubt:
        if batch.way is not UsageWay.VOIDS:
            absent, present = await _settle(uow, batch, verdicts)
            resent, settled = resent + absent, settled + present
    return resent, settled


async def _settle(uow: UnitOfWork, batch: UsageBatch, verdicts: Mapping[Place, Verdict]) -> tuple[int, int]:
    by: defaultdict[Verdict, list[UUID]] = defaultdict(list)
    voided: list[UUID] = []
    for record in await batches.records_of(uow, batch):
        place = (record.feature, record.occurred_at.astimezone(UTC).date())
        found = verdicts.get(place, Verdict.UNKNOWN)
        if record.taken_back and found in (Verdict.ABSENT, Verdict.PRESENT):
            voided.append(record.id)  # neither sum has it, so the backend has not
        elif found is Verdict.HARMLESS:
            by[Verdict.UNKNOWN if record.taken_back else Verdict.ABSENT].append(record.id)
        else:
            by[found].append(record.id)
    await batches.note_problems(uow, dict.fromkeys(voided, batches.VOIDED))
    if by[Verdict.ABSENT]:
        await batches.move(uow, batch, by[Verdict.ABSENT], claimed_at=uow.now)
    if by[Verdict.UNKNOWN] and by[Verdict.PRESENT]:
        await batches.move(uow, batch, by[Verdict.UNKNOWN], claimed_at=batch.claimed_at)
    if by[Verdict.PRESENT] or not by[Verdict.UNKNOWN]:
        batch.sent_at = uow.now
    return len(by[Verdict.ABSENT]), len(by[Verdict.PRESENT])


async def give_up_voids(uow: UnitOfWork, in_doubt: Iterable[UsageBatch]) -> None:
    """Records that were not taken back in time stay at the backend, and the comparison says so each night."""
    for batch in in_doubt:
        if batch.way is UsageWay.VOIDS:
            records = await batches.records_of(uow, batch)
            await batches.note_problems(uow, dict.fromkeys((record.id for record in records), NOT_VOIDED))
            batch.sent_at = uow.now
