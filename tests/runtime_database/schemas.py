"""Schemas for tests, written as the generator writes them, and what a database holds, told by its catalogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg

Tables = dict[str, dict[str, Any]]

CATALOGUE = {
    "columns": """
        SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull,
            pg_get_expr(adbin, adrelid)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
    """,
    # PostgreSQL 18 keeps NOT NULL as constraints too, under the name that the column had first: see columns.
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND conparentid = 0
    """,
    # Those of partitions are named when they are made, and keep their names.
    "indexes": """
        SELECT indexdef FROM pg_indexes JOIN pg_class ON oid = format('%I', indexname)::regclass
        WHERE schemaname = 'public' AND NOT relispartition
    """,
    "partitions": """
        SELECT relname, pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND (relkind = 'p' OR relispartition) AND relkind IN ('r', 'p')
    """,
    "lifecycle": "SELECT * FROM treaty.lifecycle",
    "functions": """
        SELECT oid::regprocedure::text, prosrc, prosecdef, proconfig FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
    """,
    "left aside": "SELECT relname FROM pg_class WHERE relnamespace = 'treaty'::regnamespace",
    "policies": """
        SELECT tablename, policyname, roles, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public'
    """,
    "triggers": """
        SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger
        WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    """,
    "grants": """
        SELECT oid::regclass::text, (right_).grantee::regrole::text, (right_).privilege_type
        FROM (SELECT oid, aclexplode(relacl) AS right_ FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')) AS rights
        WHERE (right_).grantee <> 'treaty_owner'::regrole
    """,
    "row-level security": """
        SELECT oid::regclass::text, relrowsecurity, relforcerowsecurity
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    """,
}


def column(type_: str, *, null: bool = False, default: str | None = None, was: str | None = None) -> dict[str, Any]:
    return {"type": type_, "nullable": null, "default": default, "renamedFrom": was}


def table(columns: dict[str, Any], **words: Any) -> dict[str, Any]:
    return {
        "entity": "shop.Thing",
        "tenant": "organization_id" if "organization_id" in columns else None,
        "appendOnly": False,
        "systemReads": False,
        "columns": {"id": column("uuid"), **columns},
        "primaryKey": ["id"],
        "unique": {},
        "indexes": {},
        "foreignKeys": {},
        "checks": {},
        **words,
    }


def reference(columns: list[str], target: str, references: list[str]) -> dict[str, Any]:
    return {"columns": columns, "table": target, "references": references}


def organization() -> dict[str, Any]:
    return table({"name": column("varchar(100)")}, tenant="id")


def write(path: Path, tables: Tables) -> Path:
    path.write_text(json.dumps({"format": 1, "tables": tables}, indent=2))
    return path


def catalogue(superuser_url: str) -> dict[str, list[str]]:
    """Everything that makes up the tables of an application, in no particular order of theirs."""
    with psycopg.connect(superuser_url) as connection:
        return {what: sorted(map(str, connection.execute(query.encode()))) for what, query in CATALOGUE.items()}
