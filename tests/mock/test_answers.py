"""What the mock answers: examples, what is made from schemas, what the caller prefers."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jsonschema_rs
import pytest

from tests.mock.conftest import ROOT, Mock

USAGE: dict[str, Any] = {"feature": "api_calls", "quantity": 1, "idempotencyKey": "abc-123"}
ORDER = "/customers/018f0000-0000-7000-8000-000000000001/orders"
LINES = {"lines": [{"sku": "100-a"}, {"sku": "100-b", "quantity": 3}], "class": "express"}


def source(answer: httpx.Response) -> str:
    """Where an answer comes from."""
    return answer.headers["Treaty-Mock"]


def test_an_example_is_answered(billing: Mock) -> None:
    with billing.client() as client:
        answer = client.post("/billing/usage", json=USAGE)
    assert answer.status_code == 201
    assert answer.json() == {"recorded": True, "currentUsage": 1, "limitReached": False}
    assert source(answer) == "example record-api-call"


def test_the_key_that_tells_requests_apart_may_be_another(billing: Mock) -> None:
    with billing.client() as client:
        assert (
            source(client.post("/billing/usage", json={**USAGE, "idempotencyKey": "mine"})) == "example record-api-call"
        )


def test_an_example_that_is_refused(billing: Mock) -> None:
    with billing.client() as client:
        answer = client.post("/billing/usage", json={**USAGE, "feature": "teleports"})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:treaty:problem:feature_not_metered",
        "title": "No meter measures this feature.",
        "status": 409,
        "detail": "No meter measures this feature.",
        "code": "feature_not_metered",
        "requestId": answer.headers["X-Request-Id"],
    }


def test_examples_of_queries_and_parameters(billing: Mock, shapes: Mock) -> None:
    with billing.client() as client:
        assert source(client.get("/billing/usage")) == "example summary-of-the-running-period"
        assert client.get("/billing/usage", params={"period": "2026-02-31"}).json()["code"] == "unknown_period"
    with shapes.client(**{"Idempotency-Key": "another"}) as client:
        assert source(client.post(ORDER, json=LINES)) == "example one-of-each"


def test_an_example_of_somebody_without_a_token_is_nobody_elses(shapes: Mock) -> None:
    with shapes.client(**{"Idempotency-Key": "key-3"}) as client:
        assert client.post(ORDER, json={"lines": [{"sku": "100-a"}]}).status_code == 201


def test_what_no_example_says_is_made_and_fits(billing: Mock) -> None:
    document = json.loads((ROOT / "generated" / "openapi.json").read_bytes())
    with billing.client() as client:
        answer = client.post("/billing/usage", json={**USAGE, "quantity": 77})
        again = client.post("/billing/usage", json={**USAGE, "quantity": 77})
    assert answer.status_code == 201
    assert source(answer) == "schema"
    assert answer.json() == again.json()
    schema = {"$ref": "#/components/schemas/UsageRecordOutput", "components": document["components"]}
    assert jsonschema_rs.Draft202012Validator(schema).is_valid(answer.json())


def test_what_was_sent_is_told_again(billing: Mock) -> None:
    with billing.client() as client:
        answer = client.get("/billing/features/never_heard_of")
    assert source(answer) == "schema"
    assert answer.json()["feature"] == "never_heard_of"


@pytest.mark.parametrize(
    ("path", "method", "headers", "body"),
    [
        (ORDER, "POST", {"Idempotency-Key": "k"}, {"lines": [{"sku": "x"}], "from": "2026-01-31", "json": [None]}),
        ("/orders?currency=EUR&share=0.5&most=7&paid=true&patience=PT1H&contact=ann@example.com", "GET", {}, None),
        ("/price", "PATCH", {}, {}),
        ("/ping", "PUT", {}, None),
    ],
)
def test_every_kind_of_field(shapes: Mock, path: str, method: str, headers: dict[str, str], body: Any) -> None:
    with shapes.client(**headers) as client:
        document = client.get("/openapi.json").json()
        answer = client.request(method, path, json=body)
    assert answer.is_success, answer.text
    template = "/customers/{customer}/orders" if path == ORDER else path.partition("?")[0]
    responses = document["paths"][template][method.lower()]["responses"]
    schema = responses[str(answer.status_code)].get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        assert answer.content == b""
    else:
        validator = jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]})
        assert [error.message for error in validator.iter_errors(answer.json())] == []


def test_the_caller_chooses_a_refusal(billing: Mock) -> None:
    with billing.client(Prefer="code=limit_exceeded") as client:
        answer = client.post("/billing/usage", json=USAGE)
    assert (answer.status_code, answer.json()["code"]) == (409, "limit_exceeded")


@pytest.mark.parametrize(
    ("preference", "status", "code", "header"),
    [
        ("code=feature_not_metered", 409, "feature_not_metered", None),
        ('respond-async, code="total_too_large"', 409, "total_too_large", None),
        ("code=rate_limited", 429, "rate_limited", "Retry-After"),
        ("code=unauthenticated", 401, "unauthenticated", "WWW-Authenticate"),
        ("code=unavailable", 503, "unavailable", "Retry-After"),
        ("code=503", 503, "unavailable", "Retry-After"),
        ("code=invalid", 422, "invalid", None),
        ("example=record-unmetered", 409, "feature_not_metered", None),
    ],
)
def test_preferences(billing: Mock, preference: str, status: int, code: str, header: str | None) -> None:
    with billing.client(Prefer=preference) as client:
        answer = client.post("/billing/usage", content=b"whatever it is")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert header is None or header in answer.headers
    assert (status == 422) == ("errors" in answer.json())


def test_the_caller_chooses_an_example(billing: Mock) -> None:
    with billing.client(Prefer="example=record-with-limit") as client:
        assert client.post("/billing/usage", json=USAGE).json()["limit"] == 1000


@pytest.mark.parametrize("preference", ["code=no_such", "example=no-such", "code=204"])
def test_what_the_contract_does_not_have_cannot_be_chosen(billing: Mock, preference: str) -> None:
    with billing.client(Prefer=preference) as client:
        answer = client.post("/billing/usage", json=USAGE)
    assert answer.status_code == 400
    for word in ("saas.billing.usage.record", preference.partition("=")[2], "Prefer: code=CODE"):
        assert word in answer.json()["detail"]


@pytest.mark.parametrize("preference", ["return=minimal", "wait=5", "nonsense", ""])
def test_other_preferences_change_nothing(billing: Mock, preference: str) -> None:
    with billing.client(Prefer=preference) as client:
        assert client.post("/billing/usage", json=USAGE).status_code == 201


def test_documents(billing: Mock) -> None:
    with billing.client() as client:
        for name in ("openapi.json", "asyncapi.json"):
            assert client.get(f"/{name}").content == (ROOT / "generated" / name).read_bytes()
            assert client.post(f"/{name}").status_code == 405


def test_the_end_of_an_operation_is_told(shapes: Mock) -> None:
    with shapes.client() as client:
        for answer in (client.post(ORDER, json=LINES), client.post(ORDER, json=1)):
            assert answer.headers["Deprecation"] == "@1793491200"
            assert answer.headers["Sunset"] == "Wed, 30 Jun 2027 00:00:00 GMT"


def test_answers_that_may_be_kept(billing: Mock) -> None:
    with billing.client() as client:
        whole = client.get("/billing/usage")
        assert (whole.headers["Cache-Control"], whole.headers["Vary"]) == (
            "private, max-age=10",
            "Authorization, Treaty-Tenant",
        )
        again = client.get("/billing/usage", headers={"If-None-Match": whole.headers["ETag"]})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", whole.headers["ETag"])
        assert client.get("/billing/usage", headers={"If-None-Match": '"other"'}).status_code == 200
        assert client.post("/billing/usage", json=USAGE).headers["Cache-Control"] == "no-store"


def test_all_pages_are_one_file(billing: Mock, shapes: Mock) -> None:
    with billing.client() as client:
        answer = client.get(
            "/billing/usage/records/export", params={"feature": "api_calls", "billingPeriod": "2026-11"}
        )
        assert client.get("/billing/usage/records/export").json()["code"] == "invalid"
        again = client.get("/billing/usage/records/export", params={"feature": "api_calls", "cursor": "x"})
        assert again.json()["code"] == "invalid"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="usage-list.csv"'
    head, line, end = answer.text.split("\r\n")
    assert head == "id,quantity,idempotencyKey,occurredAt,recordedAt,billingPeriod,sourceId,voids"
    assert line.endswith(",1,abc-123,2026-11-20T12:00:00Z,2026-11-20T12:00:00Z,2026-11,,")
    assert end == ""
    with shapes.client() as client:
        answer = client.get("/shops/acme/orders.csv")
    assert answer.text.startswith("order,note,total,class,tags,anything\r\n")
    assert answer.headers["cache-control"] == "no-store"
    assert json.loads(answer.headers["treaty-with"]).keys() == {"spent", "from"}
