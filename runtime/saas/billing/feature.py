"""Whether an organization may use a feature now: `feature.check`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from generated.saas.billing.access_reason import AccessReason
from generated.saas.billing.feature_check import FeatureCheckInput, FeatureCheckOutput
from generated.saas.billing.limit_window import LimitWindow
from generated.saas.billing.subscription import Subscription
from saas.billing import entitlements, limits, meters, periods, subscription, totals
from saas.billing.limits import Standing
from saas.billing.meters import Metered
from treaty_runtime.entitlements import grace, is_entitled
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["check"]


async def check(uow: UnitOfWork, payload: FeatureCheckInput, /) -> FeatureCheckOutput:
    """Tell whether the feature may be used, why, and how much of it is left."""
    current = await subscription.find(uow)
    upgrade_url = (current.upgrade_url if current else None) or uow.settings.upgrade_url
    metered = await meters.find(uow, payload.feature)
    lapses = await entitlements.lapses(uow, payload.feature)
    if not _has_access(uow, current, metered, lapses):
        return FeatureCheckOutput(
            feature=payload.feature, has_access=False, reason=AccessReason.NOT_IN_PLAN, upgrade_url=upgrade_url
        )
    standing, used = await _usage(uow, payload.feature, current, metered)
    return FeatureCheckOutput(
        feature=payload.feature,
        has_access=standing is None or not standing.stops,
        reason=_reason(standing),
        limit=standing.limit if standing else None,
        current_usage=used,
        access_until=_access_until(uow, lapses),
        upgrade_url=upgrade_url if standing and standing.reached else None,
    )


def _has_access(
    uow: UnitOfWork, current: Subscription | None, metered: Metered | None, lapses: Sequence[datetime | None]
) -> bool:
    """Whether the stored entitlement says so. Who is on no plan of Stripe's has what is metered for them, besides."""
    if is_entitled(lapses, uow.now, uow.settings):
        return True
    kept_here = current is None or current.stripe_subscription_id is None
    return kept_here and metered is not None and subscription.gives_access(current)


async def _usage(
    uow: UnitOfWork, feature: str, current: Subscription | None, metered: Metered | None
) -> tuple[Standing | None, int | None]:
    """The limit that decides, and the usage to tell of: that in its window, without a limit that in the period."""
    if metered is None:
        return None, None
    now = periods.names(uow.now, periods.billing_period(uow.now, subscription.started_at(current)))
    usage = totals.usage_by_window(await totals.of_feature(uow, feature, now))
    standing = limits.decisive(limits.standings(metered.limits, usage))
    return standing, standing.usage if standing else usage.get(LimitWindow.BILLING_PERIOD, 0)


def _access_until(uow: UnitOfWork, lapses: Sequence[datetime | None]) -> datetime | None:
    """When access ends, if nothing is paid until then."""
    ends = [since + grace(uow.settings) for since in lapses if since is not None]
    return max(ends) if ends and None not in lapses else None


def _reason(standing: Standing | None) -> AccessReason:
    if standing is None:
        return AccessReason.INCLUDED
    return AccessReason.LIMIT_REACHED if standing.reached else AccessReason.LIMIT_AVAILABLE
