"""A table's class and the schema snapshot say the same: what each creates in PostgreSQL is compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator_emit import projects
from tests.support.project import Database, Project
from treaty import names
from treaty_runtime.embedded.server import EmbeddedPostgres

GOLDEN = Path(__file__).parent / "golden"
CREATE_ALL = """
import sys
import generated.app
from sqlalchemy import create_engine
from sqlmodel import SQLModel
engine = create_engine(sys.argv[1])
SQLModel.metadata.create_all(engine)
engine.dispose()
"""
COLUMNS = """
    SELECT table_name, column_name, udt_name, character_maximum_length, numeric_precision, numeric_scale, is_nullable
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name = ANY(%s) ORDER BY 1, 2
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, CASE contype WHEN 'p' THEN 'primary key' ELSE conname END,
        pg_get_constraintdef(oid)
    FROM pg_constraint WHERE conrelid::regclass::text = ANY(%s) AND contype <> 'n' ORDER BY 1, 2
"""
INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s)
    AND indexname LIKE 'ix%%' ORDER BY 1
"""
KEEP_AND_READ = """
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select
import generated.app
from generated.shop.orders.currency import Currency
from generated.shop.orders.customer import Customer
from generated.shop.orders.money import Money
from generated.shop.orders.order import Order, OrderLines, OrderShipTo
from generated.shop.orders.product import Product
from generated.shop.orders.warehouse import Warehouse

engine = create_engine(sys.argv[1])
now = datetime(2030, 1, 1, tzinfo=UTC)
customer, warehouse = Customer(name="Acme"), Warehouse(code="W1")
product = Product(sku="100-a", prices={"day": Money(amount=Decimal("1.50"))}, similar=[])
order = Order(
    customer_id=customer.id, warehouse_id=warehouse.id, number=5, total=Decimal("1.50"), placed_at=now,
    lines=[OrderLines(product=product, quantity=1)], ship_to=OrderShipTo(street="Gata 1", zip="0150"),
    from_="spring", user="a:b", registry_={"x": [None, 1]}, json_=[1],
)
values = {**order.model_dump(exclude={"id"}), "lines": order.lines, "ship_to": None}
changed = {"number": 10, "replaces_id": order.id, "registry_": None, "json_": None, "currency": Currency.NONE}
other = Order(**{**values, **changed})
order_id, other_id = order.id, other.id
for rows in ([customer, warehouse], [order], [other]):
    with Session(engine) as session:
        session.add_all(rows)
        session.commit()
with Session(engine) as session:
    read = session.exec(select(Order).where(Order.id == order_id)).one()
    assert read.lines == [OrderLines(product=product, quantity=1)], read.lines
    assert read.ship_to == OrderShipTo(street="Gata 1", zip="0150")
    assert str(read.total) == "1.50"
    assert (read.status, read.currency, read.discount, read.gift) == ("open", Currency.NOK, 0.5, False)
    assert (read.tags, read.prices, read.metadata_) == ([], {}, {"by": None, "tags": [1, 2.5, "x"]})
    assert read.patience == timedelta(days=3)
    assert (read.placed_at, read.due_at) == (now, datetime(2030, 1, 31, 11, tzinfo=UTC))
    assert (read.registry_, read.json_, read.from_, read.class_) == ({"x": [None, 1]}, [1], "spring", None)
    found = session.exec(select(Order).where(Order.currency == Currency.NONE)).one()
    assert (found.id, found.replaces_id, found.ship_to, found.json_) == (other_id, order_id, None, None)
    assert session.connection().exec_driver_sql(
        "SELECT count(*) FROM orders_order WHERE ship_to IS NULL AND json IS NULL"
    ).scalar_one() == 1
for broken in ({"number": 6}, {"user": "AB"}, {"lines": []}, {"status": "lost"}, {"total": Decimal(0)}, {"number": 5}):
    with Session(engine) as session:
        session.add(Order(**{**values, **broken}))
        try:
            session.commit()
        except IntegrityError as error:
            print(error.orig.diag.constraint_name)
engine.dispose()
"""


@pytest.fixture(scope="module", params=["shapes", "texts"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = projects.copy(GOLDEN / request.param, tmp_path_factory.mktemp("tables") / request.param)
    projects.complete(folder)
    return Project(folder)


def migrated(project: Project, postgres: EmbeddedPostgres) -> Database:
    """A database that the project's first migration made."""
    if not (project.folder / "migrations").exists():
        project.must("treaty", "migrate", "first")
    service = project.on(Database.create(postgres))
    service.treaty("upgrade")
    return service.database


def test_migrations_and_classes_make_the_same_tables(project: Project, postgres: EmbeddedPostgres) -> None:
    by_migration, by_classes = migrated(project, postgres), Database.create(postgres)
    project.must("python", "-c", CREATE_ALL, by_classes.superuser.replace("postgresql://", "postgresql+psycopg://"))
    tables = [row[0] for row in by_classes.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    assert tables
    for query in (COLUMNS, CONSTRAINTS, INDEXES):
        assert by_migration.execute(query, [tables]) == by_classes.execute(query, [tables])


def test_rows_come_back_as_they_were_kept(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    project = Project(projects.copy(GOLDEN / "shapes", tmp_path / "project"))
    projects.complete(project.folder)
    address = migrated(project, postgres).superuser.replace("postgresql://", "postgresql+psycopg://")
    refused = project.must("python", "-W", "error", "-c", KEEP_AND_READ, address).split()
    assert refused == [
        "ck_orders_order_number_multiple_of",
        "ck_orders_order_user_pattern",
        "ck_orders_order_lines_min_items",
        "ck_orders_order_status_values",
        "ck_orders_order_total_minimum",
        "uq_orders_order_customer_id_number",
    ]


def test_words_that_sql_keeps_for_itself_are_known(database: Database) -> None:
    words = {row[0] for row in database.execute("SELECT word FROM pg_get_keywords() WHERE catcode <> 'U'")}
    assert words == names.SQL_WORDS
