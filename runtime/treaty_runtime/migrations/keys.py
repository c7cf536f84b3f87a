"""The tables of what is unique over all partitions: made from their partitioned tables, filled by a trigger of those.

PostgreSQL has no unique index over partitions that leaves out the partition's column. So each such combination has a
table of its own with a unique constraint, which a statement-level trigger writes in the statement that adds the rows:
measured against a trigger for each row and against a statement that names both tables, it was as fast as the best of
them for one row and the fastest for a thousand. A row whose combination is there already is refused with the
constraint's name.
"""

from __future__ import annotations

from collections.abc import Iterator

from treaty_runtime.migrations.changes import Statement
from treaty_runtime.migrations.quoting import quote
from treaty_runtime.migrations.snapshot import Key, KeyTable, Snapshot, Table

__all__ = ["filling", "trigger", "with_key_tables"]


def with_key_tables(snapshot: Snapshot) -> Snapshot:
    """The schema with the tables of keys among the others, each behind its partitioned table."""
    tables: dict[str, Table] = {}
    for name, table in snapshot.tables.items():
        tables[name] = table
        tables |= {key: _key_table(name, table, definition) for key, definition in table.keys.items()}
    return snapshot.model_copy(update={"tables": tables})


def trigger(name: str, table: KeyTable) -> Iterator[Statement]:
    """What writes the keys of added rows."""
    function, of = quote(name), quote(table.of)
    yield Statement(
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
        f"    INSERT INTO public.{_insertion(name, table, 'added', margin=4)};\n    RETURN NULL;\nEND $$",
        f"DROP FUNCTION {function}()",
    )
    yield Statement(
        f"CREATE TRIGGER {function} AFTER INSERT ON {of} REFERENCING NEW TABLE AS added\n"
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
        f"DROP TRIGGER {function} ON {of}",
    )


def filling(name: str, table: KeyTable) -> str:
    """The statement that writes the keys of the rows that are there."""
    return f"INSERT INTO {_insertion(name, table, quote(table.of))}"


def _insertion(name: str, table: KeyTable, source: str, margin: int = 0) -> str:
    columns = ", ".join(map(quote, table.columns))
    there = " AND ".join(f"{quote(column)} IS NOT NULL" for column in table.optional)
    rows = f"SELECT {columns} FROM {source}{f' WHERE {there}' if there else ''}"  # noqa: S608  written to a file
    return f"{quote(name)} ({columns})\n{' ' * margin}{rows}"


def _key_table(of: str, table: Table, key: Key) -> KeyTable:
    assert table.partition  # noqa: S101 - no other table has keys apart
    columns = dict.fromkeys((*key.columns, *table.primary_key))
    return KeyTable(
        entity=table.entity,
        tenant=table.tenant,
        append_only=False,
        columns={name: table.columns[name].model_copy(update={"nullable": False, "default": None}) for name in columns},
        primary_key=(),
        unique={key.name: key.columns},
        keep=table.keep,
        of=of,
        every=table.partition.every,
        optional=tuple(name for name in key.columns if table.columns[name].nullable),
    )
