"""The OpenAPI document says what the pipeline does: who may call, what is answered, every way to be refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.generator_emit import projects
from treaty.json_schema import DIALECT
from treaty.pipeline import PIPELINE_ERRORS, PIPELINE_TITLES
from treaty_runtime.refusals import PIPELINE

GOLDEN = Path(__file__).parent / "golden"
ALWAYS = {"malformed", "invalid", "internal", "unavailable"}
KNOWN = {"unauthenticated", "forbidden", "not_found", "too_many_failed_attempts"}
BODY = {"payload_too_large", "request_timeout", "unsupported_media_type"}
CODES = {
    ("post", "/customers/{customer}/orders"): ALWAYS
    | KNOWN
    | BODY
    | {"tenant_required", "rate_limited", "idempotency_conflict", "stale", "order_placed", "product_unknown"},
    ("get", "/orders"): ALWAYS | KNOWN | {"tenant_required"},
    ("get", "/customers/{customer}/orders"): ALWAYS | KNOWN | {"tenant_required", "entitlement_required"},
    ("get", "/shops/{shop}/orders"): ALWAYS | KNOWN | {"tenant_required"},
    ("get", "/shops/{shop}/orders.csv"): ALWAYS | KNOWN | {"tenant_required"},
    ("delete", "/orders/{order}"): ALWAYS | KNOWN | {"stale"},
    ("put", "/ping"): ALWAYS,
    ("patch", "/price"): ALWAYS | KNOWN | BODY | {"tenant_required", "stale"},
    ("post", "/hooks/stripe"): ALWAYS - {"invalid"} | {"bad_signature", "payload_too_large", "request_timeout"},
    ("post", "/stock"): ALWAYS | KNOWN | BODY | {"tenant_required", "product_unknown", "stale"},
}


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(projects.generated_files(GOLDEN / "shapes")["openapi.json"])


def operations(document: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield (method, path), operation


def test_codes_are_the_pipelines() -> None:
    assert {refusal.code: refusal.status for refusal in PIPELINE} == PIPELINE_ERRORS
    assert {refusal.code: refusal.title for refusal in PIPELINE} == PIPELINE_TITLES


def test_every_code_of_every_operation(document: Any) -> None:
    found = {}
    for place, operation in operations(document):
        codes: list[str] = []
        for status, response in operation["responses"].items():
            if status >= "400":
                _, narrowed = response["content"]["application/problem+json"]["schema"]["allOf"]
                assert narrowed["properties"]["status"] == {"enum": [int(status)]}
                codes += narrowed["properties"]["code"]["enum"]
                assert all(f"`{code}`" in response["description"] for code in narrowed["properties"]["code"]["enum"])
        assert len(codes) == len(set(codes))
        found[place] = set(codes)
    assert found == CODES


def test_answers(document: Any) -> None:
    responses = {place: operation["responses"] for place, operation in operations(document)}
    assert "content" not in responses["delete", "/orders/{order}"]["204"]
    placed = responses["post", "/customers/{customer}/orders"]
    assert placed["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/OrderPlaceOutput"}
    said = {"X-Request-Id", "RateLimit", "RateLimit-Policy", "Deprecation", "Sunset"}
    assert placed["201"]["headers"].keys() == {"Idempotency-Replayed", *said}
    assert placed["429"]["headers"].keys() == {"Retry-After", *said}
    assert responses["put", "/ping"]["200"]["headers"].keys() == {"X-Request-Id"}
    assert placed["404"]["content"]["application/problem+json"]["examples"]["unknown-product"]["value"]["status"] == 404
    assert responses["put", "/ping"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Text"
    }


def test_a_file_with_all_pages(document: Any) -> None:
    pages = document["paths"]["/shops/{shop}/orders"]["get"]
    file = document["paths"]["/shops/{shop}/orders.csv"]["get"]
    names = [[parameter["name"] for parameter in operation["parameters"]] for operation in (pages, file)]
    assert names[0] == ["shop", "X-After", "limit", "Treaty-Tenant", "If-None-Match"]
    assert names[1] == ["shop", "Treaty-Tenant"]
    assert (pages["operationId"], file["operationId"]) == ("shop.orders.order.book", "shop.orders.order.book:csv")
    assert file["responses"]["200"]["content"].keys() == {"text/csv"}
    assert file["responses"]["200"]["headers"].keys() == {"X-Request-Id", "Content-Disposition", "Treaty-With"}
    assert "304" in pages["responses"]
    assert "304" not in file["responses"]


def test_what_an_operation_is(document: Any) -> None:
    operation = document["paths"]["/customers/{customer}/orders"]["post"]
    assert operation["operationId"] == "shop.orders.order.place"
    assert operation["deprecated"] is True
    assert operation["description"].startswith("Deprecated since 2026-11-01. Do not count on it from 2027-06-30 on;")
    assert (operation["x-stability"], operation["x-owners"]) == ("deprecated", ["@shop"])
    assert operation["security"] == [{"bearer": []}]
    assert document["paths"]["/ping"]["put"]["security"] == []
    for said in ("Goal: Customers get", "`admin`, `buyer`", "At most 5 requests per second and user", "90 seconds"):
        assert said in operation["description"]
    places = {(parameter["in"], parameter["name"]) for parameter in operation["parameters"]}
    assert places == {
        ("path", "customer"),
        ("header", "Idempotency-Key"),
        ("header", "X-Dry-Run"),
        ("header", "Treaty-Tenant"),
    }


@pytest.mark.parametrize("case", ["shapes", "texts"])
def test_examples_fit_their_schemas(case: str) -> None:
    document = json.loads(projects.generated_files(GOLDEN / case)["openapi.json"])
    shown = list(_examples(document))
    assert len(shown) >= 10
    for schema, value in shown:
        whole = {"$schema": DIALECT, "components": document["components"], **schema}
        jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(value)


def _examples(document: Any) -> Iterator[tuple[Any, Any]]:
    for _, operation in operations(document):
        holders = list(operation.get("parameters", ()))
        answers = [operation.get("requestBody", {}), *operation["responses"].values()]
        holders += [media for answer in answers for media in answer.get("content", {}).values()]
        for holder in holders:
            yield from ((holder["schema"], example["value"]) for example in holder.get("examples", {}).values())


def test_two_classes_of_one_name_get_their_namespaces(tmp_path: Path) -> None:
    projects.write(
        tmp_path,
        {
            "pyproject.toml": '[tool.treaty]\ntitle = "Two"\nversion = "1.0.0"\n',
            **{f"contracts/{space}/Node.yaml": _node(f"{space}.Node") for space in ("a", "b")},
            "contracts/a/get.yaml": _get("a.get", "Node"),
            "contracts/b/get.yaml": _get("b.get", "Node"),
            "contracts/b/Problem.yaml": _node("b.Problem"),
        },
    )
    document = json.loads(projects.generated_files(tmp_path)["openapi.json"])
    assert document["components"]["schemas"].keys() == {"ANode", "BNode", "BProblem", "Problem"}
    answer = document["paths"]["/a.get"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/ANode"}


def _node(key: str) -> str:
    return f"kind: type\nkey: {key}\nversion: 1.0.0\ndescription: A node.\nfields: {{name: string}}\n"


def _get(key: str, output: str) -> str:
    return f"kind: query\nkey: {key}\nversion: 1.0.0\ndescription: Get it.\nhttp: GET /{key}\noutput: {output}\n"
