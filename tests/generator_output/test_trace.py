"""`treaty trace`: the contract line of a generated line, and the generated lines of a contract's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator_output.trees import SHAPES
from tests.support.project import ROOT, Project
from treaty.check import examine
from treaty.format import Formatter
from treaty.generate import made
from treaty.project import Project as Found
from treaty.source.document import Document
from treaty.trace.report import origin_lines, result_lines
from treaty.trace.trace import Trace

MODULE = "saas/billing/usage_record.py"
FEATURE = "features/saas/billing/usage.record.feature"
RECORD = "contracts/saas/billing/usage.record.yaml"
# A file, the text of one of its lines, behind which other text if that has to be told apart, and the contract's line.
CAME_FROM = [
    (MODULE, "quantity: Annotated", None, f"{RECORD}: quantity:"),
    (MODULE, "How much of it was used", None, f"{RECORD}: quantity:"),
    (MODULE, "current_usage: ", None, f"{RECORD}: currentUsage:"),
    (MODULE, "class LimitExceeded(", None, f"{RECORD}: limit_exceeded:"),
    (MODULE, 'code = "nothing_used"', None, f"{RECORD}: nothing_used:"),
    (MODULE, "rate_limit=", None, f"{RECORD}: rateLimit:"),
    (MODULE, "audit=True", None, f"{RECORD}: audit: true"),
    (MODULE, "idempotency=", None, f"{RECORD}: idempotency:"),
    (MODULE, "status=201", "OPERATION", f"{RECORD}: http:"),
    (MODULE, "latency_objective=", None, f"{RECORD}: slo:"),
    (MODULE, "Service level: ", None, f"{RECORD}: slo:"),
    ("alerts.yaml", 'operation: "saas.billing.usage.record"', None, f"{RECORD}: slo:"),
    (MODULE, "Goal: ", None, f"{RECORD}: goal:"),
    (MODULE, "Owners: ", None, "contracts/saas/billing/_defaults.yaml: owners:"),
    (MODULE, "(version ", None, f"{RECORD}: version:"),
    ("saas/billing/subscription_get.py", "rate_limit=", None, "contracts/saas/billing/_defaults.yaml: rateLimit:"),
    ("saas/billing/usage_event.py", "feature: str", None, "contracts/saas/billing/UsageEvent.yaml: feature:"),
    ("saas/billing/usage_event.py", "Index(", None, "contracts/saas/billing/UsageEvent.yaml: index:"),
    ("saas/billing/usage_event.py", "APPEND_ONLY", None, "contracts/saas/billing/UsageEvent.yaml: appendOnly: true"),
    ("saas/billing/usage_event.py", "KEEP = ", None, "contracts/saas/billing/UsageEvent.yaml: keep:"),
    ("saas/billing/usage_event.py", "PrimaryKeyC", "class ", "contracts/saas/billing/UsageEvent.yaml: partition:"),
    ("saas/billing/usage_event.py", "class UsageEventBy", None, "contracts/saas/billing/UsageEvent.yaml: unique:"),
    (
        "saas/billing/usage_limit.py",
        'CheckConstraint(\'"limit" ',
        None,
        "contracts/saas/billing/UsageLimit.yaml: limit:",
    ),
    ("saas/billing/aggregation.py", 'COUNT = "count"', None, "contracts/saas/billing/Aggregation.yaml: count:"),
    ("saas/billing/phrases.py", "@given(", None, "contracts/saas/billing/phrases.yaml: - given: Organization exists"),
    (
        "saas/billing/phrases.py",
        'await world.create(Organization, {"name": "Globex"}',
        None,
        "contracts/saas/billing/phrases.yaml: create: {Organization: {name: Globex}}",
    ),
    (
        FEATURE,
        "Scenario: record-usage-duplicate-delivery\n",
        None,
        f"{RECORD}: - key: record-usage-duplicate-delivery\n",
    ),
    (FEATURE, "Then Usage is counted only once", None, f"{RECORD}: - Usage is counted only once"),
    (FEATURE, "Feature: ", None, f"{RECORD}: key:"),
    ("openapi.json", '"quantity": {', '"UsageRecordInput": {', f"{RECORD}: quantity:"),
    ("openapi.json", '"recorded",', '"UsageRecordOutput": {', f"{RECORD}: recorded:"),
    ("openapi.json", '"limit_exceeded"', '"/billing/usage": {', f"{RECORD}: limit_exceeded:"),
    ("openapi.json", '"operationId": "saas.billing.usage.record"', None, f"{RECORD}: key:"),
    ("openapi.json", '"count"', '"enum": [', "contracts/saas/billing/Aggregation.yaml: count:"),
    (
        "schema.json",
        '"billing_period": {',
        '"billing_usage_event": {',
        "contracts/saas/billing/UsageEvent.yaml: billingPeriod:",
    ),
    (
        "saas/billing/usage_recorded.schema.json",
        '"quantity": {',
        None,
        "contracts/saas/billing/usage.recorded.yaml: quantity:",
    ),
]


def load(folder: Path) -> tuple[Trace, Found]:
    project = Found.find(folder)
    checked = examine(project)
    return Trace(checked.book, made(checked.model, project, Formatter(project.root / "nothing"))), project


@pytest.fixture(scope="module")
def here() -> tuple[Trace, Found]:
    return load(ROOT)


def number(trace: Trace, path: str, text: str, behind: str | None) -> int:
    content = trace.files[path].decode()
    start = content.index(behind) if behind else 0
    return content[: content.index(text, start)].count("\n") + 1


@pytest.mark.parametrize(("path", "text", "behind", "expected"), CAME_FROM)
def test_a_generated_line_comes_from(
    here: tuple[Trace, Found], path: str, text: str, behind: str | None, expected: str
) -> None:
    trace, project = here
    line = number(trace, path, text, behind)
    file, _, said = expected.partition(": ")
    place, written = list(origin_lines(trace, project, path, line))
    assert place.startswith(f"{file}:")
    assert said in f"{written.strip()}\n"
    written_at = int(place.split(":")[1])
    back = [span for name, span in trace.results(_document(trace, file), written_at) if name == path]
    assert any(span.first <= line <= span.last for span in back), "the other way"


def _document(trace: Trace, file: str) -> Document:
    contracts = trace.book.contracts
    written = (*contracts.parsed.values(), *contracts.defaults.values())
    return next(item.document for item in written if item.document.path == file)


@pytest.mark.parametrize("text", ["from litestar import", "class UsageRecord(Protocol)", "return await serve_batch("])
def test_what_no_single_line_says(here: tuple[Trace, Found], text: str) -> None:
    trace, project = here
    said = list(origin_lines(trace, project, MODULE, number(trace, MODULE, text, None)))
    assert said[0].startswith(RECORD)


def test_lines_of_all_contracts_together(here: tuple[Trace, Found]) -> None:
    trace, project = here
    assert list(origin_lines(trace, project, "app.py", 1)) == ["It comes from all contracts below contracts/ together."]
    line = number(trace, "app.py", "usage_record.route(", None)
    assert next(origin_lines(trace, project, "app.py", line)).startswith(
        f"{RECORD} (saas.billing.usage.record) as a whole"
    )


@pytest.mark.parametrize("folder", [*SHAPES.parent.iterdir(), ROOT, ROOT / "tests/lending"])
def test_every_line_comes_from_somewhere(folder: Path) -> None:
    trace, project = load(folder)
    for path, content in trace.files.items():
        lines = content.decode().splitlines()
        for line in range(1, len(lines) + 1):
            assert list(origin_lines(trace, project, path, line)), (path, line)
        for span in trace.spans(path):
            assert 1 <= span.first <= span.last <= len(lines), (path, span)


@pytest.mark.parametrize("folder", [*SHAPES.parent.iterdir(), ROOT, ROOT / "tests/lending"])
def test_every_field_leads_to_its_attribute(folder: Path) -> None:
    trace, _ = load(folder)
    for place in trace.book.places:
        found = {path for path, span in trace.results(place.owner.document, place.field.at.line)}
        assert any(path.endswith(".py") for path in found), place.field.at


def test_every_contract_line_can_be_asked_for(here: tuple[Trace, Found]) -> None:
    trace, project = here
    for parsed in trace.book.contracts.parsed.values():
        text = (ROOT / parsed.document.path).read_text()
        for line in range(1, text.count("\n") + 2):
            assert list(result_lines(trace, project, parsed.document, parsed.key, line))


def test_the_command(project: Project) -> None:
    said = project.must("treaty", "trace", "shop.orders.order.place")
    assert "generated/shop/orders/order_place.py (the whole file)" in said
    assert "generated/openapi.json:" in said
    assert said == project.must("treaty", "trace", "contracts/shop/orders/order.place.yaml")
    module = project.folder / "generated/shop/orders/order_place.py"
    assert "what the contracts say now" not in project.must("treaty", "trace", "generated/shop/orders/order_place.py:1")
    module.write_text("# edited\n")
    said = project.must("treaty", "trace", "generated/shop/orders/order_place.py:1")
    assert "is not what the contracts say now" in said
    assert "contracts/shop/orders/order.place.yaml:" in said


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("generated/app.py", "Say which line, from 1 to"),
        ("generated/app.py:0", "Say which line, from 1 to"),
        ("generated/app.py:99999", "Say which line, from 1 to"),
        ("generated/nothing.py:1", "is not generated"),
        ("shop.orders.order.place:999", "has the lines 1 to"),
        ("shop.orders.order.place:0", "has the lines 1 to"),
        ("shop.nothing", "is neither a generated file nor a contract"),
        ("contracts/shop/nothing.yaml:3", "is neither a generated file nor a contract"),
        (":", "is neither a generated file nor a contract"),
        ("../..", "is neither a generated file nor a contract"),
        ("x" * 5000, "is neither a generated file nor a contract"),
    ],
)
def test_what_cannot_be_traced(project: Project, target: str, expected: str) -> None:
    said = project.run("treaty", "trace", target)
    assert said.returncode == 1
    assert expected in said.stdout
    assert "Traceback" not in said.stdout


def test_contracts_with_problems_cannot_be_traced(project: Project) -> None:
    (project.folder / "contracts/shop/orders/wrong.yaml").write_text("kind: nothing\n")
    said = project.run("treaty", "trace", "shop.orders.order.place")
    assert said.returncode == 1
    assert "contracts/shop/orders/wrong.yaml:1:" in said.stdout
