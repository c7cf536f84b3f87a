"""Answers that callers may keep: what they are told of it, and what they get who have the answer already."""

from __future__ import annotations

import httpx
import pytest

from tests.runtime_http.conftest import Notes, code

VARY = "Authorization, Treaty-Tenant, X-Desk"
KEPT = ("etag", "cache-control", "vary", "ratelimit-policy")


def ask(service: Notes, person: str = "ann", **headers: str) -> httpx.Response:
    return service.send("GET", "/kept", service.token(person), headers=headers)


def write(service: Notes, title: str, person: str = "ann") -> None:
    assert service.send("POST", "/notes", service.token(person), json={"title": title}).status_code == 201


def test_an_answer_may_be_kept_by_its_caller_only(service: Notes) -> None:
    service.organization(ann="reader")
    first, again = ask(service), ask(service)
    assert (first.headers["cache-control"], first.headers["vary"]) == ("private, max-age=60", VARY)
    assert first.headers["etag"] == again.headers["etag"]
    write(service, "one")
    assert ask(service).headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ("*", 304),
        ('"other", {tag}', 304),
        (',, "a,b" ,W/"c",{tag} ,', 304),
        ('"other"', 200),
        ("", 200),
        ('{tag} "other"', 200),
        ('"other{tag}', 200),
        ("*, {tag}", 200),
        ("w/{tag}", 200),
    ],
)
def test_who_has_the_answer_is_told_so(service: Notes, said: str, status: int) -> None:
    service.organization(ann="reader")
    whole = ask(service)
    answer = ask(service, **{"If-None-Match": said.format(tag=whole.headers["etag"])})
    assert (answer.status_code, answer.content) == (status, whole.content if status == 200 else b"")
    assert [answer.headers[name] for name in KEPT] == [whole.headers[name] for name in KEPT]


def test_a_list_may_come_in_several_lines(service: Notes) -> None:
    service.organization(ann="reader")
    lines = [("If-None-Match", '"other"'), ("If-None-Match", ask(service).headers["etag"])]
    assert service.send("GET", "/kept", service.token("ann"), headers=lines).status_code == 304


def test_304_says_nothing_of_a_content_that_is_not_there(service: Notes) -> None:
    service.organization(ann="reader")
    for method in ("GET", "HEAD"):
        answer = service.send(method, "/kept", service.token("ann"), headers={"If-None-Match": "*"})
        assert (answer.status_code, answer.content) == (304, b"")
        assert not {"content-length", "content-type", "transfer-encoding"} & answer.headers.keys()


def test_what_changed_is_answered_in_full(service: Notes) -> None:
    service.organization(ann="reader")
    tag = ask(service).headers["etag"]
    write(service, "one")
    answer = ask(service, **{"If-None-Match": tag})
    assert (answer.status_code, answer.json()) == (200, {"titles": ["one"]})


def test_304_is_asked_for_as_anything_else(service: Notes) -> None:
    """It needs a caller, costs a token of the limit, and leaves its record."""
    organization = service.organization(ann="reader")
    assert code(service.send("GET", "/kept", headers={"If-None-Match": "*"})) == (401, "unauthenticated")
    answers = [ask(service, **{"If-None-Match": "*"}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [304] * 10 + [429]
    assert answers[-1].headers["cache-control"] == "no-store"
    assert "etag" not in answers[-1].headers
    assert service.rows("SELECT outcome, status, tenant, count(*) FROM treaty.audit GROUP BY 1, 2, 3 ORDER BY 2") == [
        ("not_modified", 304, organization, 10),
        ("unauthenticated", 401, None, 1),
        ("rate_limited", 429, organization, 1),
    ]


def test_a_tag_tells_nothing_to_others(service: Notes) -> None:
    """It is of the bytes that its caller gets: not those that other roles read, nor those of another organization."""
    service.organization(ann="reader", bob="reader", eve="admin")
    service.organization(zoe="reader")
    ann, bob, eve, zoe = (ask(service, person) for person in ("ann", "bob", "eve", "zoe"))
    assert "reader" in eve.json()
    assert ann.content == bob.content == zoe.content == b'{"titles":[]}'
    assert ann.headers["etag"] == bob.headers["etag"]
    assert len({answer.headers["etag"] for answer in (ann, eve, zoe)}) == 3
    for person in ("ann", "zoe"):
        assert ask(service, person, **{"If-None-Match": eve.headers["etag"]}).status_code == 200


def test_what_is_not_declared_is_not_kept(service: Notes) -> None:
    service.organization(ann="reader")
    answer = service.send("GET", "/who", service.token("ann"), headers={"If-None-Match": "*"})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert not {"etag", "vary"} & answer.headers.keys()
