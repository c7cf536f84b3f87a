"""The document that consumers read: valid, and byte for byte what is committed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.end_to_end.conftest import Billing
from tests.support.project import ROOT

COMMITTED = ROOT / "generated" / "openapi.json"
METHODS = {"get", "put", "post", "patch", "delete"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(COMMITTED.read_bytes())
    return loaded


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Every operation, whatever its path."""
    return [item[method] for item in document["paths"].values() for method in METHODS & item.keys()]


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1.")


def test_the_document_is_served_as_it_is_committed(billing: Billing) -> None:
    with billing.service.client() as client:
        answer = client.get("/openapi.json")
    assert answer.headers["content-type"].split(";")[0] in ("application/json", "application/vnd.oai.openapi+json")
    assert answer.content == COMMITTED.read_bytes()


def test_every_operation_documents_how_it_refuses(document: dict[str, Any]) -> None:
    assert operations(document)
    for operation in operations(document):
        refusals = {code: answer for code, answer in operation["responses"].items() if code >= "400"}
        signed = any(parameter["name"] == "Stripe-Signature" for parameter in operation.get("parameters", ()))
        assert ({"400"} if signed else {"422", "429"}) <= refusals.keys(), operation["operationId"]
        for code, answer in refusals.items():
            assert "application/problem+json" in answer["content"], (operation["operationId"], code)


def test_every_contract_is_described(document: dict[str, Any]) -> None:
    keys = {
        file.relative_to(ROOT / "contracts").with_suffix("").as_posix().replace("/", ".")
        for file in (ROOT / "contracts").rglob("*.yaml")
        if file.read_text().startswith(("kind: command", "kind: query", "kind: webhook"))
    }
    exports = {operation["operationId"] for operation in operations(document)} - keys
    assert exports == {"saas.billing.usage.daily:csv", "saas.billing.usage.list:csv"}
    assert len(list(operations(document))) == len(keys | exports)


def test_the_explorer_works_offline(billing: Billing) -> None:
    with billing.service.client() as client:
        page = client.get("/docs", follow_redirects=True)
        assert "text/html" in page.headers["content-type"]
        parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert parts
        assert all(part.startswith("/") and not part.startswith("//") for part in parts), parts
        answers = [client.get(part) for part in parts]
        assert all(answer.is_success for answer in answers)
        assert any("/openapi.json" in answer.text for answer in (page, *answers))
