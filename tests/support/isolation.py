"""Two tenants with a row in every table, and everything that the first may try on the second.

Nothing here knows of a table or an operation by name: tables come from `schema.json`, operations from `openapi.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
from psycopg import errors
from psycopg.sql import SQL, Identifier, Placeholder

from tests.support.project import Database
from treaty_runtime.credentials import ApiKey

__all__ = ["Isolation"]

SECRET = "theirs-alone"
NUMBERS = count(1)
MOMENT = "2026-11-20T12:00:00Z"
Table = Mapping[str, Any]
Refused = (errors.InsufficientPrivilege, errors.ForeignKeyViolation)


@dataclass
class Isolation:
    """`OURS` tries, `THEIRS` must not notice."""

    database: Database
    generated: Path
    ours: UUID = field(default_factory=uuid4)
    theirs: UUID = field(default_factory=uuid4)
    bystander: UUID = field(default_factory=uuid4)
    rows: dict[tuple[str, UUID], dict[str, Any]] = field(default_factory=dict)

    def fill(self) -> None:
        """A row of each tenant in every table of tenants, and one in every table that they share."""
        # Values here are as long and as wide as columns allow; what they mean is of no importance.
        for table, name in self.database.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint"
            " WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND coninhcount = 0"
        ):
            self.database.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for tenant in (self.ours, self.theirs):
            for name in self._ordered():
                if (name, tenant) not in self.rows:
                    self._insert(name, tenant)

    @property
    def tables(self) -> Mapping[str, Table]:
        """All tables, by name."""
        found: Mapping[str, Table] = json.loads((self.generated / "schema.json").read_text())["tables"]
        return found

    @property
    def of_tenants(self) -> list[str]:
        """The tables whose rows belong to a tenant."""
        return [name for name, table in self.tables.items() if table["tenant"]]

    def state(self) -> list[tuple[Any, ...]]:
        """Every row of theirs, whatever it holds."""
        return [
            (name, row)
            for name in self.of_tenants
            for (row,) in self.database.execute(
                f'SELECT t::text FROM "{name}" AS t WHERE "{self.tables[name]["tenant"]}" = %s', [self.theirs]
            )
        ]

    def try_table(self, name: str) -> None:
        """With the SQL that a mistake would send: without a WHERE, with their ids, and with their rows as parents."""
        tenant, key = self.tables[name]["tenant"], self.tables[name]["primaryKey"][0]
        own, other = self.rows[name, self.ours], self.rows[name, self.theirs]
        what = {"table": Identifier(name), "key": Identifier(key), "tenant": Identifier(tenant)}
        assert self._run("SELECT {key} FROM {table}", what) == [(own[key],)]
        assert self._run("SELECT {key} FROM {table} WHERE {key} = %s", what, other[key]) == []
        for statement in ("UPDATE {table} SET {key} = {key}", "DELETE FROM {table}"):
            assert self._run(f"{statement} WHERE {{key}} = %s", what, other[key]) in (0, Refused)
            assert self._run(statement, what) in (1, Refused)
        assert self._run("UPDATE {table} SET {tenant} = %s", what, self.theirs) is Refused
        assert self._add(name, self._row(name, self.theirs)) is Refused, "a row in their name"
        for keys in self.tables[name].get("keys", ()):
            assert self._run("SELECT id FROM {keys}", {"keys": Identifier(keys)}) == [(own["id"],)]
        for columns, target in self._references(name):
            parent = self.rows[target, self.theirs]["id"]
            child = self._row(name, self.ours) | {column: parent for column in columns if column != tenant}
            assert self._add(name, child) is Refused, f"a row under their {target}"

    def try_without_a_tenant(self, name: str) -> None:
        """A transaction that nobody said a tenant of sees nothing."""
        with psycopg.connect(self.database.urls.app) as connection:
            assert connection.execute(SQL("SELECT * FROM {}").format(Identifier(name))).fetchall() == []

    def unprotected(self) -> list[tuple[Any, ...]]:
        """Tables that the app role may read or change, and that show it rows of all tenants."""
        shared = [name for name, table in self.tables.items() if not table["tenant"]]
        return self.database.execute(
            """
            SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
            WHERE nspname IN ('public', 'treaty') AND relkind IN ('r', 'p', 'm', 'v')
            AND NOT (relrowsecurity AND relforcerowsecurity)
            AND (has_table_privilege('treaty_app', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
                OR has_table_privilege('treaty_app', c.oid, 'SELECT') AND relname NOT LIKE '%%_revision'
                AND NOT relname = ANY (%s))
            """,
            [shared],
        )

    def key(self) -> str:
        """A service key that may do everything, of a tenant that has nothing yet; every flag is on."""
        key, text = ApiKey.new(), json.dumps(self._openapi())
        (own,) = [name for name in self.of_tenants if [self.tables[name]["tenant"]] == self.tables[name]["primaryKey"]]
        self.database.execute(f'DELETE FROM "{own}" WHERE id = %s', [self.bystander])
        row = self._row(own, self.bystander)
        names = ", ".join(f'"{name}"' for name in row)
        self.database.execute(f'INSERT INTO "{own}" ({names}) VALUES ({", ".join(["%s"] * len(row))})', [*row.values()])
        said = " ".join(re.findall(r"Needs (?:the role|one of the roles) ([^.]*)\.", text))
        self.database.execute(
            "INSERT INTO treaty.api_key (id, prefix, hash, tenant, name, roles, created_at)"
            " VALUES (%s, %s, %s, %s, 'tests', %s, now())",
            [uuid4(), key.prefix, key.hash(), self.bystander, re.findall(r"`([^`]+)`", said)],
        )
        for flag in set(re.findall(r"feature flag `([^`]+)`", text)):
            self.database.execute("INSERT INTO treaty.flag VALUES (%s, 100, now())", [flag])
        return key.text

    def operations(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Every operation that asks who calls: method, path and description."""
        for path, methods in self._openapi()["paths"].items():
            for method, operation in methods.items():
                if operation["security"]:
                    yield method, path, operation

    def try_operation(self, client: httpx.Client, method: str, path: str, operation: Mapping[str, Any]) -> None:
        """Ask with each of their ids, and with one that nobody has: the answer must be the same, and no row theirs."""
        ids = {str(self.rows[name, self.theirs]["id"]) for name in self.of_tenants}
        request = _Request(self._openapi(), method, path, operation)
        answers = {self._asked(client, request, identifier) for identifier in (str(uuid4()), *ids)}
        assert len(answers) == 1, f"{operation['operationId']} tells a row of theirs from none: {answers}"

    def _asked(self, client: httpx.Client, request: _Request, identifier: str) -> tuple[int, str]:
        self.database.execute("DELETE FROM treaty.rate_limit")
        answer = request.send(client, identifier)
        text = re.sub(r'"requestId": "[^"]+"', "", answer.text).replace(identifier, "ID")
        assert answer.status_code < 500, text
        assert SECRET not in text
        assert not any(str(row["id"]) in text for (_, tenant), row in self.rows.items() if tenant == self.theirs)
        # What is done on one's own says its own ids and numbers each time.
        return answer.status_code, text if answer.status_code >= 400 else ""

    def _openapi(self) -> Any:
        return json.loads((self.generated / "openapi.json").read_text())

    def _ordered(self) -> Iterator[str]:
        """Tables, each after those that it refers to."""
        waiting, done = dict(self.tables), set[str]()
        while waiting:
            for name, table in list(waiting.items()):
                if {key["table"] for key in table["foreignKeys"].values()} <= done | {name}:
                    yield name
                    done.add(name)
                    del waiting[name]

    def _row(self, name: str, tenant: UUID) -> dict[str, Any]:
        """A new row of a tenant, below the rows that it has."""
        table = self.tables[name]
        row = {column: _value(about) for column, about in table["columns"].items()}
        for rule in table["checks"].values():
            if values := re.match(r"\"?(\w+)\"? IN \('([^']+)'", rule):
                row[values[1]] = values[2]
        for key in table["foreignKeys"].values():
            for column, referred in zip(key["columns"], key["references"], strict=True):
                parent = self.rows.get((key["table"], tenant))
                row[column] = None if key["table"] == name else parent and parent[referred]
        return row | ({table["tenant"]: tenant} if table["tenant"] else {})

    def _insert(self, name: str, tenant: UUID) -> None:
        row = self._row(name, tenant)
        names = SQL(", ").join(map(Identifier, row))
        values = SQL(", ").join(Placeholder() * len(row))
        with psycopg.connect(self.database.superuser, autocommit=True) as connection:
            connection.execute(
                SQL("INSERT INTO {} ({}) VALUES ({})").format(Identifier(name), names, values), [*row.values()]
            )
        for owner in (tenant,) if self.tables[name]["tenant"] else (self.ours, self.theirs):
            self.rows[name, owner] = row

    def _references(self, name: str) -> Iterator[tuple[list[str], str]]:
        for key in self.tables[name]["foreignKeys"].values():
            if self.tables[key["table"]]["tenant"] and key["columns"] != [self.tables[name]["tenant"]]:
                yield key["columns"], key["table"]

    def _add(self, name: str, row: Mapping[str, Any]) -> Any:
        names = SQL(", ").join(map(Identifier, row))
        values = SQL(", ").join(Placeholder() * len(row))
        return self._run(
            "INSERT INTO {table} ({names}) VALUES ({values})",
            {"table": Identifier(name), "names": names, "values": values},
            *row.values(),
        )

    def _run(self, statement: str, names: Mapping[str, Any], *values: Any) -> Any:
        """As the app role, for the first tenant: the rows, how many were touched, or `Refused`. Nothing stays."""
        with psycopg.connect(self.database.urls.app) as connection:
            connection.execute("SELECT set_config('app.tenant', %s, true)", [str(self.ours)])
            try:
                cursor = connection.execute(SQL(statement).format(**names), values)
                return cursor.fetchall() if cursor.description else cursor.rowcount
            except Refused:
                return Refused
            finally:
                connection.rollback()


def _value(column: Mapping[str, Any]) -> Any:
    """A value of a column's type that occurs nowhere else; none of an object that may be absent, whatever it holds."""
    number, kind = next(NUMBERS), column["type"]
    if kind == "jsonb" and column["nullable"]:
        return None
    if sized := re.fullmatch(r"varchar\((\d+)\)", kind):
        return f"{number}-{SECRET}"[: int(sized[1])]
    plain = {
        "uuid": uuid4(), "bigint": number, "boolean": True, "timestamptz": MOMENT, "date": "2026-11-20", "jsonb": "{}",
        "interval": "P1D", "double precision": 1.0,
    }  # fmt: skip
    return number if kind.startswith("numeric") else plain[kind]


@dataclass(frozen=True)
class _Request:
    """A request that its schema allows, with one id wherever an id is asked for."""

    openapi: Any
    method: str
    path: str
    operation: Mapping[str, Any]

    def send(self, client: httpx.Client, identifier: str) -> httpx.Response:
        """Send it."""
        path, query, headers = self.path, {}, {}
        for parameter in self.operation.get("parameters", ()):
            if parameter["name"] == "Treaty-Tenant" or not (
                parameter.get("required") or parameter["schema"].get("format") == "uuid"
            ):
                continue
            value = str(self._of(parameter["schema"], identifier, _example(parameter), parameter["name"]))
            match parameter["in"]:
                case "path":
                    path = path.replace(f"{{{parameter['name']}}}", value)
                case "query":
                    query[parameter["name"]] = value
                case _:
                    headers[parameter["name"]] = value
        body = self.operation.get("requestBody", {}).get("content", {}).get("application/json")
        sent = {"json": self._of(body["schema"], identifier, _example(body), "")} if body else {}
        return client.request(self.method, path, params=query, headers=headers, **sent)

    def _of(self, schema: Any, identifier: str, example: Any, name: str) -> Any:
        while "$ref" in schema:
            schema = self.openapi["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        if schema.get("format") == "uuid":
            return identifier
        if "properties" in schema:
            example = example or {}
            return {
                field: self._of(about, identifier, example.get(field), field)
                for field, about in schema["properties"].items()
                if field in schema.get("required", ()) or field in example or about.get("format") == "uuid"
            }
        if "key" in name.lower():
            return uuid4().hex
        if example is not None:
            return example
        return _least(schema)


def _example(described: Mapping[str, Any]) -> Any:
    return next((example["value"] for example in described.get("examples", {}).values()), None)


def _least(schema: Mapping[str, Any]) -> Any:
    formats = {"date": "2026-11-20", "date-time": MOMENT, "uri": "https://example.com", "email": "a@example.com"}
    match schema:
        case {"enum": [first, *_]}:
            return first
        case {"type": "string"}:
            return formats.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1)))
        case {"type": "integer" | "number"}:
            return schema.get("minimum", 1) if schema.get("minimum", 1) > -(2**63) else 1
        case {"type": "boolean"}:
            return True
        case {"type": "array"}:
            return []
        case _:
            return {}
