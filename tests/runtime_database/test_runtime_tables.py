"""The runtime's own tables: who may do what, and whose rows are whose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from tests.support.project import Database

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
OURS, THEIRS = uuid4(), uuid4()
OUTBOX = """
    INSERT INTO treaty.outbox (event_id, tenant, type, key, version, payload, occurred_at, request_id)
    VALUES (gen_random_uuid(), %s, 't', 'k', '1.0.0', '{}', '2026-01-01Z', 'r')
"""
AUDIT = """
    INSERT INTO treaty.audit (id, at, tenant, operation, version, principal_kind, principal_id, address, request_id,
        outcome, status)
    VALUES (gen_random_uuid(), '2026-01-01Z', %s, 'o', '1.0.0', 'person', 'p', '127.0.0.1', 'r', 'success', 200)
"""
IDEMPOTENCY = """
    INSERT INTO treaty.idempotency (tenant, operation, key, request_hash, created_at, expires_at)
    VALUES (%s, 'o', 'k', '', '2026-01-01Z', '2026-01-02Z')
"""


@pytest.fixture
def database(new_database: Callable[[], Database]) -> Database:
    return new_database()


def _as_app(database: Database, tenant: UUID | None, statement: str, *values: Any) -> int:
    with psycopg.connect(database.urls.app) as connection:
        connection.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant) if tenant else ""])
        return connection.execute(statement.encode(), values).rowcount


def _as_system(database: Database, statement: str, *values: Any) -> int:
    with psycopg.connect(database.urls.system) as connection:
        return connection.execute(statement.encode(), values).rowcount


@pytest.mark.parametrize("statement", [OUTBOX, AUDIT])
def test_a_request_writes_for_its_own_tenant_only(statement: str, database: Database) -> None:
    assert _as_app(database, OURS, statement, OURS) == 1
    assert _as_app(database, None, statement, None) == 1  # an anonymous operation
    for tenant, claimed in ((OURS, THEIRS), (OURS, None), (None, OURS)):
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
            _as_app(database, tenant, statement, claimed)


@pytest.mark.parametrize("name", ["outbox", "audit"])
def test_what_was_told_and_recorded_is_not_for_the_app_role_to_read(name: str, database: Database) -> None:
    for statement in (f"SELECT * FROM treaty.{name}", f"DELETE FROM treaty.{name}"):
        with pytest.raises(errors.InsufficientPrivilege):
            _as_app(database, OURS, statement)


def test_stored_answers_belong_to_a_tenant(database: Database) -> None:
    assert _as_app(database, OURS, IDEMPOTENCY, OURS) == 1
    assert _as_app(database, OURS, "SELECT * FROM treaty.idempotency") == 1
    assert _as_app(database, THEIRS, "SELECT * FROM treaty.idempotency") == 0
    assert _as_app(database, THEIRS, "UPDATE treaty.idempotency SET status = 200") == 0
    assert _as_app(database, None, "DELETE FROM treaty.idempotency") == 0
    assert _as_app(database, THEIRS, IDEMPOTENCY, THEIRS) == 1  # the same key of another tenant is another key
    assert _as_system(database, "DELETE FROM treaty.idempotency") == 2


def test_the_audit_is_append_only(database: Database) -> None:
    assert _as_system(database, AUDIT, OURS) == 1
    for statement in ("UPDATE treaty.audit SET outcome = 'x'", "DELETE FROM treaty.audit", "TRUNCATE treaty.audit"):
        with pytest.raises(errors.InsufficientPrivilege, match="permission denied"):
            _as_system(database, statement)
        with pytest.raises(errors.InsufficientPrivilege, match="audit is append-only"):
            database.execute(statement)


def test_the_relay_works_over_all_tenants_and_is_woken(database: Database) -> None:
    with psycopg.connect(database.urls.system, autocommit=True) as listener:
        listener.execute("LISTEN treaty_outbox")
        _as_app(database, OURS, OUTBOX, OURS)
        _as_app(database, THEIRS, OUTBOX, THEIRS)
        assert len(list(listener.notifies(timeout=5, stop_after=2))) == 2
    assert _as_system(database, "SELECT * FROM treaty.outbox") == 2
    assert _as_system(database, "UPDATE treaty.outbox SET published_at = %s", NOW) == 2


@pytest.mark.parametrize("name", ["api_key", "failed_attempt"])
def test_keys_and_failed_attempts_are_none_of_the_app_roles_business(name: str, database: Database) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        _as_app(database, OURS, f"SELECT * FROM treaty.{name}")
    assert _as_system(database, f"SELECT * FROM treaty.{name}") == 0
