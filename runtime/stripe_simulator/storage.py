"""The simulator's state: one SQLite file. What a transaction has written outlives the process, however that ends."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stripe_simulator.errors import Missing

__all__ = ["Document", "Store"]

Document = dict[str, Any]

TABLES = """
CREATE TABLE IF NOT EXISTS object (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    customer TEXT,
    parent TEXT,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, sequence);
CREATE INDEX IF NOT EXISTS object_customer ON object (customer, kind, sequence);
CREATE INDEX IF NOT EXISTS object_parent ON object (parent, kind, sequence);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS due (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    work TEXT NOT NULL,
    subject TEXT NOT NULL,
    UNIQUE (work, subject)
);
CREATE INDEX IF NOT EXISTS due_at ON due (at, id);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    created INTEGER NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS idempotency_created ON idempotency (created);
CREATE TABLE IF NOT EXISTS meter_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    identifier TEXT NOT NULL,
    meter TEXT NOT NULL,
    customer TEXT NOT NULL,
    value INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    received INTEGER NOT NULL,
    canceled INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS meter_event_identifier ON meter_event (identifier);
CREATE INDEX IF NOT EXISTS meter_event_usage ON meter_event (meter, customer, timestamp);
CREATE TABLE IF NOT EXISTS meter_error (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    meter TEXT,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    identifier TEXT NOT NULL,
    received INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before REAL NOT NULL DEFAULT 0,
    answered INTEGER,
    error TEXT
);
CREATE INDEX IF NOT EXISTS delivery_waiting ON delivery (not_before) WHERE state = 'waiting';
"""


class Store:
    """Objects as the documents they are answered as, and tables for what comes in masses."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # The log survives the end of the process without a flush for each transaction.
        self.connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        self.connection.executescript(TABLES)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what the block writes."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query answers."""
        return self.connection.execute(query, values).fetchall()

    def execute(self, statement: str, *values: object) -> int:
        """Run a statement; the number of rows that it changed."""
        return self.connection.execute(statement, values).rowcount

    def execute_many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run a statement for each row."""
        self.connection.executemany(statement, rows)

    def add(self, document: Document, *, customer: str | None = None, parent: str | None = None) -> Document:
        """Keep a new object, and answer it."""
        self.execute(
            "INSERT INTO object (id, kind, customer, parent, body) VALUES (?, ?, ?, ?, ?)",
            *(document["id"], document["object"], customer, parent, json.dumps(document)),
        )
        return document

    def save(self, document: Document) -> Document:
        """Keep an object's new state, and answer it."""
        self.execute("UPDATE object SET body = ? WHERE id = ?", json.dumps(document), document["id"])
        return document

    def remove(self, identifier: str) -> None:
        """Forget an object."""
        self.execute("DELETE FROM object WHERE id = ?", identifier)

    def find(self, identifier: str) -> Document | None:
        """The object of this id, whatever it is."""
        found = self.rows("SELECT body FROM object WHERE id = ?", identifier)
        return json.loads(found[0][0]) if found else None

    def get(self, kind: str, identifier: str, param: str = "id") -> Document:
        """The object of this id. Raises `Missing`, naming `param`, when there is none of that kind."""
        found = self.rows("SELECT body FROM object WHERE id = ? AND kind = ?", identifier, kind)
        if not found:
            raise Missing(kind.rpartition(".")[2].replace("_", " "), identifier, param)
        document: Document = json.loads(found[0][0])
        return document

    def all(
        self, kind: str, *, customer: str | None = None, parent: str | None = None, newest_first: bool = False
    ) -> Iterator[Document]:
        """All objects of a kind, in the order in which they were made."""
        given = [(column, value) for column, value in (("customer", customer), ("parent", parent)) if value is not None]
        query = "SELECT body FROM object WHERE kind = ?" + "".join(f" AND {column} = ?" for column, _ in given)  # noqa: S608 - constants
        query += f" ORDER BY sequence {'DESC' if newest_first else 'ASC'}"
        for (body,) in self.rows(query, kind, *(value for _, value in given)):
            yield json.loads(body)

    def reset(self, kept: Iterable[str]) -> None:
        """Forget everything but the objects of some kinds."""
        kinds = list(kept)
        self.execute(f"DELETE FROM object WHERE kind NOT IN ({', '.join('?' * len(kinds))})", *kinds)  # noqa: S608
        for table in ("setting", "due", "idempotency", "meter_event", "meter_error", "delivery"):
            self.execute(f"DELETE FROM {table}")  # noqa: S608 - constants

    def setting(self, name: str, default: Any = None) -> Any:
        """What is kept under a name."""
        found = self.rows("SELECT value FROM setting WHERE name = ?", name)
        return json.loads(found[0][0]) if found else default

    def set(self, name: str, value: Any) -> None:
        """Keep a value under a name."""
        self.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", name, json.dumps(value))
