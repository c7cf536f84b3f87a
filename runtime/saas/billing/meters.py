"""Meters and their limits: the SQL of what an organization's plan includes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam
from sqlmodel import col, select

from generated.saas.billing.aggregation import Aggregation
from generated.saas.billing.meter import Meter
from generated.saas.billing.usage_limit import UsageLimit
from saas.billing.limits import Limit
from treaty_runtime.unit_of_work import Transaction

__all__ = ["Metered", "every", "find", "of_features"]


@dataclass(frozen=True, slots=True)
class Metered:
    """A meter with its limits; what is asked for every record is no attribute that the session watches."""

    meter: Meter
    feature: str
    aggregation: Aggregation
    limits: list[Limit] = field(default_factory=list)


# Made once: making a statement takes as long as sending it.
_EVERY = (
    select(Meter, UsageLimit)
    .join(UsageLimit, col(UsageLimit.meter_id) == col(Meter.id), isouter=True)
    .order_by(col(Meter.feature), col(UsageLimit.window))
)
_OF_FEATURES = _EVERY.where(col(Meter.feature) == any_(bindparam("features", type_=ARRAY(Text))))


async def find(uow: Transaction, feature: str) -> Metered | None:
    """The meter of a feature, `None` when nothing meters it for this organization."""
    return (await of_features(uow, [feature])).get(feature)


async def of_features(uow: Transaction, features: Iterable[str]) -> dict[str, Metered]:
    """The meters of these features, as far as there are any, by feature."""
    rows = await uow.session.exec(_OF_FEATURES, params={"features": list(features)})
    return {metered.feature: metered for metered in _grouped(rows.all())}


async def every(uow: Transaction) -> list[Metered]:
    """All meters of the organization, by feature."""
    return _grouped((await uow.session.exec(_EVERY)).all())


def _grouped(rows: Iterable[tuple[Meter, UsageLimit]]) -> list[Metered]:
    metered: dict[UUID, Metered] = {}
    # An outer join: a meter without limits comes with None.
    for meter, limit in cast("Iterable[tuple[Meter, UsageLimit | None]]", rows):
        entry = metered.setdefault(meter.id, Metered(meter, meter.feature, meter.aggregation))
        if limit is not None:
            entry.limits.append(Limit(limit.window, limit.enforcement, limit.limit))
    return list(metered.values())
