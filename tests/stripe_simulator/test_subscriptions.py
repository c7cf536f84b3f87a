"""How subscriptions live: begun, changed, renewed, not paid, ended; and what each of it costs."""

from __future__ import annotations

import pytest
import stripe

from tests.stripe_simulator.conftest import Shop

DAY = 86400


def item_of(subscription: stripe.Subscription) -> stripe.SubscriptionItem:
    """The first item."""
    item: stripe.SubscriptionItem = subscription["items"].data[0]
    return item


def status_of(shop: Shop, subscription: stripe.Subscription) -> str:
    """What the subscription is at now."""
    return shop.client.v1.subscriptions.retrieve(subscription.id).status


def amounts(invoice: stripe.Invoice) -> list[int]:
    """What the lines come to."""
    return [line.amount for line in invoice.lines.data]


def test_a_subscription_renews_and_is_paid(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscription(customer, shop.seats(1500), quantity=3)
    assert subscription.status == "active"
    assert [(each.billing_reason, each.status, each.total) for each in shop.invoices(customer)] == [
        ("subscription_create", "paid", 4500)
    ]
    shop.simulator.order(f"subscriptions/{subscription.id}/close_period")
    invoice = shop.invoices(customer)[0]
    assert (invoice.billing_reason, invoice.status, invoice.amount_paid) == ("subscription_cycle", "paid", 4500)
    assert invoice.parent is not None
    assert invoice.parent.subscription_details is not None
    assert invoice.parent.subscription_details.subscription == subscription.id
    later = shop.client.v1.subscriptions.retrieve(subscription.id)
    assert item_of(later).current_period_start == item_of(subscription).current_period_end
    kinds = ("customer.subscription.created", "customer.subscription.updated", "invoice.upcoming", "invoice.paid")
    assert shop.told(subscription.id, *kinds) == [
        *("invoice.paid", "customer.subscription.created", "invoice.upcoming"),
        *("customer.subscription.updated", "invoice.paid"),
    ]


def test_time_can_pass_for_one_subscription_alone(shop: Shop) -> None:
    seats, customer, other = shop.seats(1500), shop.customer(), shop.customer()
    subscription, another = shop.subscription(customer, seats), shop.subscription(other, seats)
    before = shop.simulator.ask("clock")["now"]
    shop.simulator.order(f"subscriptions/{subscription.id}/close_period", alone=True)
    assert shop.simulator.ask("clock")["now"] - before < 86400
    assert [(each.billing_reason, each.status) for each in shop.invoices(customer)] == [
        ("subscription_cycle", "paid"),
        ("subscription_create", "paid"),
    ]
    assert len(shop.invoices(other)) == 1
    end = item_of(subscription).current_period_end
    assert item_of(shop.client.v1.subscriptions.retrieve(subscription.id)).current_period_start == end
    kept = item_of(shop.client.v1.subscriptions.retrieve(another.id))
    assert kept.current_period_start == item_of(another).current_period_start


@pytest.mark.parametrize(("seats", "waiting"), [(5, [-1500, 2500]), (1, [-1500, 500])])
def test_a_change_of_seats_is_prorated_to_the_second(shop: Shop, seats: int, waiting: list[int]) -> None:
    """Half of the period is left: half of the old is given back, half of the new is due, with the next invoice."""
    customer = shop.customer()
    subscription = shop.subscription(customer, shop.seats(1000), quantity=3)
    item = item_of(subscription)
    shop.simulator.advance((item.current_period_end - item.current_period_start) // 2)
    shop.client.v1.subscriptions.update(subscription.id, {"items": [{"id": item.id, "quantity": seats}]})
    found = shop.client.v1.invoice_items.list({"customer": customer.id, "pending": True}).data
    assert [each.amount for each in reversed(found)] == waiting
    shop.simulator.order(f"subscriptions/{subscription.id}/close_period")
    assert amounts(shop.invoices(customer)[0]) == [*waiting, seats * 1000]


def test_a_change_that_is_invoiced_at_once(shop: Shop) -> None:
    """What would be, the preview says beforehand; a fall in price becomes credit for the next invoice."""
    customer, product = shop.customer(), shop.product()
    small, big = shop.seats(1000, product.id), shop.seats(4000, product.id)
    subscription = shop.subscription(customer, small)
    item = item_of(subscription)
    change: stripe.params.InvoiceCreatePreviewParams = {
        "subscription": subscription.id,
        "subscription_details": {
            "items": [{"id": item.id, "price": big.id}],
            "proration_behavior": "always_invoice",
        },
    }
    assert amounts(shop.client.v1.invoices.create_preview(change)) == [-1000, 4000]
    assert len(shop.invoices(customer)) == 1
    changed = shop.client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item.id, "price": big.id}], "proration_behavior": "always_invoice"}
    )
    assert item_of(changed).price.id == big.id
    assert (amounts(shop.invoices(customer)[0]), shop.invoices(customer)[0].amount_paid) == ([-1000, 4000], 3000)
    shop.client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item.id, "price": small.id}], "proration_behavior": "always_invoice"}
    )
    assert (shop.invoices(customer)[0].total, shop.invoices(customer)[0].amount_due) == (-3000, 0)
    assert shop.client.v1.customers.retrieve(customer.id).balance == -3000
    shop.simulator.order(f"subscriptions/{subscription.id}/close_period")
    assert (shop.invoices(customer)[0].total, shop.invoices(customer)[0].amount_due) == (1000, 0)
    assert shop.client.v1.customers.retrieve(customer.id).balance == -2000


@pytest.mark.parametrize("by_replacing", [True, False])
def test_from_months_to_years_a_new_period_begins(shop: Shop, *, by_replacing: bool) -> None:
    customer, product, meter = shop.customer(), shop.product(), shop.meter()
    subscription = shop.subscription(customer, shop.seats(1000, product.id), shop.usage(meter, "10"))
    yearly = {"currency": "usd", "product": product.id, "recurring": {"interval": "year"}, "unit_amount": 9000}
    calls = yearly | {"recurring": {"interval": "year", "usage_type": "metered", "meter": meter.id}, "unit_amount": 10}
    prices = [shop.client.v1.prices.create(each) for each in (yearly, calls)]  # type: ignore[arg-type]
    shop.use(meter, customer, 12)
    seats, metered = subscription["items"].data
    shop.simulator.advance((seats.current_period_end - seats.current_period_start) // 2)
    with pytest.raises(stripe.InvalidRequestError, match="interval"):
        shop.client.v1.subscriptions.update(subscription.id, {"items": [{"id": seats.id, "price": prices[0].id}]})
    change: list[stripe.params.SubscriptionUpdateParamsItem] = [
        {"id": seats.id, "price": prices[0].id},
        {"id": metered.id, "price": prices[1].id},
    ]
    if by_replacing:
        change = [{"id": seats.id, "deleted": True}, {"id": metered.id, "deleted": True}]
        change += [{"price": each.id} for each in prices]
    changed = shop.client.v1.subscriptions.update(subscription.id, {"items": change})
    assert item_of(changed).current_period_start == shop.now()
    assert sorted(amounts(shop.invoices(customer)[0])) == [-500, 120, 9000]


def test_usage_is_billed_once_at_the_price_of_its_time(shop: Shop) -> None:
    """Also where the old item goes and a new one comes, at the same meter."""
    customer, meter = shop.customer(), shop.meter()
    subscription = shop.subscription(customer, shop.usage(meter, "10"))
    shop.use(meter, customer, 5)
    shop.simulator.advance(DAY)
    dearer = shop.usage(meter, "100")
    shop.client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item_of(subscription).id, "deleted": True}, {"price": dearer.id}]}
    )
    shop.use(meter, customer, 3)
    shop.simulator.order(f"subscriptions/{subscription.id}/close_period")
    assert sorted(amounts(shop.invoices(customer)[0])) == [50, 300]
    later = shop.client.v1.subscriptions.retrieve(subscription.id)
    shop.use(meter, customer, 2)
    shop.simulator.order(f"subscriptions/{later.id}/close_period")
    assert amounts(shop.invoices(customer)[0]) == [200]


def test_a_trial_becomes_a_paid_subscription(shop: Shop) -> None:
    customer, price = shop.customer(), shop.seats()
    trial = shop.client.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id}], "trial_period_days": 14}
    )
    assert (trial.status, shop.invoices(customer)[0].total) == ("trialing", 0)
    shop.simulator.advance(14 * DAY + 3600)
    assert status_of(shop, trial) == "active"
    assert shop.invoices(customer)[0].amount_paid == 1500
    assert len(shop.told(trial.id, "customer.subscription.trial_will_end")) == 1


def test_a_first_payment_that_fails(shop: Shop) -> None:
    """Incomplete until it is paid, or over after 23 hours; or never begun, when that is asked for."""
    customer, price = shop.customer("pm_card_chargeCustomerFail"), shop.seats()
    new: stripe.params.SubscriptionCreateParams = {"customer": customer.id, "items": [{"price": price.id}]}
    with pytest.raises(stripe.CardError) as declined:
        shop.client.v1.subscriptions.create({**new, "payment_behavior": "error_if_incomplete"})
    assert declined.value.code == "card_declined"
    assert shop.client.v1.subscriptions.list({"customer": customer.id, "status": "all"}).data == []
    first, second = (shop.client.v1.subscriptions.create(new) for _ in range(2))
    assert first.status == second.status == "incomplete"
    card = shop.client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    assert isinstance(second.latest_invoice, str)
    shop.client.v1.invoices.pay(second.latest_invoice, {"payment_method": card.id})
    shop.simulator.advance(23 * 3600)
    assert (status_of(shop, first), status_of(shop, second)) == ("incomplete_expired", "active")


@pytest.mark.parametrize(("end", "status"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")])
def test_a_renewal_that_is_never_paid(shop: Shop, end: str, status: str) -> None:
    """Tried again on the days that are set; then the subscription is what the account says."""
    shop.simulator.order("dunning", days=[1, 2], **{"finally": end})
    customer = shop.customer()
    subscription = shop.subscription(customer, shop.seats())
    shop.simulator.order(f"customers/{customer.id}/payments", failing=True)
    shop.simulator.order(f"subscriptions/{subscription.id}/close_period")
    invoice = shop.invoices(customer)[0]
    assert (status_of(shop, subscription), invoice.attempt_count) == ("past_due", 1)
    assert invoice.next_payment_attempt == shop.now() + DAY
    shop.simulator.advance(3 * DAY)
    invoice = shop.client.v1.invoices.retrieve(invoice.id)
    assert (invoice.status, invoice.attempt_count, invoice.next_payment_attempt) == ("open", 3, None)
    assert status_of(shop, subscription) == status
    assert len(shop.told(invoice.id, "invoice.payment_failed")) == 3
    assert shop.client.v1.customers.retrieve(customer.id).delinquent


@pytest.mark.parametrize("by_retry", [True, False])
def test_a_late_payment_heals(shop: Shop, *, by_retry: bool) -> None:
    shop.simulator.order("dunning", days=[3], **{"finally": "cancel"})
    customer = shop.customer()
    subscription = shop.subscription(customer, shop.seats())
    shop.simulator.order(f"customers/{customer.id}/payments", failing=True)
    shop.simulator.order(f"subscriptions/{subscription.id}/close_period")
    invoice = shop.invoices(customer)[0]
    with pytest.raises(stripe.CardError):
        shop.client.v1.invoices.pay(invoice.id)
    assert shop.client.v1.invoices.retrieve(invoice.id).attempt_count == 2
    shop.simulator.order(f"customers/{customer.id}/payments", failing=False)
    if by_retry:
        shop.simulator.advance(3 * DAY)
    else:
        shop.client.v1.invoices.pay(invoice.id)
    assert shop.client.v1.invoices.retrieve(invoice.id).status == "paid"
    assert status_of(shop, subscription) == "active"
    assert not shop.client.v1.customers.retrieve(customer.id).delinquent


def test_canceled_at_the_end_of_the_period_with_its_usage_billed(shop: Shop) -> None:
    customer, meter = shop.customer(), shop.meter()
    subscription = shop.subscription(customer, shop.usage(meter, "10"))
    changed = shop.client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert (changed.status, changed.cancel_at_period_end) == ("active", True)
    shop.use(meter, customer, 30)
    shop.simulator.order(f"subscriptions/{subscription.id}/close_period")
    assert status_of(shop, subscription) == "canceled"
    assert (shop.invoices(customer)[0].status, shop.invoices(customer)[0].total) == ("paid", 300)
    shop.simulator.advance(90 * DAY)
    assert len(shop.invoices(customer)) == 2
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription"):
        shop.client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})


def test_entitlements_follow_the_subscription(shop: Shop) -> None:
    """All pages of them: the event's list ends after ten."""
    customer = shop.customer()
    names = sorted(f"feature-{customer.id}-{number:02}" for number in range(12))
    product = shop.product(*names)
    subscription = shop.subscription(customer, shop.seats(product=product.id))
    found = shop.client.v1.entitlements.active_entitlements.list({"customer": customer.id})
    assert (len(found.data), found.has_more) == (10, True)
    assert sorted(each.lookup_key for each in found.auto_paging_iter()) == names
    shop.client.v1.subscriptions.cancel(subscription.id)
    assert shop.client.v1.entitlements.active_entitlements.list({"customer": customer.id}).data == []
    summaries = shop.client.v1.events.list({"type": "entitlements.active_entitlement_summary.updated", "limit": 2}).data
    lists = [each.data.object["entitlements"] for each in summaries]
    assert [(len(each["data"]), each["has_more"]) for each in lists] == [(0, False), (10, True)]


def test_a_customer_pays_in_one_currency(shop: Shop) -> None:
    customer = shop.customer()
    shop.subscription(customer, shop.seats())
    euros = shop.client.v1.prices.create(
        {"currency": "eur", "product": shop.product().id, "unit_amount": 1, "recurring": {"interval": "month"}}
    )
    with pytest.raises(stripe.InvalidRequestError, match="cannot combine currencies"):
        shop.subscription(customer, euros)
