"""How requests are refused, repeated, paged and expanded: as the SDK knows it from Stripe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
import stripe

from tests.stripe_simulator.conftest import Shop, client_of

REFUSED: dict[str, tuple[Callable[[Any], Any], type[stripe.StripeError], str | None, str | None]] = {
    "unknown parameter": (
        lambda v1: v1.customers.create({"shoe_size": 42}),
        *(stripe.InvalidRequestError, "parameter_unknown", "shoe_size"),
    ),
    "unknown nested parameter": (
        lambda v1: v1.customers.create({"address": {"planet": "Mars"}}),
        *(stripe.InvalidRequestError, "parameter_unknown", "address[planet]"),
    ),
    "missing": (
        lambda v1: v1.billing.meters.create({"display_name": "x", "event_name": "y"}),
        *(stripe.InvalidRequestError, "parameter_missing", "default_aggregation"),
    ),
    "no integer": (
        lambda v1: v1.prices.create({"currency": "usd", "unit_amount": "much"}),
        *(stripe.InvalidRequestError, "parameter_invalid_integer", "unit_amount"),
    ),
    "no object": (
        lambda v1: v1.customers.retrieve("cus_none"),
        *(stripe.InvalidRequestError, "resource_missing", "id"),
    ),
    "another kind of object": (
        lambda v1: v1.subscriptions.list({"customer": "prod_1", "limit": 101}),
        *(stripe.InvalidRequestError, None, "limit"),
    ),
    "not to be expanded": (
        lambda v1: v1.customers.list({"expand": ["data.email_address"], "limit": 1}),
        *(stripe.InvalidRequestError, None, "expand"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_say_what_and_where(shop: Shop, case: str) -> None:
    call, kind, code, param = REFUSED[case]
    shop.customer()
    with pytest.raises(kind) as refused:
        call(shop.client.v1)
    assert (refused.value.code, getattr(refused.value, "param", None)) == (code, param)


@pytest.mark.parametrize("key", ["sk_live_real", "pk_test_public"])
def test_other_keys_are_refused(shop: Shop, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        client_of(shop.simulator, key).v1.customers.list()


def test_a_key_is_answered_once(shop: Shop) -> None:
    """The same request gets the same answer; another one under the same key is refused; a day later, it is new."""
    key, email = uuid4().hex, f"{uuid4().hex}@example.com"
    first, again = (shop.client.v1.customers.create({"email": email}, {"idempotency_key": key}) for _ in range(2))
    assert first.id == again.id
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        shop.client.v1.customers.create({"email": "other@example.com"}, {"idempotency_key": key})
    assert len(shop.client.v1.customers.list({"email": email}).data) == 1
    shop.simulator.advance(86401)
    assert shop.client.v1.customers.create({"email": email}, {"idempotency_key": key}).id != first.id


def test_a_declined_payment_is_answered_once_too(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscription(customer, shop.seats())
    shop.simulator.order(f"customers/{customer.id}/payments", failing=True, code="insufficient_funds")
    shop.simulator.order(f"subscriptions/{subscription.id}/close_period")
    invoice, key = shop.invoices(customer)[0], uuid4().hex
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            shop.client.v1.invoices.pay(invoice.id, {}, {"idempotency_key": key})
        assert declined.value.error is not None
        assert declined.value.error.decline_code == "insufficient_funds"
    assert shop.client.v1.invoices.retrieve(invoice.id).attempt_count == invoice.attempt_count + 1


@pytest.mark.parametrize("answer", [500, 409, "lost"])
def test_the_sdk_gets_over_a_failure_by_trying_again(
    shop: Shop, answer: int | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same key: also where the first request was carried out and only its answer was lost."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.01)
    email = f"{uuid4().hex}@example.com"
    shop.simulator.order("faults/answers", rules=[{"path": "/v1/customers", "answer": answer}])
    with pytest.raises(stripe.StripeError):
        shop.client.v1.customers.create({"email": f"first-{email}"})
    shop.simulator.order("faults/answers", rules=[{"path": "/v1/customers", "answer": answer, "times": 2}])
    client_of(shop.simulator, retries=2).v1.customers.create({"email": email})
    assert len(shop.client.v1.customers.list({"email": email}).data) == 1
    done = 1 if answer == "lost" else 0
    assert len(shop.client.v1.customers.list({"email": f"first-{email}"}).data) == done


def test_too_many_requests(shop: Shop) -> None:
    """The SDK tries again only when it is told to."""
    shop.simulator.order("faults/answers", rules=[{"path": "/v1/customers", "method": "GET", "answer": 429}])
    with pytest.raises(stripe.RateLimitError):
        client_of(shop.simulator, retries=2).v1.customers.list()
    assert shop.simulator.ask("faults/answers") == {"rules": []}


def test_a_request_that_takes_too_long(shop: Shop) -> None:
    rule = {"path": "/v1/customers", "answer": "timeout", "seconds": 20}
    shop.simulator.order("faults/answers", rules=[rule])
    client = stripe.StripeClient(
        "sk_test_simulated",
        base_addresses={"api": shop.simulator.address},
        http_client=stripe.RequestsClient(timeout=0.1),
    )
    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.list()


def test_pages_forwards_and_backwards(shop: Shop) -> None:
    email = f"{uuid4().hex}@example.com"
    made = [shop.client.v1.customers.create({"email": email}).id for _ in range(5)]
    newest_first = made[::-1]
    listing = shop.client.v1.customers.list({"email": email, "limit": 2})
    assert (len(listing.data), listing.has_more) == (2, True)
    assert [each.id for each in listing.auto_paging_iter()] == newest_first
    before = shop.client.v1.customers.list({"email": email, "limit": 2, "ending_before": newest_first[3]})
    assert ([each.id for each in before.data], before.has_more) == (newest_first[1:3], True)


def test_ids_become_objects_where_asked(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscription(customer, shop.seats())
    whole = shop.client.v1.subscriptions.retrieve(
        subscription.id, {"expand": ["customer", "latest_invoice.customer", "items.data.price.product"]}
    )
    assert isinstance(whole.customer, stripe.Customer)
    assert isinstance(whole.latest_invoice, stripe.Invoice)
    assert isinstance(whole.latest_invoice.customer, stripe.Customer)
    assert isinstance(whole["items"].data[0].price.product, stripe.Product)


BODIES = [
    b"\xff\xfe", b"a[b]=1&a=2", b"a=1&a[b]=2", b"[]=1", b"email[]=1", b"metadata=1", b"metadata[a][b]=1",
    b"expand=1", b"expand[x]=1", b"address=", b"address=1", b"name=%00", b"=", b"email=" + b"x" * 3_000_000,
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("path", ["/v1/customers", "/v2/billing/meter_events", "/v1/nothing", "/_simulator/clock"])
def test_whatever_comes_is_answered(shop: Shop, path: str, body: bytes) -> None:
    """With a refusal in Stripe's form, never a failure."""
    answer = httpx.post(
        shop.simulator.address + path,
        content=body,
        headers={"Authorization": "Bearer sk_test_simulated"},
        trust_env=False,
    )
    assert answer.status_code in (200, 400, 404)
    if answer.status_code != 200:
        assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("number", ["9" * 30, "-1", "1.5", "true"])
def test_numbers_that_no_clock_has(shop: Shop, number: str) -> None:
    answer = httpx.post(
        f"{shop.simulator.address}/v1/subscriptions",
        data={"customer": shop.customer().id, "items[0][price]": shop.seats().id, "trial_end": number},
        headers={"Authorization": "Bearer sk_test_simulated"},
        trust_env=False,
    )
    assert answer.status_code == 400
