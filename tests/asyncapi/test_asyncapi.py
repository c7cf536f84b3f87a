"""The AsyncAPI document: valid by the official schema, and true of what the relay sends."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from tests.end_to_end.conftest import Billing, billing
from tests.generator_emit import projects
from tests.support.project import ROOT
from treaty_runtime.clock import SystemClock
from treaty_runtime.sinks import HttpSink, OutgoingEvent

__all__ = ["billing"]

OFFICIAL = json.loads((Path(__file__).parent / "asyncapi-3.0.0.schema.json").read_bytes())
COMMITTED = ROOT / "generated" / "asyncapi.json"
PROJECTS = {
    "billing": ROOT,
    "lending": ROOT / "tests" / "lending",
    **{path.name: path for path in (ROOT / "tests" / "generator_emit" / "golden").iterdir()},
}


@pytest.fixture(scope="module")
def official() -> Any:
    return jsonschema_rs.Draft7Validator(OFFICIAL)


def made(name: str) -> Any:
    return json.loads(projects.generated_files(PROJECTS[name])["asyncapi.json"])


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for word, inner in value.items():
            if word == "$ref":
                yield inner
            elif word not in ("default", "enum", "const"):  # what authors write there is no reference of ours
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@pytest.mark.parametrize("name", PROJECTS)
def test_every_document_is_valid(official: Any, name: str) -> None:
    document = made(name)
    assert [f"{list(error.instance_path)} {error.message[:200]}" for error in official.iter_errors(document)] == []
    for reference in references(document):
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_the_official_schema_refuses_what_is_none(official: Any) -> None:
    document = made("billing")
    wrongs: list[dict[str, Any]] = [
        {"asyncapi": "2.0.0"}, {"operations": {"x": {"action": "shout"}}}, {"channels": []}, {"more": 1},
    ]  # fmt: skip
    for wrong in wrongs:
        assert not official.is_valid({**document, **wrong})


def test_it_says_who_tells_what_and_when() -> None:
    document = made("billing")
    operation = document["operations"]["saas.billing.usage.record"]
    assert operation["action"] == "send"
    assert [reference["$ref"].rsplit("/", 1)[-1] for reference in operation["messages"]] == [
        "saas.billing.usage.recorded",
        "saas.billing.limit.reached",
    ]
    assert "`saas.billing.limit.reached`: The accepted record crosses the limit." in operation["description"]
    assert set(document["channels"]["events"]["messages"]) == set(document["components"]["messages"])
    message = document["components"]["messages"]["saas.billing.usage.recorded"]
    assert message["name"] == "billing.usage.recorded"
    assert message["contentType"] == "application/cloudevents+json"


def test_versions_side_by_side_have_names_of_their_own() -> None:
    document = made("lending")
    names = {*document["components"]["messages"], *document["operations"], *document["components"]["schemas"]}
    assert not [name for name in names if "@" in name]


class Listening(httpx.AsyncBaseTransport):
    """Takes what is sent, as a receiver would."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["Content-Type"] == "application/cloudevents+json"
        self.events.append(json.loads(await request.aread()))
        return httpx.Response(204)


def sent(payload: dict[str, Any], tenant: uuid.UUID | None) -> Any:
    """An event as the relay's sink posts it."""
    receiver = Listening()
    event = OutgoingEvent(
        id=uuid.uuid4(), tenant=tenant, type="billing.usage.recorded", key="saas.billing.usage.recorded",
        version="1.0.0", payload=payload, occurred_at=dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC), request_id="r-1",
        traceparent=TRACE if tenant else None,
    )  # fmt: skip

    async def deliver() -> None:
        async with httpx.AsyncClient(transport=receiver) as client:
            await HttpSink(client, "http://receiver.example/", "urn:treaty:billing", SystemClock()).deliver(event)

    asyncio.run(deliver())
    return receiver.events[0]


TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PAYLOAD = {
    "organizationId": "018f0000-0000-7000-8000-000000000001",
    "feature": "api_calls",
    "quantity": 1,
    "billingPeriod": "2026-11",
    "recordedAt": "2026-11-20T12:00:00Z",
}


@pytest.fixture(scope="module")
def payload_schema() -> Any:
    document = made("billing")
    message = document["components"]["messages"]["saas.billing.usage.recorded"]
    schema = {**message["payload"], "components": document["components"]}
    return jsonschema_rs.Draft7Validator(schema, validate_formats=True)


@pytest.mark.parametrize("tenant", [None, uuid.uuid4()], ids=["least", "most"])
def test_what_the_relay_sends_is_what_it_says(payload_schema: Any, tenant: uuid.UUID | None) -> None:
    event = sent(PAYLOAD, tenant)
    assert [error.message for error in payload_schema.iter_errors(event)] == []
    envelope = made("billing")["components"]["schemas"]["CloudEvent"]
    assert event.keys() - {"tenant", "traceparent"} == set(envelope["required"])
    assert event.keys() | {"tenant", "traceparent"} == envelope["properties"].keys()
    assert ("traceparent" in event) == ("tenant" in event) == (tenant is not None)


@pytest.mark.parametrize(
    "wrong", [{"feature": 1}, {"quantity": None}, {"more": 1}, {"recordedAt": "yesterday"}], ids=str
)
def test_what_no_contract_says_does_not_fit(payload_schema: Any, wrong: dict[str, Any]) -> None:
    assert not payload_schema.is_valid(sent({**PAYLOAD, **wrong}, None))


def test_another_event_does_not_fit(payload_schema: Any) -> None:
    assert not payload_schema.is_valid({**sent(PAYLOAD, None), "type": "billing.limit.reached"})


def test_it_is_served_as_it_is_committed(billing: Billing) -> None:
    with billing.service.client() as client:
        answer = client.get("/asyncapi.json")
        again = client.get("/asyncapi.json", headers={"If-None-Match": answer.headers["etag"]})
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == COMMITTED.read_bytes()
    assert again.status_code == 304
