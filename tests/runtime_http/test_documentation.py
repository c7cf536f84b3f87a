"""The OpenAPI document and its explorer, which need nothing from elsewhere, and the health checks."""

from __future__ import annotations

import re

import pytest

from tests.runtime_http.conftest import Notes, code


def test_the_document_is_served_byte_for_byte(service: Notes) -> None:
    definition = service.replicas[0].service.definition
    answer = service.send("GET", "/openapi.json")
    assert answer.content == definition.openapi.read_bytes()
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("known", ["{tag}", "W/{tag}", '"other", {tag}', "*"])
def test_who_has_the_document_already_gets_no_other(service: Notes, known: str) -> None:
    tag = service.send("GET", "/openapi.json").headers["etag"]
    answer = service.send("GET", "/openapi.json", headers={"If-None-Match": known.format(tag=tag)})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert service.send("GET", "/openapi.json", headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_explorer_loads_everything_from_here(service: Notes) -> None:
    page = service.send("GET", "/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>Notes</title>" in page.text
    assert "//" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "script-src 'self';" in policy
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 4
    for path in loaded:
        answer = service.send("GET", path)
        assert answer.status_code == 200, path
        assert answer.content
    assert '"/openapi.json"' in service.send("GET", "/docs/start.js").text
    assert "<script>" not in page.text
    assert " style=" not in page.text


@pytest.mark.parametrize("name", ["../pyproject.toml", "%2e%2e/x", "swagger-editor.js", "start.js.map", ""])
def test_the_explorer_gives_nothing_else_away(service: Notes, name: str) -> None:
    answer = service.send("GET", f"/docs/{name}")
    assert answer.status_code == (200 if name == "" else 404)


def test_ready_means_that_the_tables_are_there(service: Notes) -> None:
    assert service.send("GET", "/health/live").json() == {"status": "live"}
    assert service.send("GET", "/health/ready").json() == {"status": "ready"}
    service.rows("ALTER TABLE notes_note RENAME COLUMN written_at TO later")
    try:
        answer = service.send("GET", "/health/ready")
    finally:
        service.rows("ALTER TABLE notes_note RENAME COLUMN later TO written_at")
    assert code(answer) == (503, "unavailable")
    assert "treaty upgrade" in answer.json()["detail"]
    ((newest,),) = service.rows("DELETE FROM treaty.runtime_revision RETURNING version_num")
    try:
        assert service.send("GET", "/health/ready").status_code == 503
    finally:
        service.rows("INSERT INTO treaty.runtime_revision VALUES (%s)", newest)


def test_a_database_of_newer_code_will_do(service: Notes) -> None:
    ((newest,),) = service.rows("SELECT version_num FROM treaty.runtime_revision")
    service.rows("UPDATE treaty.runtime_revision SET version_num = 'of newer code'")
    try:
        assert service.send("GET", "/health/ready").status_code == 200
    finally:
        service.rows("UPDATE treaty.runtime_revision SET version_num = %s", newest)
