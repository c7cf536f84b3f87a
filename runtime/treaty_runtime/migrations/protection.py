"""What a table's tenant, `appendOnly` and `keep` mean in the database: row-level security, grants, triggers.

A tenant's rows: the app role sees and changes those of the tenant that the transaction names, and no others; without
one it sees none. The tenants' own table is the same, with `id` for the tenant; the system role adds tenants. A table
that all tenants share is read-only to the app role. The system role gets nothing else but the membership list, which
it reads before the tenant of a request is known, and rows that are older than `keep`, which it deletes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from treaty_runtime.migrations.changes import Statement
from treaty_runtime.migrations.keys import trigger
from treaty_runtime.migrations.quoting import quote
from treaty_runtime.migrations.snapshot import KeyTable, Table
from treaty_runtime.roles import APP, SYSTEM

__all__ = ["TRIGGER", "append_only", "force", "lifecycle", "partition_prefix", "protection"]

TRIGGER = "append_only"
LONGEST_PREFIX = 52  # characters; PostgreSQL's names have 63
SHORT = 20  # characters of a condition that stays on the line of its policy
# After a transaction the setting is '', not NULL.
CURRENT_TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"


def protection(name: str, table: Table) -> list[Statement]:
    """The statements that protect a table, in the order in which they are made."""
    return [
        *lifecycle(name, table),
        *_row_level_security(quote(name), table),
        *_grants(quote(name), table),
        *append_only(quote(name), table),
        *_retention(name, table),
        *(trigger(name, table) if isinstance(table, KeyTable) else ()),
    ]


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
    elif table.append_only or isinstance(table, KeyTable):
        yield _grant(name, "SELECT, INSERT", APP)
    else:
        yield _grant(name, "SELECT, INSERT, UPDATE, DELETE", APP)
    if _holds_tenants(table):
        yield _grant(name, "SELECT, INSERT", SYSTEM)
    elif _deletes_rows(table):
        yield _grant(name, "SELECT, DELETE", SYSTEM)
    elif _system_reads(table):
        yield _grant(name, "SELECT", SYSTEM)


def _system_reads(table: Table) -> bool:
    # To add a tenant it must see it: PostgreSQL asks that of INSERT ... RETURNING and of ON CONFLICT.
    return table.system_reads or _holds_tenants(table)


def _holds_tenants(table: Table) -> bool:
    return table.primary_key == (table.tenant,)


def _grant(table: str, rights: str, role: str) -> Statement:
    return Statement(f"GRANT {rights} ON {table} TO {role}", f"REVOKE {rights} ON {table} FROM {role}")


def append_only(name: str, table: Table) -> Iterator[Statement]:
    """What refuses changes of a table's rows; `name` is quoted."""
    if table.append_only:
        refused = "UPDATE OR TRUNCATE" if _deletes_rows(table) else "UPDATE OR DELETE OR TRUNCATE"
        yield Statement(
            f"CREATE TRIGGER {TRIGGER} BEFORE {refused} ON {name}\n"
            "FOR EACH STATEMENT EXECUTE FUNCTION treaty.refuse_change()",
            f"DROP TRIGGER {TRIGGER} ON {name}",
        )


def lifecycle(name: str, table: Table) -> Iterator[Statement]:
    """The note from which the worker knows the table's partitions, and for how long rows are kept."""
    if table.partition is None and table.keep is None:
        return
    every = table.every if isinstance(table, KeyTable) else table.partition.every if table.partition else None
    values = {
        "table_name": name,
        "partition_by": table.partition.by if table.partition else None,
        "partition_prefix": partition_prefix(name) if table.partition else None,
        "every": every,
        "keep_for": table.keep.interval if table.keep else None,
        "keep_after": table.keep.after if table.keep else None,
    }
    said = {column: f"'{value}'" for column, value in values.items() if value is not None}
    yield Statement(
        f"INSERT INTO treaty.lifecycle ({', '.join(said)})\nVALUES ({', '.join(said.values())})",
        f"DELETE FROM treaty.lifecycle WHERE table_name = '{name}'",  # noqa: S608  written to a file
        apart=True,
    )


def partition_prefix(name: str) -> str:
    """What the names of a table's partitions begin with: with `_2026_11_26` behind it, it is still a name."""
    if len(name) <= LONGEST_PREFIX:
        return name
    return f"{name[: LONGEST_PREFIX - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _retention(name: str, table: Table) -> Iterator[Statement]:
    """Rows may be deleted by the system role once they are old, also by the database's clock: it is the second key."""
    if not _deletes_rows(table) or table.keep is None:
        return
    table_name, after = quote(name), quote(table.keep.after)
    oldest = f"now() - interval '{table.keep.interval}'"
    if isinstance(table, KeyTable):  # as long as the partition with the row
        index = quote(f"{partition_prefix(name)}_ages")
        yield Statement(f"CREATE INDEX {index} ON {table_name} USING brin ({after})", f"DROP INDEX {index}")
        oldest = f"date_trunc('{table.every}', {oldest}, 'UTC')"
    yield _policy(table_name, "retention", f"TO {SYSTEM}", f"USING ({after} < {oldest})")
    if table.append_only:
        yield Statement(
            f"CREATE TRIGGER {TRIGGER}_while_kept BEFORE DELETE ON {table_name}\n"
            f"FOR EACH ROW WHEN (OLD.{after} >= {oldest}) EXECUTE FUNCTION treaty.refuse_change()",
            f"DROP TRIGGER {TRIGGER}_while_kept ON {table_name}",
        )


def _deletes_rows(table: Table) -> bool:
    """Whether old rows are deleted; a partitioned table loses whole partitions instead."""
    return table.keep is not None and table.partition is None
