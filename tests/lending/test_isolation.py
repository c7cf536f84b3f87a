"""No library reaches another's rows: every table and every operation of lending."""

from __future__ import annotations

from tests.support.isolation import Isolation
from tests.support.project import Database, Project
from treaty_runtime.embedded.server import EmbeddedPostgres


def test_no_table_and_no_operation_is_open(project: Project, postgres: EmbeddedPostgres) -> None:
    service = project.on(Database.create(postgres))
    service.treaty("upgrade")
    isolation = Isolation(service.database, project.folder / "generated")
    isolation.fill()
    assert isolation.unprotected() == []
    before = isolation.state()
    assert len(before) == len(isolation.of_tenants) > 4
    for name in isolation.of_tenants:
        isolation.try_table(name)
        isolation.try_without_a_tenant(name)
    # Books are shared by all libraries, so whoever searches reads this one.
    service.database.execute("UPDATE lending_book SET authors = '[]', editions = '[]', prices = '{}'")
    tried = []
    with service.served(), service.client(isolation.key()) as client:
        for method, path, operation in isolation.operations():
            isolation.try_operation(client, method, path, operation)
            tried.append(operation["operationId"])
    assert len(tried) >= 10
    assert isolation.state() == before
