"""What a request may look like: every type, every place, and everything that is refused without a crash."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests.runtime_http.conftest import Notes, code
from tests.support.raw_http import exchange, request

JSON = {"Content-Type": "application/json"}


def echo(service: Notes, body: bytes | dict[str, Any], query: str = "", **more: Any) -> httpx.Response:
    """Send a body to the operation that sends everything back."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return service.send("POST", f"/echo/here{query}", content=content, headers={**JSON, **more})


def complaints(answer: httpx.Response) -> dict[str, str]:
    """What was wrong, by field."""
    assert code(answer) == (422, "invalid")
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


def test_every_type_travels_unchanged(service: Notes) -> None:
    sent = {
        "text": "é\u2028\U0001f600", "longText": "x" * 5000, "class": "keyword", "integer": -(2**63), "number": 0.1,
        "decimal": "-12.50", "flag": False, "moment": "2026-01-31T12:00:00.5Z", "day": "2024-02-29",
        "span": "P1DT2H30M0.5S", "identifier": "018f0000-0000-7000-8000-0000000000a1", "url": "https://a.example/%C3%BC?b#c",
        "email": "a@b.example", "anything": {"a": [None, 1.5, "", {}]}, "colour": "red",
        "inner": {"deepText": "d", "numbers": [1, 2]}, "inners": [{"deepText": ""}], "map": {"ключ": 1}, "coded": "AB",
        "even": 4, "Odd-Name": "odd",
    }  # fmt: skip
    answer = echo(service, sent, "?times=3&share=1e2&loud=true&tags=a&tags=b", **{"X-Desk": "7"})
    expected = {
        **sent,
        "moment": "2026-01-31T12:00:00.500000Z",
        "place": "here",
        "times": 3,
        "share": 100.0,
        "loud": True,
    }
    assert answer.json() == {**expected, "tags": ["a", "b"], "desk": 7}


@pytest.mark.parametrize(
    ("field", "written", "read"),
    [
        ("integer", "12.0", 12), ("integer", "1e3", 1000), ("integer", "-0", 0), ("integer", "-0.0", 0),
        ("number", "5", 5.0), ("number", "1E2", 100.0), ("number", "1e-400", 0.0),
        ("moment", '"2026-01-31t12:00:00+02:00"', "2026-01-31T10:00:00Z"),
        ("moment", '"2026-01-31T12:00:00.123456789Z"', "2026-01-31T12:00:00.123456Z"),
        ("span", '"PT90M"', "PT1H30M"), ("span", '"P0D"', "PT0S"), ("span", '"PT36H"', "P1DT12H"),
        ("anything", "[]", []), ("anything", "0", 0), ("anything", "9" * 4000, int("9" * 4000)),
        ("text", r'"\ud83d\ude00"', "\U0001f600"), ("text", '""', ""),
    ],
)  # fmt: skip
def test_spellings_that_mean_the_same(service: Notes, field: str, written: str, read: Any) -> None:
    answer = echo(service, f'{{"{field}": {written}}}'.encode())
    assert answer.status_code == 200, answer.text
    assert answer.json()[field] == read


WRONG: dict[str, list[str]] = {
    "text": ["1", "true", "[]", "{}", '"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800"', json.dumps("x" * 1001)],
    "longText": [json.dumps("x" * 5001)],
    "integer": ['"1"', "1.5", "true", "9223372036854775808", "-9223372036854775809", "1e400", "9" * 400, "1e300"],
    "number": ['"1"', "true", "1e400", "-1e999", "9" * 400, "[1]"],
    "decimal": ["1", "1.5", '"1e5"', '"NaN"', '"Infinity"', '" 1"', '"+1"', '"1."', '".5"', '"٣"', f'"{"9" * 29}"'],
    "flag": ["0", "1", '"true"', "[]"],
    "moment": [
        "0", '"0"', '"now"', '"2026-01-31"', '"2026-01-31T12:00:00"', '"2026-02-30T00:00:00Z"', '"2026-01-31T12:00Z"',
        '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-14:00"', '"0000-01-01T00:00:00Z"',
        '"10000-01-01T00:00:00Z"',
        '"2026-01-31T12:00:60Z"', '"2026-01-31T24:00:00Z"', '"2026-01-31 12:00:00Z"', '"2026-01-31T12:00:00+24:00"',
    ],
    "day": ["0", '"0"', '"2026-02-30"', '"2026-1-1"', '"2026-01-31T00:00:00Z"', '"20260131"'],
    "span": ["5", '"5"', '"P"', '"PT"', '"P1DT"', '"P1Y"', '"-P1D"', '"1:00"', '"P1W"', '"P10000000D"', '"p1d"'],
    "identifier": ["1", '"x"', '""', '"018f0000-0000-7000-8000-0000000000ag"'],
    "url": ['"ftp://a"', '"https://"', '"https://a b"', '"javascript:alert(1)"', json.dumps("https://" + "a" * 2000)],
    "email": ['"a"', '"a@"', '"a b@c"', '"a@b@c"'],
    "anything": ['"\\u0000"', '{"\\u0000": 1}', '["\\udfff"]', "1e400", '{"a": [-1e999]}'],
    "colour": ['"green"', '"RED"', "1"],
    "inner": ["1", "[]", "{}", '{"deepText": "a", "deep_text": "b"}', '{"deep_text": "b"}', '{"deepText": null}'],
    "inners": ["{}", "[1]", '[{"deepText": 1}]'],
    "map": ["[]", '{"a": "1"}', '{"a": null}', '{"a\\u0000": 1}', json.dumps({"k" * 1001: 1})],
    "coded": ['"ab"', '"ABC"', '"A"', '"AB\\n"'],
    "even": ["3", "0.5"],
}  # fmt: skip


def _wrong() -> Iterator[Any]:
    for field, values in WRONG.items():
        for value in [*values, "null"]:
            yield pytest.param(field, value, id=f"{field}-{value[:40]}")


@pytest.mark.parametrize(("field", "written"), list(_wrong()))
def test_values_that_break_the_schema(service: Notes, field: str, written: str) -> None:
    answer = echo(service, f'{{"{field}": {written}}}'.encode())
    fields = complaints(answer)
    assert all(name.split(".")[0] == field for name in fields), fields
    assert not any("Value error" in message or "Input should" in message for message in fields.values())


def test_complaints_name_the_wire_s_names_and_no_values(service: Notes) -> None:
    secret = "hunter2"
    body = {
        "integer": secret, "moment": secret, "identifier": secret, "colour": secret, "email": secret, "decimal": secret,
        "inners": [{"deepText": "ok"}, {"deepText": 1, "numbers": [1, secret]}], "map": {"a": secret},
        "unknown": secret, "odd_name": secret, "class_": secret, "coded": secret, "longText": 5, "span": secret,
    }  # fmt: skip
    answer = echo(service, body, f"?times={secret}&loud={secret}&other={secret}", **{"X-Desk": secret})
    fields = complaints(answer)
    assert fields == {
        "integer": "must be an integer",
        "moment": 'must be a date-time with an offset, such as "2026-01-31T12:00:00Z"',
        "identifier": "must be a UUID",
        "colour": "must be one of 'red' or 'blue'",
        "email": 'must be an email address, such as "ann@example.org"',
        "decimal": 'must be a decimal number in a string, such as "12.50"',
        "inners.1.deepText": "must be a string",
        "inners.1.numbers.1": "must be an integer",
        "map.a": "must be an integer",
        "unknown": "is unknown",
        "odd_name": "is unknown",
        "class_": "is unknown",
        "coded": "must match ^[A-Z]{2}$",
        "longText": "must be a string",
        "span": 'must be an ISO 8601 duration in days and smaller, such as "P1DT2H30M"',
        "times": "must be an integer",
        "loud": "must be true or false",
        "other": "is unknown in the query string",
        "desk": "must be an integer",
    }
    assert secret not in answer.text


def test_a_flood_of_complaints_is_cut(service: Notes) -> None:
    answer = echo(service, {f"{number}-{'x' * 400}": 1 for number in range(200)})
    errors = answer.json()["errors"]
    assert len(errors) == 50
    assert max(len(error["field"]) for error in errors) <= 201


@pytest.mark.parametrize(
    "query",
    [
        "unknown=1", "times=1&times=2", "times=", "times=1.0", "times=+1", "times=%201", "times=0x1", "times=1_0",
        "times=01", "times=%D9%A1", "times=" + "9" * 5000, "times=0", "times=-1", "share=NaN", "share=inf",
        "share=1e999",
        "share=.5", "share=1,5", "loud=True", "loud=1", "loud=", "tags=a&tags=b&tags=c", "tags=toolong", "tags=%00",
        "tags[]=a", "Times=1", "text=a", "place=a", "=", "&".join(f"a{number}=1" for number in range(1000)),
    ],
)  # fmt: skip
def test_query_strings_are_read_strictly(service: Notes, query: str) -> None:
    assert code(echo(service, {}, f"?{query}")) == (422, "invalid")


@pytest.mark.parametrize("query", ["tags=%ff", "tags=%ed%a0%80", "&".join(f"a{number}=1" for number in range(1001))])
def test_query_strings_that_cannot_be_read(service: Notes, query: str) -> None:
    assert code(echo(service, {}, f"?{query}")) == (400, "malformed")


def test_lists_and_blanks_in_query_strings(service: Notes) -> None:
    assert echo(service, {}, "?tags=a+b&tags=").json()["tags"] == ["a b", ""]
    assert echo(service, {}, "?tags=%2B").json()["tags"] == ["+"]
    assert "tags" not in echo(service, {}).json()


def test_headers_are_read_strictly(service: Notes) -> None:
    address = service.replicas[0].server.address
    for values, status in (([b"5"], 200), ([b"10"], 422), ([b"5", b"5"], 422), ([b"x"], 422), ([b"\xff"], 400)):
        lines = b"".join(b"X-Desk: " + value + b"\r\n" for value in values)
        sent = request(b"POST /echo/here", JSON, b"{}").replace(b"Host:", lines + b"Host:", 1)
        assert service.run(_in_thread(address, sent)) == status


async def _in_thread(address: str, sent: bytes) -> int:
    return (await asyncio.to_thread(exchange, address, sent)).status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/echo/h%C3%A9", 200), ("/echo/toolong", 422), ("/echo/a%00", 422), ("/echo/a%2Fb", 404), ("/echo/a%2F", 404),
        ("//echo/a", 404), ("/echo//a", 404), ("/echo/a/", 200), ("/echo/", 404), ("/ECHO/a", 404), ("/echo/%20", 200),
    ],
)  # fmt: skip
def test_paths_have_one_spelling(service: Notes, path: str, status: int) -> None:
    address = service.replicas[0].server.address
    assert service.run(_in_thread(address, request(f"POST {path}".encode(), JSON, b"{}"))) == status


def test_a_parameter_has_one_place(service: Notes) -> None:
    for field, value in (("place", "there"), ("times", 3), ("tags", ["a"]), ("desk", 5)):
        assert complaints(echo(service, {field: value}))[field] == "is unknown in the body"


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"1", b"true", b'[{"text": "a"}]'])
def test_a_body_is_an_object(service: Notes, body: bytes) -> None:
    assert "must be an object" in complaints(echo(service, body)).values()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"  ", b"{", b"{}x", b"{}{}", b"{'a': 1}", b'{"text": "a",}', b'{"text": NaN}', b'{"number": Infinity}',
        b'{"number": -Infinity}', b"\x00", b'{"text": "\xff"}', b'{"text": "\xed\xa0\x80"}', b'{"text": "a\nb"}',
        '{"text": "a"}'.encode("utf-16"), b"\xef\xbb\xbf{}", b'{"integer": 01}', b'{"integer": +1}', b'{"text": "\\x"}',
        b'{"text": "a", "text": "b"}', b'{"anything": {"a": 1, "a": 2}}', b"[" * 50_000, b'{"a":' * 10_000,
        b'{"anything": ' + b"[" * 65 + b"]" * 65 + b"}", b'{"anything": ' + b"[" * 40_000 + b"]" * 40_000 + b"}",
        b'{"anything": ' + b'{"a":' * 2000 + b"1" + b"}" * 2000 + b"}",
    ],
)  # fmt: skip
def test_bodies_that_cannot_be_read(service: Notes, body: bytes) -> None:
    assert code(echo(service, body)) == (400, "malformed")


def test_nesting_has_a_limit(service: Notes) -> None:
    within = b'{"anything": ' + b"[" * 63 + b"]" * 63 + b"}"
    assert echo(service, within).status_code == 200
    wide = b'{"anything": [' + b",".join([b"[[[]]]"] * 5000) + b"]}"
    assert echo(service, wide).status_code == 200
    in_a_string = json.dumps({"longText": "[{" * 2000}).encode()
    assert echo(service, in_a_string).status_code == 200


def test_numbers_of_thousands_of_digits(service: Notes) -> None:
    for field in ("integer", "anything"):
        assert code(echo(service, f'{{"{field}": {"9" * 90_000}}}'.encode())) == (422, "invalid")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json"}, 200), ({"Content-Type": "APPLICATION/JSON ; charset=UTF-8"}, 200),
        ({"Content-Type": 'application/json;charset="utf-8"'}, 200), ({}, 415), ({"Content-Type": ""}, 415),
        ({"Content-Type": "text/plain"}, 415), ({"Content-Type": "application/json; charset=latin-1"}, 415),
        ({"Content-Type": "application/vnd.api+json"}, 415), ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "identity"}, 200),
    ],
)  # fmt: skip
def test_bodies_are_json_and_say_so(service: Notes, headers: dict[str, str], status: int) -> None:
    answer = service.send("POST", "/echo/here", content=b"{}", headers=headers)
    assert answer.status_code == status
    if status == 415:
        assert code(answer) == (415, "unsupported_media_type")


def test_bodies_have_a_longest_length(service: Notes) -> None:
    limit = service.settings.max_body_bytes
    assert echo(service, b"{" + b" " * (limit - 2) + b"}").status_code == 200
    assert code(echo(service, b"{" + b" " * (limit - 1) + b"}")) == (413, "payload_too_large")


def test_the_longest_length_holds_for_chunks_too(service: Notes) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 10_000
            yield b" " * 10_000

    answer = service.send("POST", "/echo/here", content=chunks(), headers=JSON)
    assert code(answer) == (413, "payload_too_large")


def test_a_body_where_none_belongs_is_ignored(service: Notes) -> None:
    answer = service.send("GET", "/who/anybody", content=b"[" * 500_000, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 200


def test_a_client_that_goes_away_in_the_middle_leaves_no_trace(service: Notes) -> None:
    address = httpx.URL(service.replicas[0].server.address)
    with socket.create_connection((address.host, address.port or 80)) as connection:
        connection.sendall(request(b"POST /echo/here", JSON, b"{", length=b"1000"))
    while not service.logged("request"):
        service.run(_a_moment())
    assert not service.logged("request_failed")


async def _a_moment() -> None:
    await asyncio.sleep(0.01)
