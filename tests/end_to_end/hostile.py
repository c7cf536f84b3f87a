"""Requests that nobody means well with: malformed, oversized, nested, smuggled, forged.

Each case names what it tries and which statuses are right. None of them may ever be answered with 5xx.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["BODIES", "BYTES", "CONTENT_TYPES", "HEADERS", "PATHS", "QUERIES", "TOKENS", "Case"]


@dataclass(frozen=True, slots=True)
class Case:
    """One request: `line` is method and target; `authorized` sends the caller's valid token."""

    name: str
    statuses: tuple[int, ...]
    line: bytes = b"POST /billing/usage"
    headers: Mapping[str, str | bytes] = field(default_factory=dict)
    body: bytes = b""
    length: bytes | None = None
    authorized: bool = True


JSON = {"Content-Type": "application/json"}
GOOD = {"feature": "api_calls", "quantity": 1, "idempotencyKey": "hostile"}


def _good(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def _raw(name: str, text: str) -> bytes:
    """A body in which one field's value is `text`, unquoted."""
    others = {key: value for key, value in GOOD.items() if key != name}
    return f'{json.dumps(others)[:-1]}, "{name}": {text}}}'.encode()


def _bodies() -> Iterator[Case]:
    malformed = {
        "an empty body": b"",
        "white space": b"   ",
        "half an object": b'{"feature": "api_calls"',
        "a trailing comma": b'{"feature": "api_calls",}',
        "trailing garbage": _good() + b"garbage",
        "two documents": _good() + _good(),
        "single quotes": b"{'feature': 'api_calls'}",
        "a comment": b"/* */" + _good(),
        "not UTF-8": b'{"feature": "\xff\xfe"}',
        "overlong UTF-8": b'{"feature": "\xc0\xaf"}',
        "UTF-16": _good().decode().encode("utf-16"),
        "a raw control character": b'{"feature": "a\x01b", "quantity": 1, "idempotencyKey": "k"}',
        "a raw NUL": b"\x00",
        "NaN": _raw("quantity", "NaN"),
        "Infinity": _raw("quantity", "-Infinity"),
        "a number with a plus": _raw("quantity", "+1"),
        "a number with zeros before": _raw("quantity", "0001"),
        "100,000 open arrays": b"[" * 100_000,
        "100,000 open objects": b'{"a":' * 100_000,
        "50,000 nested arrays in a field": _raw("metadata", "[" * 50_000 + "]" * 50_000),
        "5,000 nested objects in a field": _raw("metadata", '{"a":' * 5_000 + "1" + "}" * 5_000),
    }
    for name, body in malformed.items():
        yield Case(name, (400,), headers=JSON, body=body)
    invalid = {
        "null": b"null", "an array": b"[]", "a string": b'"feature"', "a number": b"1", "true": b"true",
        "an array of bodies": b"[" + _good() + b"]",
        "an empty object": b"{}",
        "an unknown field": _good(extra=1),
        "__proto__": _raw("__proto__", '{"admin": true}'),
        "a Python attribute": _good(model_config={}),
        "the Python name of a field": b'{"feature": "api_calls", "quantity": 1, "idempotency_key": "k"}',
        "null for a field": _good(quantity=None),
        "null for an optional field": _good(sourceId=None),
        "a string for a number": _good(quantity="1"),
        "true for a number": _good(quantity=True),
        "a fraction": _good(quantity=1.5),
        "a negative number": _good(quantity=-1),
        "2 to the 63": _good(quantity=2**63),
        "a number of 4,000 digits": _raw("quantity", "9" * 4_000),
        "a number of 100,000 digits": _raw("quantity", "9" * 100_000),
        "1e400": _raw("quantity", "1e400"),
        "1e308": _raw("quantity", "1e308"),
        "1e999999999": _raw("quantity", "1e999999999"),
        "-1e999999999": _raw("quantity", "-1e999999999"),
        "minus 2 to the 63 and 1": _good(quantity=-(2**63) - 1),
        "2 to the 64": _good(quantity=2**64),
        "an array for a number": _good(quantity=[1]),
        "an object for a string": _good(feature={"a": 1}),
        "a number for a string": _good(feature=1),
        "a string with NUL": _raw("feature", r'"a\u0000b"'),
        "a lone high surrogate": _raw("feature", r'"\ud800"'),
        "a lone low surrogate": _raw("feature", r'"\udc00x"'),
        "surrogates the wrong way round": _raw("feature", r'"\udc00\ud800"'),
        "a long string": _good(feature="f" * 65),
        "a very long string": _good(feature="f" * 500_000),
        "an empty key": _good(idempotencyKey=""),
        "a long key": _good(idempotencyKey="k" * 101),
        "no date-time": _good(occurredAt="yesterday"),
        "a date": _good(occurredAt="2026-01-01"),
        "a time without zone": _good(occurredAt="2026-01-01T00:00:00"),
        "the 30th of February": _good(occurredAt="2026-02-30T00:00:00Z"),
        "the year 0": _good(occurredAt="0000-01-01T00:00:00Z"),
        "the year 10000": _good(occurredAt="10000-01-01T00:00:00Z"),
        "seconds since 1970": _good(occurredAt=1767225600),
        "a time before the first in UTC": _good(occurredAt="0001-01-01T00:00:00+23:59"),
        "a time after the last in UTC": _good(occurredAt="9999-12-31T23:59:59-23:59"),
        "NUL in free JSON": _raw("metadata", r'{"a": "\u0000"}'),
        "NUL in a name in free JSON": _raw("metadata", r'{"\u0000": 1}'),
        "a lone surrogate in free JSON": _raw("metadata", r'{"a": ["\udfff"]}'),
    }  # fmt: skip
    for name, body in invalid.items():
        yield Case(name, (422,) if b"surrogate" not in name.encode() else (400, 422), headers=JSON, body=body)
    # What JSON allows but stores differently: refused or taken, never a crash.
    for name, body in {
        "a duplicate field": b'{"feature": "api_calls", "quantity": 1, "quantity": 2, "idempotencyKey": "twice"}',
        "a byte order mark": b"\xef\xbb\xbf" + _good(),
        "1e400 in free JSON": _raw("metadata", "1e400"),
        "4,000 digits in free JSON": _raw("metadata", "9" * 4_000),
        "a million small items": _raw("metadata", "[" + "0," * 400_000 + "0]"),
        "100,000 names": _raw("metadata", json.dumps({str(i): 0 for i in range(60_000)})),
        "1e-400": _raw("quantity", "1e-400"),  # which is zero
        "1e-400 in free JSON": _raw("metadata", "1e-400"),
        "1e999999999 in free JSON": _raw("metadata", "1e999999999"),
        "2 to the 64 in free JSON": _raw("metadata", str(2**64)),
    }.items():
        yield Case(name, (201, 400, 409, 413, 422), headers=JSON, body=body)
    yield Case("two megabytes", (413,), headers=JSON, body=_good(sourceId="s" * 2_000_000))
    yield Case("ten megabytes", (413,), headers=JSON, body=b"[" * 10_000_000)
    chunk = b"80000\r\n" + b"[" * 0x80000 + b"\r\n"
    yield Case("ten megabytes in chunks", (413,), headers={**JSON, "Transfer-Encoding": "chunked"}, body=chunk * 20)
    yield Case("ten megabytes for who is not let in", (401,), headers=JSON, body=b"[" * 10_000_000, authorized=False)
    yield Case("ten megabytes for a path that is not there", (404,), line=b"POST /nothing", body=b"[" * 10_000_000)
    yield Case(
        "two megabytes in chunks",
        (413,),
        headers={**JSON, "Transfer-Encoding": "chunked"},
        body=(b"10000\r\n" + b" " * 65_536 + b"\r\n") * 32 + b"0\r\n\r\n",
    )
    yield Case("a length of two megabytes and no body", (413,), headers=JSON, body=b"{}", length=b"2000000")


def _content_types() -> Iterator[Case]:
    for name in (
        "text/plain", "text/html", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/xml", "application/jsonp", "application/octet-stream", "json", "", "/", "application/",
        "application/json, text/plain", "application/json\tx", "a" * 5_000, "application/json; charset=utf-16",
        "application/x-msgpack", "*/*",
    ):  # fmt: skip
        yield Case(f"content type {name[:40]!r}", (415,), headers={"Content-Type": name}, body=_good())
    yield Case("no content type", (415,), body=_good())
    for first, second in (("application/json", "text/plain"), ("text/plain", "application/json")):
        yield Case(
            f"{first} and {second}", (400,), headers={"Content-Type": first, "content-type": second}, body=_good()
        )
    two = {"Content-Encoding": "identity", "content-encoding": "gzip"}
    yield Case("two content encodings", (400,), headers={**JSON, **two}, body=_good())
    yield Case("a content type that is not ASCII", (415,), headers={"Content-Type": b"\xff\xfe"}, body=_good())
    yield Case("a compressed body", (400, 415), headers={**JSON, "Content-Encoding": "gzip"}, body=b"\x1f\x8b\x08junk")


def _paths() -> Iterator[Case]:
    for target in (
        "/nothing", "/billing", "/billing/", "//billing/usage", "/billing//usage", "/billing/usage/x",
        "/billing/../billing/usage/x", "/billing/%2e%2e/etc/passwd", "/../../etc/passwd", "/billing/usage%00",
        "/billing/usage%0d%0aX-Evil:%201", "/billing/usage;x=1", "/billing/usage%2f..", "/%", "/%zz", "/%ff%fe",
        "/billing\\usage", "/docs/../../pyproject.toml", "/docs/%2e%2e/%2e%2e/pyproject.toml", "/docs/..%2f..%2fx",
        "/openapi.json/x", "/openapi.yaml", "/schema", "/.env", "/metrics.php", "/" + "a" * 20_000, "/" + "a/" * 5_000,
        "/BILLING/USAGE",
    ):  # fmt: skip
        yield Case(f"path {target[:50]!r}", (400, 404, 414), line=f"GET {target}".encode())
    for target in ("%00", "%ff", "%ed%a0%80", "a" * 65, "a%2fb", "%c0%ae%c0%ae", "%", "%f"):
        yield Case(f"path parameter {target[:20]!r}", (400, 404, 422), line=f"GET /billing/features/{target}".encode())
    for target in ("..", "%2e%2e", "%0d%0aSet-Cookie:%20a=b", "%27%3B--", "%3Cscript%3E", "%25"):  # only odd names
        yield Case(f"path parameter {target[:20]!r}", (200,), line=f"GET /billing/features/{target}".encode())
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "LOCK"):
        yield Case(f"method {method}", (400, 405), line=f"{method} /billing/usage".encode())
    yield Case("another host in the target", (200, 404), line=b"GET http://evil.example/billing/usage")


def _queries() -> Iterator[Case]:
    for query in (
        "period=", "period=2026-13", "period=2026-1", "period[]=2026-01", "period=2026-01&period=2026-02", "unknown=1",
        "PERIOD=2026-01", "period=%00", "period=%ff", "period=2026-01%0d%0aX: 1".replace(" ", "%20"), "period=null",
        "period=" + "9" * 20_000, "=", "=x", "&".join(f"a{i}=1" for i in range(1_000)), "period=2026-01%0A", "%",
        "period=%E2%80%AE2026-01", "period=%D9%A22026-01", "period=1e999999999", "period=%ed%a0%80",
    ):  # fmt: skip
        yield Case(f"query {query[:40]!r}", (400, 414, 422), line=f"GET /billing/usage?{query}".encode())


def _segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _tokens() -> Iterator[Case]:
    claims = {"sub": "mallory", "iss": "treaty", "aud": "treaty", "exp": 4_000_000_000}
    forged = f"{_segment({'alg': 'none', 'typ': 'JWT'})}.{_segment(claims)}."
    for value in (
        "", "Bearer", "Bearer ", "Bearer  ", "bearer x", "Basic YTpi", "Negotiate x", "Bearer a.b", "Bearer a.b.c",
        "Bearer ..", "Bearer " + "." * 100, "Bearer a b", f"Bearer {forged}",
        f"Bearer {_segment({'alg': 'RS256', 'kid': '../../etc/passwd'})}.{_segment(claims)}.AAAA",
        f"Bearer {_segment({'alg': 'HS256', 'jku': 'http://evil.example/keys'})}.{_segment(claims)}.AAAA",
        f"Bearer {_segment([])}.{_segment([])}.AAAA", f"Bearer {_segment('x')}.{_segment(1)}.", "Bearer tk_",
        "Bearer tk__", "Bearer tk_x_y", "Bearer tk_" + "a" * 500, "Bearer tk_%_%", "Bearer tk_'; DROP TABLE x;--_y",
        "Bearer " + "A" * 30_000, f"Bearer {_segment({'alg': 'HS256'})}.{'A' * 10_000}.AAAA", "Bearer é.é.é",
        "Bearer x, Bearer y",
    ):  # fmt: skip
        yield Case(
            f"authorization {value[:40]!r}",
            (400, 401, 429, 431),
            line=b"GET /billing/usage",
            headers={"Authorization": value},
            authorized=False,
        )
    yield Case("two authorizations", (400,), line=b"GET /billing/usage", headers={"authorization": "Bearer x"})
    for raw in (b"Bearer \xff\xfe", b"Bearer tk_\xff_\xfe", b"\xf0\x9f\x92\xa9"):
        yield Case(
            f"authorization {raw!r}",
            (400, 401, 429),
            line=b"GET /billing/usage",
            headers={"Authorization": raw},
            authorized=False,
        )


def _headers() -> Iterator[Case]:
    for name, value in (
        ("X-Request-Id", "x" * 10_000), ("X-Request-Id", "<script>"), ("X-Request-Id", b"\xff\xfe"),
        ("X-Request-Id", "a b\tc"), ("X-Request-Id", ""), ("X-Forwarded-For", "'; DROP TABLE x;--"),
        ("X-Forwarded-For", "1.2.3.4, " * 500), ("Forwarded", 'for="'), ("Cookie", "a=" + "b" * 8_000),
        ("Cookie", b"\xff=\xfe;;;=\"\\"), ("Accept", "text/html"), ("Accept", "//;"), ("Accept-Charset", "*" * 900),
        ("If-None-Match", '"' * 99), ("Range", "bytes=0-0,-1"), ("X-HTTP-Method-Override", "DELETE"),
        ("Traceparent", "00-zz"), ("Host", "evil.example:99999"), ("Origin", "null"), ("Expect", "nonsense"),
    ):  # fmt: skip
        yield Case(
            f"header {name}: {value[:30]!r}",
            (200, 400, 406, 417, 431),
            line=b"GET /billing/usage",
            headers={name: value},
        )
    for value in ("x", "", "%00", "00000000-0000-0000-0000-00000000000", "' OR 1=1", "é", "a" * 10_000):
        yield Case(
            f"tenant {value[:20]!r}", (400, 404, 422), line=b"GET /billing/usage", headers={"Treaty-Tenant": value}
        )
    tenant = "018f0000-0000-7000-8000-0000000000a1"
    for name, values in (("Treaty-Tenant", (tenant, tenant)), ("Host", ("service.example", "evil.example"))):
        headers = {name: values[0], name.lower(): values[1]}
        yield Case(f"two headers {name}", (400,), line=b"GET /billing/usage", headers=headers)
    for value in (b"a\rX-Evil: 1", b"a\nX-Evil: 1", b"a\r\n X-Evil: 1", b"a\x00b", b"a\x0bb", b"\x7f"):
        yield Case(f"a header of {value!r}", (200, 400), line=b"GET /billing/usage", headers={"X-Request-Id": value})
    yield Case(
        "somebody else's tenant",
        (404,),
        line=b"GET /billing/usage",
        headers={"Treaty-Tenant": "018f0000-0000-7000-8000-00000000dead"},
    )


def _bytes() -> Iterator[tuple[str, bytes, tuple[int, ...]]]:
    """What is no HTTP, or wants to be two requests at once: name, bytes, right statuses."""
    host = b"Host: service.example\r\nConnection: close\r\n"
    get, post = b"GET / HTTP/1.1\r\n" + host, b"POST /billing/usage HTTP/1.1\r\n" + host
    yield "garbage", b"GARBAGE\r\n\r\n", (400,)
    yield "TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", (400,)
    yield "HTTP/9.9", b"GET / HTTP/9.9\r\n" + host + b"\r\n", (400,)
    yield "an unknown method", b"FOO / HTTP/1.1\r\n" + host + b"\r\n", (400,)
    yield "a tunnel", b"CONNECT evil.example:80 HTTP/1.1\r\n" + host + b"\r\n", (400, 404, 405)
    yield "options of everything", b"OPTIONS * HTTP/1.1\r\n" + host + b"\r\n", (400, 404)
    yield "a space in the target", b"GET /a b HTTP/1.1\r\n" + host + b"\r\n", (400,)
    yield "a target that is not ASCII", b"GET /\xff\xfe HTTP/1.1\r\n" + host + b"\r\n", (400,)
    yield "half an address as target", b"GET http://[ HTTP/1.1\r\n" + host + b"\r\n", (400,)
    yield "a target of 300,000 characters", b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\n" + host + b"\r\n", (431,)
    yield "NUL in a header", get + b"A: b\x00c\r\n\r\n", (400,)
    yield "a header with a space in its name", get + b"Bad Header: x\r\n\r\n", (400,)
    yield "a header without a name", get + b": x\r\n\r\n", (400,)
    yield "a folded header", get + b"A: b\r\n C: d\r\n\r\n", (400,)
    yield "a header of 200,000 characters", get + b"A: " + b"x" * 200_000 + b"\r\n\r\n", (431,)
    yield "a header without end", get + b"A: " + b"x" * 2_000_000, (431,)
    yield "10,000 headers", get + b"".join(b"H%d: x\r\n" % i for i in range(10_000)) + b"\r\n", (431,)
    yield "a length that is no number", post + b"Content-Length: abc\r\n\r\n{}", (400,)
    yield "a negative length", post + b"Content-Length: -1\r\n\r\n{}", (400,)
    yield "two lengths", post + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", (400,)
    yield "length and chunks", post + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)
    yield "a chunk of no length", post + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n", (400,)
    yield "an upgrade", get + b"Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n", (400, 404)


BODIES = tuple(_bodies())
BYTES = tuple(_bytes())
CONTENT_TYPES = tuple(_content_types())
PATHS = tuple(_paths())
QUERIES = tuple(_queries())
TOKENS = tuple(_tokens())
HEADERS = tuple(_headers())
