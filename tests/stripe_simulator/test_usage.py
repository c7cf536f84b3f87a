"""Meter events in all their ways: counted once, within the window, and reported when they do not count."""

from __future__ import annotations

from uuid import uuid4

import pytest
import stripe
from stripe.params.v2.billing._meter_event_stream_create_params import MeterEventStreamCreateParamsEvent

from stripe_simulator import Simulator
from tests.stripe_simulator.conftest import Shop, client_of

DAY = 86400


def total(shop: Shop, meter: stripe.billing.Meter, customer: stripe.Customer) -> float:
    """What the meter counted in the last 40 days."""
    now = shop.now() // 60 * 60
    found = shop.client.v1.billing.meters.event_summaries.list(
        meter.id, {"customer": customer.id, "start_time": now - 40 * DAY, "end_time": now + 600}
    )
    return sum(each.aggregated_value for each in found.data)


def stream_of(simulator: Simulator) -> stripe.StripeClient:
    """A client with a token for the stream."""
    token = client_of(simulator).v2.billing.meter_event_session.create().authentication_token
    return client_of(simulator, token)


def test_an_identifier_counts_once_in_24_hours(shop: Shop) -> None:
    customer, meter, identifier = shop.customer(), shop.meter(), uuid4().hex
    shop.use(meter, customer, 5, identifier=identifier)
    with pytest.raises(stripe.InvalidRequestError, match=f"An event already exists with identifier {identifier}"):
        shop.use(meter, customer, 5, identifier=identifier)
    event: MeterEventStreamCreateParamsEvent = {
        "event_name": meter.event_name,
        "identifier": identifier,
        "payload": {"stripe_customer_id": customer.id, "value": "5"},
    }
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.client.v2.billing.meter_events.create({**event})
    assert refused.value.code == "duplicate_meter_event"
    stream_of(shop.simulator).v2.billing.meter_event_stream.create({"events": [event, event]})
    assert total(shop, meter, customer) == 5
    shop.simulator.advance(DAY + 1)
    shop.use(meter, customer, 5, identifier=identifier)
    assert total(shop, meter, customer) == 10


@pytest.mark.parametrize(
    ("seconds", "code"), [(-35 * DAY - 1, "timestamp_too_far_in_past"), (301, "timestamp_in_future")]
)
def test_times_outside_of_the_window_are_refused(shop: Shop, seconds: int, code: str) -> None:
    customer, meter = shop.customer(), shop.meter()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.use(meter, customer, 1, timestamp=shop.now() + seconds)
    assert refused.value.code == code
    shop.use(meter, customer, 1, timestamp=shop.now() + (300 if seconds > 0 else -35 * DAY))
    assert total(shop, meter, customer) == 1


@pytest.mark.parametrize(("formula", "counted"), [("sum", 9), ("count", 3), ("last", 2)])
def test_meters_add_up_as_they_say(shop: Shop, formula: str, counted: int) -> None:
    customer, meter = shop.customer(), shop.meter(formula)
    for age, value in ((30, 3), (10, 2), (20, 4)):
        shop.use(meter, customer, value, timestamp=shop.now() - age)
    assert total(shop, meter, customer) == counted


def test_what_does_not_count_is_reported_with_samples(shop: Shop) -> None:
    """In one report for each meter, which names what was wrong and some of the identifiers."""
    meter, customer = shop.meter(), shop.customer()
    identifiers = [uuid4().hex for _ in range(7)]
    for identifier in identifiers:
        payload = {"stripe_customer_id": "cus_nobody", "value": "1"}
        event = {"event_name": meter.event_name, "payload": payload, "identifier": identifier}
        stream_of(shop.simulator).v2.billing.meter_event_stream.create({"events": [event]})  # type: ignore[list-item]
    half = {"stripe_customer_id": customer.id, "value": "1.5"}
    shop.client.v1.billing.meter_events.create({"event_name": meter.event_name, "payload": half})
    shop.simulator.advance(2)
    reports = shop.client.v2.core.events.list({"object_id": meter.id}).data
    errors: dict[str, int] = {}
    samples: set[str] = set()
    for report in reports:
        if report.type == "v1.billing.meter.error_report_triggered":
            for kind in shop.client.v2.core.events.retrieve(report.id).data.reason.error_types:  # type: ignore[attr-defined]
                errors[kind.code] = errors.get(kind.code, 0) + kind.error_count
                samples |= {each.request.identifier for each in kind.sample_errors}
    assert errors == {"meter_event_customer_not_found": 7, "meter_event_invalid_value": 1}
    assert samples & set(identifiers)
    assert total(shop, meter, customer) == 0


def test_an_event_without_a_meter_is_reported(shop: Shop) -> None:
    identifier = uuid4().hex
    shop.client.v1.billing.meter_events.create(
        {"event_name": "no-such-meter", "payload": {"value": "1"}, "identifier": identifier}
    )
    shop.simulator.advance(2)
    report = shop.client.v2.core.events.list({"types": ["v1.billing.meter.no_meter_found"]}).data[0]
    assert identifier in str(report)


def test_usage_can_be_taken_back_within_24_hours(shop: Shop) -> None:
    customer, meter = shop.customer(), shop.meter()
    identifiers = [uuid4().hex, uuid4().hex]
    for identifier in identifiers:
        shop.use(meter, customer, 4, identifier=identifier)

    def cancel(identifier: str) -> None:
        shop.client.v1.billing.meter_event_adjustments.create(
            {"event_name": meter.event_name, "type": "cancel", "cancel": {"identifier": identifier}}
        )

    cancel(identifiers[0])
    assert total(shop, meter, customer) == 4
    shop.simulator.advance(DAY + 1)
    with pytest.raises(stripe.InvalidRequestError, match="within 24 hours"):
        cancel(identifiers[1])
    assert total(shop, meter, customer) == 4


def test_the_stream_wants_a_fresh_token_and_small_batches(shop: Shop) -> None:
    customer, meter = shop.customer(), shop.meter()
    event: MeterEventStreamCreateParamsEvent = {
        "event_name": meter.event_name,
        "payload": {"stripe_customer_id": customer.id, "value": "1"},
    }
    streaming = stream_of(shop.simulator)
    streaming.v2.billing.meter_event_stream.create({"events": [event] * 100})
    with pytest.raises(stripe.InvalidRequestError, match="at most 100 events"):
        streaming.v2.billing.meter_event_stream.create({"events": [event] * 101})
    shop.simulator.advance(15 * 60)
    with pytest.raises(stripe.TemporarySessionExpiredError):
        streaming.v2.billing.meter_event_stream.create({"events": [event]})
    with pytest.raises(stripe.AuthenticationError):
        shop.client.v2.billing.meter_event_stream.create({"events": [event]})
    assert total(shop, meter, customer) == 100


def test_late_usage_is_on_the_invoice_until_it_is_finalized(shop: Shop) -> None:
    """The invoice of a period equals what was used in it, to the unit, whenever that arrived."""
    customer, meter = shop.customer(), shop.meter()
    subscription = shop.subscription(customer, shop.usage(meter, "2.5"))
    shop.use(meter, customer, 1000)
    end = subscription["items"].data[0].current_period_end
    shop.simulator.order("clock", now=end)
    (draft, _first) = shop.invoices(customer)
    assert (draft.status, draft.lines.data[0].quantity, draft.total) == ("draft", 1000, 2500)
    shop.use(meter, customer, 7, timestamp=end - 1)
    shop.use(meter, customer, 500, timestamp=end)
    shop.simulator.advance(3600)
    invoice = shop.client.v1.invoices.retrieve(draft.id)
    assert (invoice.status, invoice.lines.data[0].quantity, invoice.total) == ("paid", 1007, 2518)  # 2,517.5
    shop.simulator.order(f"subscriptions/{subscription.id}/close_period")
    assert shop.invoices(customer)[0].lines.data[0].quantity == 500
