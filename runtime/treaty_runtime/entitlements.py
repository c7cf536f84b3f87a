"""What is paid for: whether a tenant is entitled to a feature, by the rows of the entity that says so.

They are asked for together with the beginning of the transaction, so the word costs no round trip. Which plan or price
a feature came with, nobody asks here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from psycopg import sql
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.calls import Call
from treaty_runtime.models import Entity
from treaty_runtime.refusals import EntitlementRequired
from treaty_runtime.settings import Settings

__all__ = ["access_until", "entitlement_question", "grace", "require_entitlement"]

NEVER = datetime.min.replace(tzinfo=UTC)

_LAPSED = sql.SQL("SELECT {lapsed} FROM {table} WHERE {feature} = {wanted}")


def grace(settings: Settings) -> timedelta:
    """How long access stays when a feature is not paid for any more."""
    return timedelta(days=settings.entitlement_grace)


def access_until(lapsed: Iterable[datetime | None], settings: Settings) -> datetime | None:
    """Until when a feature may be used, by since when each of its entitlements is not paid for any more.

    Without any, it never could be: the beginning of time. `None` when one of them is paid for: there is no end.
    """
    ends = [None if since is None else since + grace(settings) for since in lapsed]
    return None if None in ends else max((end for end in ends if end is not None), default=NEVER)


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
    """Give calls that are still to be carried out an `EntitlementRequired` where the tenant may not use the feature."""
    wanted, settings = calls[0].operation.entitlement, calls[0].service.settings
    if wanted is None:
        return
    until = access_until((row[0] for row in session.info["answers"]), settings)
    for call in calls:
        if call.is_open and until is not None and until <= call.now:
            call.setback = EntitlementRequired(wanted, settings.upgrade_url)
