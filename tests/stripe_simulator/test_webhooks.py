"""Deliveries: signed as the SDK checks it, at least once, with the faults that are asked for, and over crashes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from stripe_simulator import Simulator, SimulatorError
from tests.stripe_simulator.conftest import client_of
from tests.stripe_simulator.receiver import Receiver, receiving

SECRET = "whsec_simulated"


@pytest.fixture(scope="module")
def sending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A simulator of its own: faults concern all deliveries."""
    with Simulator.start(tmp_path_factory.mktemp("stripe")) as running:
        yield running


@pytest.fixture
def receiver(sending: Simulator) -> Iterator[Receiver]:
    """An endpoint that the simulator knows under a secret, without faults."""
    sending.order("faults/deliveries")
    with receiving() as endpoint:
        known = sending.order("webhook_endpoints", url=endpoint.url, secret=SECRET, events=["customer.created"])
        yield endpoint
        client_of(sending).v1.webhook_endpoints.delete(known["id"])


def emails(receiver: Receiver) -> list[str]:
    """Whose creation was told, in the order of arrival."""
    return [json.loads(body)["data"]["object"]["email"] for body, _ in receiver.received]


def create(sending: Simulator, *names: str) -> list[str]:
    """Customers, made in this order; the same as what should be told."""
    for name in names:
        client_of(sending).v1.customers.create({"email": name})
    return list(names)


def test_snapshots_are_signed_and_filtered(sending: Simulator, receiver: Receiver) -> None:
    client = client_of(sending)
    customer = client.v1.customers.create({"email": "a@example.com"})
    client.v1.customers.update(customer.id, {"name": "not asked for"})
    sending.settle()
    ((body, signature),) = receiver.received
    event = client.construct_event(body, signature, SECRET)
    assert (event.type, event.data.object["id"], event.api_version) == (
        *("customer.created", customer.id, stripe.api_version),
    )
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body, signature, "whsec_another")
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body + b" ", signature, SECRET)


def test_thin_events_lead_to_their_object(sending: Simulator) -> None:
    client = client_of(sending)
    with receiving() as endpoint:
        destination = client.v2.core.event_destinations.create(
            {
                "name": "thin",
                "type": "webhook_endpoint",
                "event_payload": "thin",
                "enabled_events": ["v1.customer.created"],
                "webhook_endpoint": {"url": endpoint.url},
                "include": ["webhook_endpoint.signing_secret"],
            }
        )
        assert destination.webhook_endpoint is not None
        secret = destination.webhook_endpoint.signing_secret
        assert secret is not None
        customer = client.v1.customers.create()
        sending.settle()
        ((body, signature),) = endpoint.received
        client.v2.core.event_destinations.delete(destination.id)
    told = client.parse_event_notification(body, signature, secret)
    assert isinstance(told, stripe.events.V1CustomerCreatedEventNotification)
    assert told.fetch_related_object().id == customer.id
    assert told.fetch_event().type == "v1.customer.created"
    assert "data" not in json.loads(body)


def test_both_secrets_sign_while_they_are_rotated(sending: Simulator, receiver: Receiver) -> None:
    (endpoint,) = client_of(sending).v1.webhook_endpoints.list().data
    sending.order(f"webhook_endpoints/{endpoint.id}/roll", secret="whsec_new", both_for=3600)
    create(sending, "rotating")
    sending.settle()
    sending.order(f"webhook_endpoints/{endpoint.id}/roll", secret="whsec_newest", both_for=0)
    create(sending, "rotated")
    sending.settle()
    first, second = receiver.received
    for secret in (SECRET, "whsec_new"):
        client_of(sending).construct_event(*first, secret)
    client_of(sending).construct_event(*second, "whsec_newest")
    with pytest.raises(stripe.SignatureVerificationError):
        client_of(sending).construct_event(*second, "whsec_new")


def test_what_is_not_taken_comes_again(sending: Simulator, receiver: Receiver) -> None:
    receiver.refusals = 1
    create(sending, "again")
    while not receiver.received:
        time.sleep(0.01)
    sending.order("deliveries/retry")
    sending.settle()
    assert emails(receiver) == ["again", "again"]


def test_duplicates_losses_and_another_order(sending: Simulator, receiver: Receiver) -> None:
    """As asked for; what was lost can be delivered again by the event's id."""
    sending.order("faults/deliveries", copies=2, duplicate=1, seed=1)
    thrice = create(sending, "once", "more")
    sending.settle()
    assert sorted(emails(receiver)) == sorted(thrice * 3)
    receiver.received.clear()
    sending.order("faults/deliveries", drop=1)
    create(sending, "lost")
    assert sending.settle()["dropped"] == 1
    assert receiver.received == []
    (event,) = client_of(sending).v1.events.list({"type": "customer.created", "limit": 1}).data
    sending.order(f"events/{event.id}/deliver")
    sending.settle()
    assert emails(receiver) == ["lost"]
    receiver.received.clear()
    sending.order("faults/deliveries", paused=True, reorder=1, shuffle=0.2, concurrency=1)
    names = create(sending, *(str(number) for number in range(30)))
    sending.order("faults/deliveries", concurrency=1)
    sending.settle()
    assert sorted(emails(receiver)) == sorted(names)
    assert emails(receiver) != names


def test_clocks_and_versions_that_differ(sending: Simulator, receiver: Receiver) -> None:
    """Signatures carry the real time, however the simulated one was moved, and a skew when it is asked for."""
    sending.advance(30 * 86400)
    create(sending, "moved")
    sending.settle()
    event = client_of(sending).construct_event(*receiver.received[0], SECRET)
    assert event.created > time.time() + 29 * 86400
    sending.order("faults/deliveries", skew=-600, api_version="2019-01-01")
    create(sending, "old")
    sending.settle()
    with pytest.raises(stripe.SignatureVerificationError, match="Timestamp outside the tolerance zone"):
        client_of(sending).construct_event(*receiver.received[1], SECRET)
    assert json.loads(receiver.received[1][0])["api_version"] == "2019-01-01"


def test_a_crash_loses_nothing(tmp_path: Path) -> None:
    """What was answered is still there, and what was not delivered is delivered by the next process."""
    with receiving() as endpoint:
        first = Simulator.start(tmp_path)
        first.order("clock", now=2_000_000_000, standing=True)
        first.order("webhook_endpoints", url=endpoint.url, secret=SECRET, events=["customer.created"])
        first.order("faults/deliveries", paused=True)
        client = client_of(first)
        names = [f"{number}@example.com" for number in range(20)]
        for name in names:
            client.v1.customers.create({"email": name})
        first.kill()
        with Simulator.start(tmp_path) as second:
            assert second.ask("clock") == {"now": 2_000_000_000, "standing": True}
            found = client_of(second).v1.customers.list({"limit": 100}).data
            assert [each.email for each in reversed(found)] == names
            second.order("faults/deliveries")
            second.settle()
        assert sorted(emails(endpoint)) == sorted(names)


def test_a_folder_has_one_simulator(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A second one says where the first is; when that is gone, the folder is free, whatever it ended of."""
    assert Simulator.running(tmp_path) is None
    first = Simulator.start(tmp_path)
    assert Simulator.running(tmp_path) == first.address
    with pytest.raises(SimulatorError, match="does not start"):
        Simulator.start(tmp_path)
    assert f"Another simulator runs in {tmp_path}, at {first.address}" in capfd.readouterr().err
    first.kill()
    assert Simulator.running(tmp_path) is None


def test_a_reset_forgets_what_is_not_to_be_kept(sending: Simulator) -> None:
    """Tests begin with the catalogue and an earlier time, without what happened before."""
    client = client_of(sending)
    product = client.v1.products.create({"name": "Kept"})
    client.v1.customers.create({}, {"idempotency_key": "the-same"})
    sending.order("faults/deliveries", drop=1)
    with pytest.raises(SimulatorError, match="Reset first"):
        sending.order("clock", now=1_700_000_000)
    sending.order("reset", keep=["product"], now=1_700_000_000, standing=True)
    assert [each.id for each in client.v1.products.list().data] == [product.id]
    assert (client.v1.customers.list().data, client.v1.events.list().data) == ([], [])
    assert client.v1.customers.create({}, {"idempotency_key": "the-same"}).created == 1_700_000_000
    assert sending.ask("faults/deliveries")["drop"] == 0
