"""Stepping through all revisions leads where creating the newest state at once leads, empty or filled."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.runtime_database.schemas import Tables, catalogue, column, organization, reference, table, write
from tests.support.project import Database
from treaty_runtime.migrations.diff import compare
from treaty_runtime.migrations.revise import revise
from treaty_runtime.migrations.snapshot import Snapshot
from treaty_runtime.migrations.upgrade import downgrade, upgrade

OWN = {"organization_id": column("uuid")}
TO_ORGANIZATION = reference(["organization_id"], "organization", ["id"])


def first() -> Tables:
    meter = table(
        OWN | {"order": column("bigint", default="1"), "kind": column("varchar(100)", default="'a:b'")},
        unique={"uq_meter_id": ["organization_id", "id"], "uq_meter_kind": ["organization_id", "kind"]},
        indexes={"ix_meter_order": ["organization_id", "order"]},
        foreignKeys={"fk_meter_organization_id": TO_ORGANIZATION},
        checks={"ck_meter_order": '"order" >= 1', "ck_meter_kind": "kind ~ '^(?:a|b%)[:x]?[a-z]*$'"},
    )
    event = table(
        OWN | {"meter_id": column("uuid"), "note": column("jsonb", null=True), "cost": column("bigint", null=True)},
        appendOnly=True,
        systemReads=True,
        foreignKeys={
            "fk_event_organization_id": TO_ORGANIZATION,
            "fk_event_meter_id": reference(["organization_id", "meter_id"], "meter", ["organization_id", "id"]),
        },
    )
    country = table({"name": column("varchar(50)")})
    return {"country": country, "event": event, "meter": meter, "organization": organization()}


def second() -> Tables:
    """A column renamed, with what is named after it; columns added, filled, widened; checks and grants changed."""
    tables = first()
    tables["meter"] |= {
        "columns": {
            "id": column("uuid"),
            **OWN,
            "rank": column("bigint", default="2", was="order"),
            "kind": column("varchar(200)", null=True),
            "unit": column("varchar(10)", default="'it''s 5%'"),
            "since": column("timestamptz", default="'2020-01-01T00:00:00+00:00'::timestamptz"),
        },
        "indexes": {"ix_meter_rank": ["organization_id", "rank"]},
        "checks": {"ck_meter_rank": "rank >= 1", "ck_meter_kind": "kind IN ('a:b', 'c')"},
    }
    tables["event"]["columns"] |= {
        "note": column("jsonb", default='\'{"a":1,"b": "%(c)s"}\'::jsonb'),
        "cost": column("numeric(38,10)", null=True),
    }
    tables["event"] |= {"systemReads": False}
    tables["country"] |= {"unique": {"uq_country_name": ["name"]}}
    tables["membership"] = table(
        OWN | {"person": column("varchar(200)")}, systemReads=True, foreignKeys={"fk_member": TO_ORGANIZATION}
    )
    return tables


def third() -> Tables:
    """The country's rows get an owner, the ledger may be changed, the meters go."""
    tables = second()
    tables["country"]["columns"]["organization_id"] = column("uuid", null=True)
    tables["country"] |= {"tenant": "organization_id", "foreignKeys": {"fk_country": TO_ORGANIZATION}}
    tables["event"]["appendOnly"] = False
    del tables["event"]["columns"]["meter_id"]
    del tables["event"]["foreignKeys"]["fk_event_meter_id"]
    del tables["meter"]
    return tables


def fourth() -> Tables:
    """Two tables that point at each other; the membership list is shared."""
    tables = third()
    for one, other in (("left", "right"), ("right", "left")):
        tables[one] = table(
            OWN | {"other_id": column("uuid", null=True)},
            unique={f"uq_{one}": ["organization_id", "id"]},
            foreignKeys={f"fk_{one}": reference(["organization_id", "other_id"], other, ["organization_id", "id"])},
        )
    tables["membership"] |= {"tenant": None, "systemReads": False}
    return tables


STATES = [first, second, third, fourth]


def _step_through(folder: Path, database: Database, states: list[Tables], between: Callable[[int], None]) -> None:
    for number, tables in enumerate(states):
        revise(f"step {number}", write(folder / "wanted.json", tables), folder / "stepped", allow_data_loss=True)
        upgrade(database.urls.owner or "", folder / "stepped")
        between(number)


def _at_once(folder: Path, database: Database, tables: Tables) -> None:
    revise("all", write(folder / "wanted.json", tables), folder / "at_once")
    upgrade(database.urls.owner or "", folder / "at_once")


def test_an_empty_database_ends_where_a_new_one_begins(tmp_path: Path, new_database: Callable[[], Database]) -> None:
    stepped = new_database()
    states = [state() for state in STATES]

    def compare_with_new(number: int) -> None:
        (folder := tmp_path / str(number)).mkdir()
        new = new_database()
        _at_once(folder, new, states[number])
        assert catalogue(stepped.superuser) == catalogue(new.superuser)

    _step_through(tmp_path, stepped, states, compare_with_new)


def test_rows_keep_what_they_hold(tmp_path: Path, new_database: Callable[[], Database]) -> None:
    database = new_database()
    tenants = [uuid4(), uuid4()]

    def fill(number: int) -> None:
        if number > 0:
            return
        for tenant in tenants:
            meter = uuid4()
            database.execute("INSERT INTO organization VALUES (%s, 'Acme')", [tenant])
            database.execute("INSERT INTO meter VALUES (%s, %s, 7, 'a:b')", [meter, tenant])
            database.execute("INSERT INTO event VALUES (%s, %s, %s, NULL, 3)", [uuid4(), tenant, meter])
        database.execute("INSERT INTO country VALUES (%s, 'Chile')", [uuid4()])

    def check(number: int) -> None:
        fill(number)
        if number == 1:
            assert database.execute("SELECT DISTINCT rank, kind, unit FROM meter") == [(7, "a:b", "it's 5%")]
            rows = database.execute("SELECT note, cost FROM event")
            assert rows == [({"a": 1, "b": "%(c)s"}, 3)] * 2
        if number == 3:
            assert database.execute("SELECT cost FROM event") == [(3,), (3,)]
            assert database.execute("SELECT name, organization_id FROM country") == [("Chile", None)]

    _step_through(tmp_path, database, [state() for state in STATES], check)


def test_what_loses_nothing_is_taken_back_exactly(tmp_path: Path, new_database: Callable[[], Database]) -> None:
    before = first()
    after = second()
    for name in ("unit", "since"):  # to take back a new column is to lose what it holds
        del after["meter"]["columns"][name]
    after["event"]["columns"]["cost"] = before["event"]["columns"]["cost"]
    del after["membership"]
    database = new_database()
    states: dict[int, Any] = {}
    _step_through(
        tmp_path, database, [before, after], lambda number: states.update({number: catalogue(database.superuser)})
    )
    assert states[0] != states[1]
    assert "Step 1." in (downgrade(database.urls.owner or "", tmp_path / "stepped") or "")
    assert catalogue(database.superuser) == states[0]
    assert upgrade(database.urls.owner or "", tmp_path / "stepped")
    assert catalogue(database.superuser) == states[1]


NAMES = ["alpha", "beta", "order", "user"]
TYPES = {"alpha": "uuid", "beta": "bigint", "order": "varchar({})", "user": "jsonb"}
DEFAULTS = {"alpha": "'00000000-0000-0000-0000-000000000000'::uuid", "beta": "5", "order": "'x:y'", "user": "'{}'"}


@st.composite
def _tables(draw: st.DrawFn, step: int) -> Tables:
    names = draw(st.lists(st.sampled_from(["order", "things", "window"]), unique=True, max_size=3))
    return {"organization": organization(), **{name: draw(_table(name, names, step)) for name in names}}


@st.composite
def _table(draw: st.DrawFn, name: str, others: list[str], step: int) -> dict[str, Any]:
    columns = {
        column_name: column(
            TYPES[column_name].format(100 + 10 * step),
            null=draw(st.booleans()),
            default=DEFAULTS[column_name] if draw(st.booleans()) else None,
        )
        for column_name in draw(st.lists(st.sampled_from(NAMES), unique=True))
    }
    if draw(st.booleans()):
        columns |= {f"late_{step}": column("bigint", default="1", was=f"late_{step - 1}")}
    owned = draw(st.booleans())
    words: dict[str, Any] = {"appendOnly": draw(st.booleans()), "systemReads": owned and draw(st.booleans())}
    if owned:
        columns["organization_id"] = column("uuid", null=True)
        words["foreignKeys"] = {f"fk_{name}_organization_id": TO_ORGANIZATION}
        words["unique"] = {f"uq_{name}": ["organization_id", "id"]}
    words["indexes"] = {f"ix_{name}_{key}": [key] for key in columns if key != "user" and draw(st.booleans())}
    words["checks"] = {
        f"ck_{name}_{key}": f'"{key}" {draw(st.sampled_from([">", ">="]))} 0'
        for key in columns
        if key.startswith(("beta", "late")) and draw(st.booleans())
    }
    if owned and draw(st.booleans()):
        columns["at"] = column("timestamptz", default="'2026-01-01'::timestamptz")
        words |= draw(_lifecycle(name, columns, words["appendOnly"]))
    return table(columns, **words)


@st.composite
def _lifecycle(draw: st.DrawFn, name: str, columns: dict[str, Any], append_only: bool) -> dict[str, Any]:
    """Kept in partitions, or for a while, or both."""
    words: dict[str, Any] = {}
    if draw(st.booleans()):
        words["keep"] = {"for": draw(st.sampled_from(["30 days", "2 hours"])), "after": "at"}
    if append_only and draw(st.booleans()):
        unique = [[key] for key in ("beta", "order") if key in columns and draw(st.booleans())]
        words |= {
            "partition": {"by": "at", "every": draw(st.sampled_from(["month", "year"]))},
            "primaryKey": ["id", "at"],
            "unique": {},
            "keys": {
                f"{name}_by_{'_'.join(key)}": {
                    "name": f"uq_{name}_{'_'.join(key)}",
                    "columns": ["organization_id", *key],
                }
                for key in unique
            },
        }
    return words


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_schema_leads_to_any_other(data: st.DataObject, new_database: Callable[[], Database]) -> None:
    states = [data.draw(_tables(step)) for step in range(3)]
    for old, new in itertools.pairwise(states):
        assume(not compare(_snapshot(old), _snapshot(new)).problems)
    stepped, new_one = new_database(), new_database()
    with tempfile.TemporaryDirectory() as folder:
        _step_through(Path(folder), stepped, states, lambda _: None)
        _at_once(Path(folder), new_one, states[-1])
    assert catalogue(stepped.superuser) == catalogue(new_one.superuser)


def _snapshot(tables: Tables) -> Snapshot:
    return Snapshot.model_validate({"format": 1, "tables": tables})
