"""What the usage page shows: a counter for each meter."""

from __future__ import annotations

from collections import defaultdict

from generated.saas.billing.limit_standing import LimitStanding
from generated.saas.billing.limit_window import LimitWindow
from generated.saas.billing.usage_counter import UsageCounter
from saas.billing import limits, meters, periods, totals
from saas.billing.limits import Standing, Usage
from saas.billing.meters import Metered
from saas.billing.periods import BillingPeriod
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["of_period"]


async def of_period(uow: UnitOfWork, period: BillingPeriod, *, running: bool) -> list[UsageCounter]:
    """A counter for each meter. Daily limits are about today, so they are shown only for the period that runs."""
    wanted = periods.names(uow.now, period)
    usage: dict[str, dict[LimitWindow, int]] = defaultdict(dict)
    for total in await totals.of_every_feature(uow, wanted):
        usage[total.feature][total.window] = total.usage
    return [_counter(metered, usage[metered.feature], running=running) for metered in await meters.every(uow)]


def _counter(metered: Metered, usage: Usage, *, running: bool) -> UsageCounter:
    meter = metered.meter
    return UsageCounter(
        feature=meter.feature,
        unit=meter.unit,
        product_area=meter.product_area,
        aggregation=meter.aggregation,
        usage=usage.get(LimitWindow.BILLING_PERIOD, 0),
        limits=[
            _shown(standing)
            for standing in limits.standings(metered.limits, usage)
            if running or standing.window is LimitWindow.BILLING_PERIOD
        ],
    )


def _shown(standing: Standing) -> LimitStanding:
    return LimitStanding(
        window=standing.window,
        enforcement=standing.enforcement,
        limit=standing.limit,
        current_usage=standing.usage,
        limit_reached=standing.reached,
    )
