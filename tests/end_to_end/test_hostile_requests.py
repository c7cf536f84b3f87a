"""Whatever is thrown at the service, it answers with a problem document, and never with a 5xx."""

from __future__ import annotations

import uuid
from contextlib import ExitStack

import pytest

from tests.end_to_end import hostile
from tests.end_to_end.conftest import Billing
from tests.end_to_end.hostile import Case
from tests.support.raw_http import Answer, connection_to, exchange, parsed, request, until_closed

CASES = (
    *hostile.BODIES, *hostile.CONTENT_TYPES, *hostile.PATHS, *hostile.QUERIES, *hostile.TOKENS, *hostile.HEADERS,
)  # fmt: skip
# Everything that an answer may carry: a name beside these was smuggled in by the request.
ANSWER_HEADERS = {
    "content-type", "content-length", "date", "server", "connection", "x-request-id", "allow", "www-authenticate",
    "retry-after", "ratelimit", "ratelimit-policy", "idempotency-replayed", "cache-control", "x-content-type-options",
    "vary", "etag",
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_hostile_requests_are_refused(billing: Billing, case: Case) -> None:
    billing.forget_limits()
    answer = send(billing, case)
    assert answer.status in case.statuses, answer
    assert set(answer.headers) <= ANSWER_HEADERS, answer
    if answer.status >= 400:
        assert_problem(answer)


@pytest.mark.parametrize(("sent", "statuses"), [pytest.param(*case[1:], id=case[0]) for case in hostile.BYTES])
def test_what_is_no_http_is_refused(billing: Billing, sent: bytes, statuses: tuple[int, ...]) -> None:
    answer = exchange(billing.service.address, sent)
    assert answer.status in statuses, answer
    assert_problem(answer)


def test_who_sends_slowly_keeps_nobody_waiting(billing: Billing) -> None:
    """Hundreds of connections are in the middle of a request; others are answered, and those end with 408."""
    billing.forget_limits()
    head = request(b"POST /billing/usage", {"Authorization": f"Bearer {billing.key}", **hostile.JSON}, length=b"100")
    unfinished = {b"POST /billing/usage HTTP/1.1\r\nHost: x\r\nA: ": True, head + b'{"feature": ': True, b"": False}
    with ExitStack() as open_ones:
        waiting = []
        for sent, answered in unfinished.items():
            for _ in range(100):
                waiting.append((open_ones.enter_context(connection_to(billing.service.address)), answered))
                waiting[-1][0].sendall(sent)
        with billing.service.client(billing.key) as client:
            for _ in range(20):
                assert client.get("/billing/usage").status_code == 200
        for connection, answered in waiting:
            data = until_closed(connection)
            assert bool(data) == answered
            if answered:
                answer = parsed(data)
                assert (answer.status, answer.json["code"]) == (408, "request_timeout")
                assert_problem(answer)


def test_the_service_is_as_it_was(billing: Billing) -> None:
    """After all of the above, an ordinary request is answered as ever."""
    billing.forget_limits()
    with billing.service.client(billing.key) as client:
        body = {"feature": "api_calls", "quantity": 1, "idempotencyKey": str(uuid.uuid4())}
        answer = client.post("/billing/usage", json=body)
        assert answer.status_code == 201, answer.text
        assert client.get("/health/ready").is_success


def test_attempts_to_guess_a_token_are_limited(billing: Billing) -> None:
    billing.forget_limits()
    case = Case(
        "guess",
        (401,),
        line=b"GET /billing/usage",
        headers={"Authorization": "Bearer tk_guess_guess"},
        authorized=False,
    )
    statuses = [send(billing, case).status for _ in range(60)]
    billing.forget_limits()
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert set(statuses) == {401, 429}


def send(billing: Billing, case: Case) -> Answer:
    headers: dict[str, str | bytes] = {"Authorization": f"Bearer {billing.key}"} if case.authorized else {}
    sent = request(case.line, {**headers, **case.headers}, case.body, length=case.length)
    return exchange(billing.service.address, sent)


def assert_problem(answer: Answer) -> None:
    """An RFC 9457 document, complete, with the status it was sent with."""
    assert answer.headers["content-type"].split(";")[0] == "application/problem+json", answer
    problem = answer.json
    assert problem["status"] == answer.status
    assert problem["type"] == f"urn:treaty:problem:{problem['code']}"
    for name in ("title", "detail", "requestId"):
        assert isinstance(problem[name], str), problem
        assert problem[name], problem
    assert problem["requestId"] == answer.headers["x-request-id"]
    for error in problem.get("errors", []):
        assert set(error) == {"field", "message"}, problem
