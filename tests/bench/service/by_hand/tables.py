"""The tables, as SQLModel classes: those columns that the endpoints use. Runs in the environment of the bench alone."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

MOMENT = sa.DateTime(timezone=True)


class Membership(SQLModel, table=True):
    __tablename__ = "billing_membership"
    id: uuid.UUID = Field(primary_key=True)
    organization_id: uuid.UUID
    person: str
    role: str


class Meter(SQLModel, table=True):
    __tablename__ = "billing_meter"
    id: uuid.UUID = Field(primary_key=True)
    feature: str
    aggregation: str


class UsageLimit(SQLModel, table=True):
    __tablename__ = "billing_usage_limit"
    id: uuid.UUID = Field(primary_key=True)
    meter_id: uuid.UUID
    window: str
    limit: int = Field(sa_type=sa.BigInteger)
    enforcement: str


class Subscription(SQLModel, table=True):
    __tablename__ = "billing_subscription"
    id: uuid.UUID = Field(primary_key=True)
    status: str
    started_at: dt.datetime = Field(sa_type=MOMENT)


class UsageEvent(SQLModel, table=True):
    __tablename__ = "billing_usage_event"
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    organization_id: uuid.UUID
    feature: str
    quantity: int = Field(sa_type=sa.BigInteger)
    idempotency_key: str
    occurred_at: dt.datetime = Field(sa_type=MOMENT)
    recorded_at: dt.datetime = Field(sa_type=MOMENT)
    billing_period: str
    source_id: str | None = None
    details: dict[str, Any] | None = Field(default=None, sa_column=sa.Column("metadata", JSONB(none_as_null=True)))


class UsageKey(SQLModel, table=True):
    """Which keys the ledger has; a trigger of the ledger writes it."""

    __tablename__ = "billing_usage_event_by_idempotency_key"
    organization_id: uuid.UUID = Field(primary_key=True)
    idempotency_key: str = Field(primary_key=True)


class UsageTotal(SQLModel, table=True):
    __tablename__ = "billing_usage_total"
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    organization_id: uuid.UUID
    feature: str
    window: str
    period: str
    usage: int = Field(sa_type=sa.BigInteger)
    events: int = Field(sa_type=sa.BigInteger)
    last_occurred_at: dt.datetime | None = Field(default=None, sa_type=MOMENT)
    last_recorded_at: dt.datetime | None = Field(default=None, sa_type=MOMENT)
    last_event: uuid.UUID | None = None


class Idempotency(SQLModel, table=True):
    __tablename__ = "idempotency"
    __table_args__ = {"schema": "treaty"}
    tenant: uuid.UUID = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: bytes
    status: int | None = None
    body: bytes | None = None
    created_at: dt.datetime = Field(sa_type=MOMENT)
    expires_at: dt.datetime = Field(sa_type=MOMENT)


class Outbox(SQLModel, table=True):
    __tablename__ = "outbox"
    __table_args__ = {"schema": "treaty"}
    event_id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    tenant: uuid.UUID
    type: str
    key: str
    version: str
    payload: dict[str, Any] = Field(sa_type=JSONB)
    occurred_at: dt.datetime = Field(sa_type=MOMENT)
    request_id: str


class Audit(SQLModel, table=True):
    __tablename__ = "audit"
    __table_args__ = {"schema": "treaty"}
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    at: dt.datetime = Field(sa_type=MOMENT)
    tenant: uuid.UUID
    operation: str
    version: str
    principal_kind: str
    principal_id: str
    address: str
    request_id: str
    outcome: str
    status: int
    input: dict[str, Any] = Field(sa_type=JSONB)
