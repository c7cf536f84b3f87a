"""What this service does not keep: amounts and prices are Stripe's, and are asked for there."""

from __future__ import annotations

import re

from sqlalchemy import Column, Float, Numeric
from sqlmodel import SQLModel

from generated.app import DEFINITION

# Of a price only the id is kept, as the name of a plan.
MONEY = re.compile(r"(^|_)(amount|balance|cents|charge|cost|currency|discount|fee|money|price|tax|total)(_|$)")


def test_no_table_keeps_money() -> None:
    columns = [column for entity in DEFINITION.entities for column in table(entity.__tablename__)]
    assert "billing_subscription.plan" in {str(column) for column in columns}
    assert [str(column) for column in columns if MONEY.search(column.name)] == []
    assert [str(column) for column in columns if isinstance(column.type, (Float, Numeric))] == []


def table(name: object) -> list[Column[object]]:
    """The columns of a table."""
    return list(SQLModel.metadata.tables[str(name)].columns)
