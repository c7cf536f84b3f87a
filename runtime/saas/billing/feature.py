"""Whether an organization may use a feature now: `feature.check`."""

from __future__ import annotations

from generated.saas.billing.access_reason import AccessReason
from generated.saas.billing.feature_check import FeatureCheckInput, FeatureCheckOutput
from generated.saas.billing.limit_window import LimitWindow
from saas.billing import limits, meters, periods, subscription, totals
from saas.billing.limits import Standing
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["check"]


async def check(uow: UnitOfWork, payload: FeatureCheckInput, /) -> FeatureCheckOutput:
    """Tell whether the feature may be used, why, and how much of it is left."""
    current = await subscription.find(uow)
    upgrade_url = current.upgrade_url if current else None
    metered = await meters.find(uow, payload.feature)
    if metered is None or not subscription.gives_access(current):
        return FeatureCheckOutput(
            feature=payload.feature, has_access=False, reason=AccessReason.NOT_IN_PLAN, upgrade_url=upgrade_url
        )
    now = periods.names(uow.now, periods.billing_period(uow.now, subscription.started_at(current)))
    usage = totals.usage_by_window(await totals.of_feature(uow, payload.feature, now))
    standing = limits.decisive(limits.standings(metered.limits, usage))
    return FeatureCheckOutput(
        feature=payload.feature,
        has_access=standing is None or not standing.stops,
        reason=_reason(standing),
        limit=standing.limit if standing else None,
        current_usage=standing.usage if standing else usage.get(LimitWindow.BILLING_PERIOD, 0),
        upgrade_url=upgrade_url if standing and standing.reached else None,
    )


def _reason(standing: Standing | None) -> AccessReason:
    if standing is None:
        return AccessReason.INCLUDED
    return AccessReason.LIMIT_REACHED if standing.reached else AccessReason.LIMIT_AVAILABLE
