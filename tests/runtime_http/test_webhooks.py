"""Webhooks: proved before they are read, stored with their job or not at all, worked on later, replayed."""

from __future__ import annotations

import datetime as dt
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest
import typer
from stripe import WebhookSignature
from typer.testing import CliRunner

from tests.runtime_http.conftest import NOON, WEBHOOK_SECRETS, Notes, code
from tests.runtime_http.notes import COUNT, REMIND, WEBHOOK, count, remind
from tests.runtime_http.test_jobs import drain, own
from treaty_runtime import commands
from treaty_runtime.errors import SettingsError
from treaty_runtime.jobs.descriptor import Task
from treaty_runtime.observability.queues import measure_queues
from treaty_runtime.pruning import prune
from treaty_runtime.service import open_service
from treaty_runtime.settings import Settings
from treaty_runtime.webhooks.routing import routing

NEW, OLD = WEBHOOK_SECRETS
SETTLED = "SELECT event_id, state, said FROM treaty.webhook_delivery ORDER BY received_at, event_id"


@dataclass
class Stripe:
    """What the address of an object gives."""

    objects: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    down: bool = False

    async def __call__(self, settings: Settings, address: str) -> Mapping[str, Any] | None:
        assert settings.stripe_api_key is not None
        self.asked.append(address)
        if self.down:
            raise ConnectionError("Stripe is not there")
        return self.objects.get(address)


Treaty = Callable[..., str]


@pytest.fixture
def treaty(service: Notes, monkeypatch: pytest.MonkeyPatch) -> Treaty:
    """What `treaty webhooks …` says on this service."""
    monkeypatch.setattr(
        commands.opening,
        "opened_service",
        lambda: open_service(own(service).definition, service.settings, service.clock),
    )
    app = typer.Typer()
    commands.register(app)

    def said(*arguments: str, fails: bool = False) -> str:
        result = CliRunner().invoke(app, ["webhooks", *arguments])
        assert (result.exit_code != 0) == fails, (result.output, result.exception)
        return result.output

    return said


def event(name: str, **more: Any) -> dict[str, Any]:
    """An event about an invoice that was paid."""
    thing = {"id": "in_1", "customer": "Acme", "title": name}
    return {"id": name, "object": "event", "type": "invoice.paid", "data": {"object": thing}, **more}


def signed(body: bytes, secret: str = NEW, at: dt.datetime = NOON) -> str:
    """The header, as Stripe's own SDK makes it."""
    return str(WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=int(at.timestamp())))


def send(service: Notes, told: Mapping[str, Any] | bytes, header: str | None = None, **more: Any) -> httpx.Response:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    signature = signed(body) if header is None else header
    return service.send(
        "POST",
        WEBHOOK.path,
        content=body,
        headers={"Stripe-Signature": signature.encode("latin-1")} if signature else {},
    )


def counted(service: Notes, outcome: str) -> float:
    registry, labels = own(service).metrics.registry, {"webhook": WEBHOOK.key, "outcome": outcome}
    return registry.get_sample_value("treaty_webhook_deliveries_total", labels) or 0.0


def work(service: Notes, stripe: Stripe | None = None) -> int:
    return drain(service, Task(REMIND, remind), Task(COUNT, count), routing(WEBHOOK, stripe or Stripe()))


def titles(service: Notes, organization: UUID) -> list[str]:
    found = service.rows("SELECT title FROM notes_note WHERE organization_id = %s ORDER BY title", organization)
    return [title for (title,) in found]


def test_an_event_is_stored_answered_and_worked_on_for_its_tenant_only(service: Notes) -> None:
    acme, other = service.organization(), service.organization()
    service.rows("UPDATE notes_organization SET name = 'Other' WHERE id = %s", other)
    answer = send(service, event("evt_1", api_version="2099-01-01.future", created=1_700_000_000))
    assert (answer.status_code, answer.json()) == (200, {"event": "evt_1", "duplicate": False})
    assert service.rows("SELECT state, api_version FROM treaty.webhook_delivery") == [("received", "2099-01-01.future")]
    assert titles(service, acme) == []
    assert work(service) == 3  # its own job, and the two that it enqueues
    assert (titles(service, acme), titles(service, other)) == (["evt_1"], [])
    ((jobs, forget_at),) = service.rows("SELECT jobs, forget_at FROM treaty.webhook_delivery")
    assert (len(jobs), forget_at) == (2, NOON + WEBHOOK.keep)
    # Whoever follows the request finds everything that came of it.
    requests = service.rows("SELECT DISTINCT args ->> 'request_id' FROM treaty.procrastinate_jobs")
    assert requests == [(answer.headers["x-request-id"],)]


def test_what_comes_again_is_answered_and_not_done_again(service: Notes) -> None:
    acme = service.organization()
    for _ in range(2):
        assert send(service, event("evt_1")).status_code == 200
    assert work(service) == 3
    again = send(service, event("evt_1"))
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert work(service) == 0
    assert titles(service, acme) == ["evt_1"]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "missing"),
        ("nonsense", "missing"),
        ("t=,v1=", "missing"),
        (f"t={'9' * 30},v1=aa", "missing"),
        (f"t={int(NOON.timestamp())}", "missing"),
        (f"t={int(NOON.timestamp())},v1=é", "missing"),
        (f"t={int(NOON.timestamp())},v1={'0' * 64}", "wrong"),
        (f"t={int(NOON.timestamp())},v0=aa,v1=bb,v1=cc", "wrong"),
        (signed(b"{}", NEW, NOON - dt.timedelta(seconds=301)), "old"),
        (signed(b"{}", NEW, NOON + dt.timedelta(seconds=301)), "future"),
        (signed(b"{} ", NEW), "wrong"),
        (signed(b"{}", "whsec_of_somebody_else"), "wrong"),
        (signed(b"{}", ""), "wrong"),
    ],
)
def test_what_is_not_signed_now_is_refused_and_leaves_a_count_only(service: Notes, header: str, reason: str) -> None:
    before = counted(service, reason)
    answer = send(service, b"{}", header)
    assert code(answer) == (400, "bad_signature")
    assert service.rows("SELECT count(*) FROM treaty.webhook_delivery") == [(0,)]
    assert service.rows("SELECT count(*) FROM treaty.procrastinate_jobs") == [(0,)]
    assert counted(service, reason) == before + 1


@pytest.mark.parametrize("secret", [NEW, OLD])
@pytest.mark.parametrize("away", [-300, 0, 300])
def test_every_active_secret_holds_as_long_as_it_should(service: Notes, secret: str, away: int) -> None:
    body = json.dumps(event("evt_1")).encode()
    assert send(service, body, signed(body, secret, NOON + dt.timedelta(seconds=away))).status_code == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"not JSON", "it is not JSON"),
        (b"", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[1]", "it is JSON, and no object"),
        (b"\xff\xfe{", "it is not UTF-8"),
        (b'{"object": "invoice"}', "it is neither an `event` nor a `v2.core.event`"),
        (b'{"object": "event", "id": 5, "type": "a.b"}', "its `id` is no name"),
        (b'{"object": "event", "id": "evt_\\u0000", "type": "a.b"}', "its `id` is no name"),
        (b'{"object": "event", "id": "evt_1", "type": null}', "its `type` is no name"),
        (b'"' + b"5" * 5_000_000 + b'"', "it is JSON, and no object"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else "",
)
def test_what_is_signed_and_no_event_is_kept_as_it_came(service: Notes, body: bytes, said: str) -> None:
    time = str(int(NOON.timestamp()))
    mark = hmac.digest(NEW.encode(), time.encode() + b"." + body, "sha256").hex()
    for duplicate in (False, True):
        answer = send(service, body, f"t={time},v1={mark}")
        assert (answer.status_code, answer.json()["duplicate"]) == (200, duplicate)
    assert service.rows("SELECT body, state, said FROM treaty.webhook_delivery") == [(body, "unreadable", said)]
    assert len(service.logged("webhook_unreadable")) == 1
    assert work(service) == 0


def test_what_is_longer_than_anything_is_refused(service: Notes) -> None:
    body = b" " * 8_000_001
    assert code(send(service, body, signed(body))) == (413, "payload_too_large")


def test_events_of_nobody_and_of_odd_shape_are_kept_told_and_replayed(service: Notes, treaty: Treaty) -> None:
    told = [
        event("evt_stranger"),
        event("evt_whose", data={"object": {"id": "in_1", "title": "x"}}),
        event("evt_numbers", data={"object": {"customer": 5, "title": "x"}}),
        event("evt_long", data={"object": {"customer": "Acme", "title": "x" * 101}}),
        event("evt_bare", data={"object": {"customer": "Acme"}}),
        event("evt_nul", data={"object": {"customer": "Acme\x00", "title": "x"}}),
        event("evt_news", type="invoice.invented"),
        event("evt_elsewhere", data={"object": {"customer": "Acme", "title": "y", "memo": "\x00 \ud800"}}),
    ]
    for each in told:
        assert send(service, each).status_code == 200
        service.clock.advance(dt.timedelta(seconds=1))
        if each["id"] == "evt_numbers":
            assert work(service) == 3
            acme = service.organization()
    work(service)
    states = {name: (state, said or "") for name, state, said in service.rows(SETTLED)}
    assert {name: state for name, (state, _) in states.items()} == {
        "evt_stranger": "unmatched", "evt_whose": "unmatched", "evt_numbers": "unmatched",
        "evt_long": "unreadable", "evt_bare": "unreadable", "evt_nul": "unreadable", "evt_news": "ignored",
        "evt_elsewhere": "routed",
    }  # fmt: skip
    assert states["evt_stranger"][1] == "no Organization has the name Acme"
    assert states["evt_whose"][1] == "$.data.object.customer does not say whose it is"
    assert "title" in states["evt_bare"][1]
    assert "x" * 101 not in str(service.lines)
    assert titles(service, acme) == ["y"]

    async def measured() -> dict[str, int]:
        async with own(service).database.watching() as system:
            found = await measure_queues(system, service.clock.now())
        return {name: queue.waiting for name, queue in found.items() if name.startswith("webhooks")}

    queues = {"webhooks": 0, "webhooks_unmatched": 3, "webhooks_unreadable": 3, "webhooks_given_up": 0}
    assert service.run(measured()) == queues
    assert len(service.logged("webhook_unmatched")) == 3
    # Somebody has said whose it is.
    assert treaty("replay", "evt_stranger") == "Waits again: evt_stranger invoice.paid\n"
    assert work(service) == 3
    assert titles(service, acme) == ["evt_stranger", "y"]
    assert treaty("replay", "--state", "unmatched") == (
        "Waits again: evt_numbers invoice.paid\nWaits again: evt_whose invoice.paid\n"
    )


def test_thin_events_are_completed_when_they_have_to_be(service: Notes) -> None:
    acme, stripe = service.organization(), Stripe()
    stripe.objects["/v1/invoices/in_1"] = {"id": "in_1", "customer": "Acme", "title": "fetched"}
    related = {"id": "in_1", "type": "invoice", "url": "/v1/invoices/in_1"}
    thin = {"object": "v2.core.event", "created": "2026-11-20T12:00:00.000Z", "livemode": False}
    send(service, {**thin, "id": "evt_1", "type": "v1.invoice.paid", "related_object": related})
    send(service, {**thin, "id": "evt_2", "type": "v1.billing.counted", "related_object": {**related, "url": "/v1/m"}})
    gone = {**related, "url": "/v1/invoices/in_2"}
    send(service, {**thin, "id": "evt_3", "type": "v1.invoice.paid", "related_object": gone})
    elsewhere = {**related, "url": "https://example.com/"}
    send(service, {**thin, "id": "evt_4", "type": "v1.invoice.paid", "related_object": elsewhere})
    stripe.objects["/v2/core/events/evt_5"] = {"customer": "Acme", "title": "of itself"}
    send(service, {**thin, "id": "evt_5", "type": "v1.invoice.paid"})  # it names no object: it is asked for itself
    work(service, stripe)
    assert titles(service, acme) == ["fetched", "of itself"]
    asked = ["/v1/invoices/in_1", "/v1/invoices/in_2", "/v2/core/events/evt_4", "/v2/core/events/evt_5"]
    assert sorted(stripe.asked) == asked
    states = {name: state for name, state, _ in service.rows(SETTLED)}
    assert states == {
        "evt_1": "routed",
        "evt_2": "routed",
        "evt_3": "unmatched",
        "evt_4": "unmatched",
        "evt_5": "routed",
    }


def test_what_cannot_be_worked_on_is_tried_again_given_up_and_replayed(service: Notes, treaty: Treaty) -> None:
    acme, stripe = service.organization(), Stripe(down=True)
    related = {"id": "in_1", "type": "invoice", "url": "/v1/invoices/in_1"}
    send(service, {"object": "v2.core.event", "id": "evt_1", "type": "v1.invoice.paid", "related_object": related})
    tries = 0
    while work(service, stripe):
        tries += 1
        service.clock.advance(dt.timedelta(hours=16))
    assert tries == 14
    assert len(service.logged("job_given_up")) == 1
    assert treaty("list", "--state", "failed").startswith("evt_1 failed ")
    assert "evt_1" not in treaty("list", "--state", "received")
    stripe.down, stripe.objects["/v1/invoices/in_1"] = False, {"customer": "Acme", "title": "at last"}
    service.clock.advance(dt.timedelta(days=365))
    service.run(prune(own(service).database, service.clock))  # what has not been dealt with is not forgotten
    treaty("replay", "evt_1")
    assert work(service, stripe) == 3
    assert titles(service, acme) == ["at last"]
    assert treaty("replay", "evt_1")  # what was done may be done once more
    assert "waits for a worker" in treaty("replay", "evt_1", fails=True)


def test_a_job_of_an_event_that_fails_shows_with_it(service: Notes, treaty: Treaty) -> None:
    service.organization()
    send(service, event("evt_1"))
    work(service)
    service.rows("UPDATE treaty.procrastinate_jobs SET status = 'failed' WHERE task_name = %s", COUNT.key)
    assert treaty("list").startswith("evt_1 failed ")


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_event_from_beyond_the_ends_of_time_is_listed(service: Notes, treaty: Treaty, created: str) -> None:
    assert send(service, event("evt_1", created=created)).status_code == 200
    assert treaty("list").startswith("evt_1 received ")


def test_events_are_shown_and_forgotten(service: Notes, treaty: Treaty) -> None:
    service.organization()
    send(service, event("evt_1"))
    work(service)
    shown = treaty("show", "evt_1")
    assert "state     routed" in shown
    assert "Acme" not in shown
    assert json.loads(treaty("show", "evt_1", "--body")) == event("evt_1")
    assert "There is no event evt_2" in treaty("show", "evt_2", fails=True)
    service.clock.advance(WEBHOOK.keep - dt.timedelta(seconds=1))
    service.run(prune(own(service).database, service.clock))
    assert len(service.rows(SETTLED)) == 1
    service.clock.advance(dt.timedelta(seconds=1))
    service.run(prune(own(service).database, service.clock))
    assert service.rows(SETTLED) == []


@pytest.mark.parametrize("missing", ["stripe_api_key", "stripe_webhook_secrets"])
def test_a_service_that_hears_from_stripe_does_not_start_without_a_secret(service: Notes, missing: str) -> None:
    settings = service.settings.model_copy(update={missing: None})

    async def start() -> None:
        async with open_service(own(service).definition, settings, service.clock):
            raise AssertionError("it has started")

    with pytest.raises(SettingsError, match=f"notes.told hears from stripe, so {missing.upper()} must be set"):
        service.run(start())
