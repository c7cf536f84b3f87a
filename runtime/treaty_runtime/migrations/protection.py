"""What a table's tenant and `appendOnly` mean in the database: row-level security, grants, triggers.

A tenant's rows: the app role sees and changes those of the tenant that the transaction names, and no others; without
one it sees none. The tenants' own table is the same, with `id` for the tenant; the system role adds tenants. A table
that all tenants share is read-only to the app role. The system role gets nothing else but the membership list, which
it reads before the tenant of a request is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from treaty_runtime.migrations.changes import Statement
from treaty_runtime.migrations.quoting import quote
from treaty_runtime.migrations.snapshot import Table
from treaty_runtime.roles import APP, SYSTEM

__all__ = ["TRIGGER", "force", "protection"]

TRIGGER = "append_only"
SHORT = 20  # characters of a condition that stays on the line of its policy
# After a transaction the setting is '', not NULL.
CURRENT_TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"


def protection(name: str, table: Table) -> list[Statement]:
    """The statements that protect a table, in the order in which they are made."""
    return [*_row_level_security(quote(name), table), *_grants(quote(name), table), *_append_only(quote(name), table)]


def force(name: str, *, on: bool) -> str:
    """Row-level security for the owner of the table too, or not."""
    return f"ALTER TABLE {quote(name)} {'' if on else 'NO '}FORCE ROW LEVEL SECURITY"


def _row_level_security(name: str, table: Table) -> Iterator[Statement]:
    if table.tenant is None:
        return
    yield Statement(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY")
    yield Statement(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY", f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")
    yield _policy(name, "tenant", f"TO {APP}", f"USING ({quote(table.tenant)} = {CURRENT_TENANT})")
    if _system_reads(table):
        yield _policy(name, "system_reads", f"FOR SELECT TO {SYSTEM}", "USING (true)")
    if _holds_tenants(table):
        yield _policy(name, "system_adds", f"FOR INSERT TO {SYSTEM}", "WITH CHECK (true)")


def _policy(table: str, name: str, scope: str, condition: str) -> Statement:
    between = " " if len(condition) < SHORT else "\n"
    return Statement(f"CREATE POLICY {name} ON {table} {scope}{between}{condition}", f"DROP POLICY {name} ON {table}")


def _grants(name: str, table: Table) -> Iterator[Statement]:
    if table.tenant is None:
        yield _grant(name, "SELECT", APP)
    elif table.append_only:
        yield _grant(name, "SELECT, INSERT", APP)
    else:
        yield _grant(name, "SELECT, INSERT, UPDATE, DELETE", APP)
    if _holds_tenants(table):
        yield _grant(name, "SELECT, INSERT", SYSTEM)
    elif _system_reads(table):
        yield _grant(name, "SELECT", SYSTEM)


def _system_reads(table: Table) -> bool:
    # To add a tenant it must see it: PostgreSQL asks that of INSERT ... RETURNING and of ON CONFLICT.
    return table.system_reads or _holds_tenants(table)


def _holds_tenants(table: Table) -> bool:
    return table.primary_key == (table.tenant,)


def _grant(table: str, rights: str, role: str) -> Statement:
    return Statement(f"GRANT {rights} ON {table} TO {role}", f"REVOKE {rights} ON {table} FROM {role}")


def _append_only(name: str, table: Table) -> Iterator[Statement]:
    if table.append_only:
        yield Statement(
            f"CREATE TRIGGER {TRIGGER} BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}\n"
            "FOR EACH STATEMENT EXECUTE FUNCTION treaty.refuse_change()",
            f"DROP TRIGGER {TRIGGER} ON {name}",
        )
