"""What is paid for: whether a tenant is entitled to a feature, by the rows of the entity that says so.

They are asked for together with the beginning of the transaction, so the word costs no round trip. Which plan or price
a feature came with, nobody asks here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache

from psycopg import sql
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.calls import Call
from treaty_runtime.models import Entity
from treaty_runtime.refusals import EntitlementRequired
from treaty_runtime.settings import Settings

__all__ = ["entitlement_question", "grace", "is_entitled", "require_entitlement"]

_LAPSED = sql.SQL("SELECT {lapsed} FROM {table} WHERE {feature} = {wanted}")


def grace(settings: Settings) -> timedelta:
    """How long access stays when a feature is not paid for any more."""
    return timedelta(days=settings.entitlement_grace)


def is_entitled(lapsed: Iterable[datetime | None], at: datetime, settings: Settings) -> bool:
    """Whether a feature may be used, by since when each of its entitlements is not paid for any more."""
    return any(since is None or at < since + grace(settings) for since in lapsed)


def entitlement_question(call: Call) -> str | None:
    """The statement that asks for the tenant's rows of the feature that its operation needs."""
    wanted, known = call.operation.entitlement, call.service.definition.entitlements
    return _question(known.entity, known.feature, known.lapsed, wanted) if wanted and known else None


@cache
def _question(entity: type[Entity], feature: str, lapsed: str, wanted: str) -> str:
    table = entity.metadata.tables[str(entity.__tablename__)]
    question = _LAPSED.format(
        lapsed=sql.Identifier(table.c[lapsed].name),
        table=sql.Identifier(table.name),
        feature=sql.Identifier(table.c[feature].name),
        wanted=sql.Literal(wanted),
    )
    return question.as_string()


def require_entitlement(session: AsyncSession, calls: Sequence[Call]) -> None:
    """Give calls of one tenant an `EntitlementRequired` where it may not use the feature. Raises that of one alone."""
    wanted = calls[0].operation.entitlement if calls else None
    if wanted is None:
        return
    settings, lapsed = calls[0].service.settings, [row[0] for row in session.info["answers"]]
    for call in calls:
        if not is_entitled(lapsed, call.now, settings):
            call.setback = EntitlementRequired(wanted, settings.upgrade_url)
            if len(calls) == 1:
                raise call.setback
