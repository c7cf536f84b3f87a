"""No organization reaches another's rows: every table and every operation of billing."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from generated.app import create_app
from tests.support.isolation import Isolation
from tests.support.project import ROOT, Database
from treaty_runtime.acceptance.server import Server
from treaty_runtime.embedded.server import EmbeddedPostgres
from treaty_runtime.migrations.upgrade import upgrade
from treaty_runtime.settings import Settings


@pytest.fixture(scope="module")
def isolation(postgres: EmbeddedPostgres) -> Isolation:
    """Two organizations in a database of their own."""
    database = Database.create(postgres)
    upgrade(database.urls.owner or "", ROOT / "runtime" / "migrations")
    isolation = Isolation(database, ROOT / "generated")
    isolation.fill()
    return isolation


def test_no_table_is_open(isolation: Isolation) -> None:
    assert isolation.unprotected() == []
    before = isolation.state()
    assert len(before) == len(isolation.of_tenants) > 5
    for name in isolation.of_tenants:
        isolation.try_table(name)
        isolation.try_without_a_tenant(name)
    assert isolation.state() == before


def test_no_operation_is_open(isolation: Isolation, tmp_path: Path) -> None:
    settings = Settings(
        database_url=SecretStr(isolation.database.urls.app),
        database_system_url=SecretStr(isolation.database.urls.system),
        jwt_secret=SecretStr(secrets.token_hex(32)),
        stripe_api_key=SecretStr("simulator"),
        stripe_webhook_secrets=SecretStr(f"whsec_{secrets.token_hex(32)}"),
        data_dir=tmp_path,
    )
    before = isolation.state()
    tried = []

    def try_all(address: str) -> None:
        headers = {"Authorization": f"Bearer {isolation.key()}"}
        with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as client:
            for method, path, operation in isolation.operations():
                isolation.try_operation(client, method, path, operation)
                tried.append(operation["operationId"])

    async def serve() -> None:
        server = Server(create_app(settings))
        assert await server.start()
        try:
            await asyncio.to_thread(try_all, server.address)
        finally:
            await server.stop()

    asyncio.run(serve())
    assert len(tried) >= 6
    assert isolation.state() == before
