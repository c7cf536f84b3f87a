"""A request in, an answer out: everything but the sockets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from treaty.csv_text import TYPE, csv_text, file_name
from treaty.emit.asyncapi import emit_asyncapi
from treaty.emit.openapi import emit_openapi
from treaty.emit.openapi.operation import TENANT_HEADER
from treaty.mock import webhooks
from treaty.mock.answers import Answers, Said
from treaty.mock.caching import cache_headers, has_already
from treaty.mock.fitting import Input
from treaty.mock.reading import Received, read
from treaty.mock.refusals import Refused, refusal
from treaty.mock.routes import Found, Routes, allowed
from treaty.mock.versions import version_headers
from treaty.project import Project
from treaty.resolve.model import Model, Operation, Page

# Says where an answer comes from: `example record-api-call`, or `schema`.
SOURCE = "Treaty-Mock"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_BEARER = re.compile(r"bearer +\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Service:
    """Answers as the contracts say."""

    def __init__(self, model: Model, project: Project) -> None:
        self._model = model
        self._routes = Routes(model.operations.values())
        self._webhooks = {webhook.http_path: webhook for webhook in model.webhooks.values()}
        self._answers = Answers(model)
        self._inputs = {key: Input(model, operation.input) for key, operation in model.operations.items()}
        self._documents = {
            "/openapi.json": emit_openapi(model, project).encode(),
            "/asyncapi.json": emit_asyncapi(model, project).encode(),
        }

    def answer(self, received: Received) -> Answer:
        """The answer to a request, whatever it is."""
        try:
            found = self._answer(received)
        except Refused as refused:
            return self.refused(refused, received.headers.get("X-Request-Id", ""))
        return _with(found, {"X-Request-Id": _request_id(received.headers.get("X-Request-Id", ""))})

    def refused(self, refused: Refused, request_id: str = "") -> Answer:
        """The answer to a request that is refused."""
        known = _request_id(request_id)
        headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", "X-Request-Id": known}
        return Answer(refused.status, json.dumps(refused.document(known)).encode(), {**headers, **refused.headers})

    def _answer(self, received: Received) -> Answer:
        document = self._documents.get(received.path)
        if document is not None:
            return _document(document, received.method)
        webhook = self._webhooks.get(received.path.removesuffix("/"))
        if webhook and received.method == "OPTIONS":
            return Answer(204, headers={"Allow": allowed([webhook.method])})
        if webhook:
            body = json.dumps(webhooks.received(webhook, received)).encode()
            return Answer(200, body, {SOURCE: "schema", "Content-Type": "application/json"})
        if received.method == "OPTIONS":
            return Answer(204, headers={"Allow": self._routes.methods(received.path)})
        found = self._routes.find(received.method, received.path)
        headers = version_headers(found, self._model)
        try:
            said = self._operate(found, received)
            if found.as_csv and found.operation.page and said.content is not None:
                return _with(self._file(found.operation, found.operation.page, said, said.content), headers)
            return _with(_said(found.operation, said, received), headers)
        except Refused as refused:
            refused.headers |= headers
            raise

    def _require_caller(self, operation: Operation, received: Received) -> None:
        """Somebody has to say who they are, and may say for whom; a mock believes everybody."""
        if operation.policy.auth == "anonymous":
            return
        if not _BEARER.fullmatch(received.headers.get("Authorization", "").strip()):
            raise refusal("unauthenticated")
        tenant = received.headers.get(TENANT_HEADER)
        if tenant is not None and self._model.memberships and not _UUID.fullmatch(tenant):
            raise refusal("not_found", f"You do not belong to the organization that {TENANT_HEADER} names.")

    def _file(self, operation: Operation, page: Page, said: Said, content: Mapping[str, Any]) -> Answer:
        """All pages as CSV."""
        beside = {field.name: content[field.name] for field in page.beside if field.name in content}
        headers = {
            SOURCE: said.source,
            **cache_headers(operation, b""),
            "Content-Type": f"{TYPE}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{file_name(operation.header.name)}"',
            **({"Treaty-With": json.dumps(beside, separators=(",", ":"))} if page.beside else {}),
        }
        return Answer(said.status, csv_text(page, self._model, content).encode(), headers)

    def _operate(self, found: Found, received: Received) -> Said:
        said = self._answers.preferred(found.operation, ", ".join(received.headers.get_all("Prefer", [])))
        if said is None:
            self._require_caller(found.operation, received)
            given = read(found, received, self._inputs[found.operation.header.key])
            said = self._answers.answer(found.operation, given)
        return said


def _document(document: bytes, method: str) -> Answer:
    if method not in ("GET", "HEAD"):
        raise refusal("method_not_allowed", headers={"Allow": allowed(["GET"])})
    return Answer(200, document, {"Content-Type": "application/json"})


def _said(operation: Operation, said: Said, received: Received) -> Answer:
    body = b"" if said.content is None else json.dumps(said.content, ensure_ascii=False).encode()
    headers = {SOURCE: said.source, **cache_headers(operation, body)}
    if has_already(received, headers.get("ETag")):
        return Answer(HTTPStatus.NOT_MODIFIED, headers=headers)
    return Answer(said.status, body, {**headers, **({"Content-Type": "application/json"} if body else {})})


def _with(answer: Answer, headers: Mapping[str, str]) -> Answer:
    return Answer(answer.status, answer.body, {**answer.headers, **headers})


def _request_id(given: str) -> str:
    return given if _REQUEST_ID.fullmatch(given) else str(uuid4())
