"""Requests that are not as they should be, and callers who are not either."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from tests.mock.conftest import PATIENCE, Mock

USAGE: dict[str, Any] = {"feature": "api_calls", "quantity": 1, "idempotencyKey": "abc-123"}
JSON = {"Content-Type": "application/json"}


def raw(mock: Mock, text: bytes) -> bytes:
    """Everything that is answered to some bytes."""
    host, _, port = mock.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


@pytest.mark.parametrize("authorization", ["", "Basic YTpi", "Bearer", "Bear x"])
def test_somebody_has_to_say_who_they_are(billing: Mock, authorization: str) -> None:
    with billing.client(Authorization=authorization) as client:
        answer = client.post("/billing/usage", json=USAGE)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_anybody_may_call_what_is_for_anybody(shapes: Mock) -> None:
    with shapes.client(Authorization="") as client:
        assert client.put("/ping").is_success
        assert client.patch("/price", json={}).status_code == 401


def test_whose_organization_it_is_is_believed_if_it_is_one(billing: Mock) -> None:
    with billing.client(**{"Treaty-Tenant": "018f0000-0000-7000-8000-000000000001"}) as client:
        assert client.get("/billing/usage").status_code == 200
    with billing.client(**{"Treaty-Tenant": "acme"}) as client:
        assert client.get("/billing/usage").json()["code"] == "not_found"


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/billing", "/billing/usage/x", "/billing/features/", "//billing/usage"]
)
def test_there_is_nothing_here(billing: Mock, path: str) -> None:
    with billing.client() as client:
        answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/billing/usage/", "/billing/%75sage"])
def test_other_spellings_of_a_path(billing: Mock, path: str) -> None:
    with billing.client() as client:
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/billing/features/%ff", "/billing/features/%zz"])
def test_paths_that_say_nothing(billing: Mock, path: str) -> None:
    assert raw(billing, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("method", ["DELETE", "PUT", "TRACE", "BREW"])
def test_other_methods(billing: Mock, method: str) -> None:
    with billing.client() as client:
        answer = client.request(method, "/billing/usage")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_head_and_options(billing: Mock) -> None:
    with billing.client() as client:
        answer = client.head("/billing/usage")
        assert (answer.status_code, answer.content) == (200, b"")
        assert int(answer.headers["Content-Length"]) > 100
        answer = client.options("/billing/usage")
        assert (answer.status_code, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")
        assert client.options("/nothing").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content-Type": "text/plain"}, {**JSON, "Content-Encoding": "gzip"}, {"Content-Type": "application/jsonx"}],
)
def test_other_types(billing: Mock, headers: dict[str, str]) -> None:
    with billing.client() as client:
        answer = client.post("/billing/usage", content=json.dumps(USAGE), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [b"", b"  ", b"{", b"\xff", b'{"a": NaN}', b'{"a": 1, "a": 2}', b"[" * 100_000, b"[" * 100 + b"]" * 100],
    ids=["none", "blank", "half", "bytes", "nan", "twice", "deep", "nested"],
)
def test_what_is_no_json(billing: Mock, body: bytes) -> None:
    with billing.client() as client:
        answer = client.post("/billing/usage", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"feature": None}, "feature", "must not be null; leave it out instead"),
        ({"feature": 1}, "feature", "must be a string"),
        ({"feature": "x" * 65}, "feature", "must have 64 characters or fewer"),
        ({"feature": "\0"}, "feature", "must not contain NUL"),
        ({"quantity": "1"}, "quantity", "must be an integer"),
        ({"quantity": 10**400}, "quantity", "must be at most 9223372036854775807"),
        ({"quantity": 2**63}, "quantity", "must be at most 9223372036854775807"),
        ({"occurredAt": "yesterday"}, "occurredAt", "must be a date-time with an offset, such as 2026-01-31T12:00:00Z"),
        ({"more": 1}, "more", "is unknown"),
    ],
)
def test_what_does_not_fit(billing: Mock, change: dict[str, Any], field: str, message: str) -> None:
    with billing.client() as client:
        answer = client.post("/billing/usage", content=json.dumps({**USAGE, **change}), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert {"field": field, "message": message} in answer.json()["errors"]


def test_every_mistake_is_named(billing: Mock) -> None:
    with billing.client() as client:
        answer = client.post("/billing/usage?x=1", json={"feature": 1, "quantity": "1", "more": 1})
    assert {error["field"] for error in answer.json()["errors"]} == {
        "feature",
        "quantity",
        "idempotencyKey",
        "more",
        "x",
    }


@pytest.mark.parametrize("body", ["[]", "1", '"x"', "null", '"\\ud800"', '{"\\ud800": 1}', "1" * 5000])
def test_what_is_no_object(billing: Mock, body: str) -> None:
    with billing.client() as client:
        assert client.post("/billing/usage", content=body, headers=JSON).status_code == 422


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("most=x", "most"),
        ("most=1&most=2", "most"),
        ("most=01", "most"),
        ("paid=yes", "paid"),
        ("currency=EUR&currency=XXX", "currency.1"),
        ("more=1", "more"),
    ],
)
def test_parameters_that_do_not_fit(shapes: Mock, query: str, field: str) -> None:
    with shapes.client() as client:
        answer = client.get(f"/orders?{query}")
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_field_of_the_path_is_none_of_the_body(shapes: Mock) -> None:
    with shapes.client(**{"Idempotency-Key": "k"}) as client:
        answer = client.post("/customers/x/orders", json={"lines": [{"sku": "a"}], "customer": "x"})
    assert {error["field"] for error in answer.json()["errors"]} == {"customer"}
    assert len(answer.json()["errors"]) == 2


def test_a_query_that_is_too_long(shapes: Mock) -> None:
    with shapes.client() as client:
        assert client.get("/orders?" + "&".join(f"x{n}=1" for n in range(1001))).status_code == 400
        assert client.get("/orders?x=%ff").status_code == 400


def test_a_body_that_is_too_long(billing: Mock) -> None:
    with billing.client() as client:
        answer = client.post("/billing/usage", content=b" " * 1_048_577, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
        assert client.post("/billing/usage", json=USAGE).status_code == 201


def test_a_body_in_pieces(billing: Mock) -> None:
    text = json.dumps(USAGE).encode()
    with billing.client() as client:
        answer = client.post("/billing/usage", content=iter([text[:5], text[5:]]), headers=JSON)
        assert answer.status_code == 201
        assert client.post("/billing/usage", content=iter([b" " * 999_999] * 2), headers=JSON).status_code == 413


def test_a_caller_who_asks_before_sending_a_body(billing: Mock) -> None:
    host, _, port = billing.address.removeprefix("http://").partition(":")
    body = json.dumps(USAGE).encode()
    head = (
        f"POST /billing/usage HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(100).startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize(
    "text",
    [
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /billing/usage HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf",
        b"POST /billing/usage HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /billing/usage HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
    ],
)
def test_what_is_no_http(billing: Mock, text: bytes) -> None:
    answer = raw(billing, text)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 4" in head.splitlines()[0], answer[:300]
    assert b"application/problem+json" in head
    assert json.loads(body)["code"] in ("malformed", "payload_too_large")


def test_a_caller_who_hangs_up(billing: Mock) -> None:
    host, _, port = billing.address.removeprefix("http://").partition(":")
    for text in (b"", b"GET / HT", b"POST /billing/usage HTTP/1.1\r\nContent-Length: 99\r\n\r\nx"):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(text)
    with billing.client() as client:
        assert client.get("/billing/usage").status_code == 200


def test_every_answer_names_its_request(billing: Mock) -> None:
    with billing.client(**{"X-Request-Id": "mine-1"}) as client:
        assert client.get("/billing/usage").headers["X-Request-Id"] == "mine-1"
        assert client.get("/nothing").json()["requestId"] == "mine-1"
    with billing.client(**{"X-Request-Id": "no good!"}) as client:
        assert client.get("/nothing").json()["requestId"] != "no good!"
