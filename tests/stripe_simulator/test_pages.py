"""The pages for customers: they subscribe, change, cancel and pay there, without a script or anything from outside."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
import pytest

from stripe_simulator import Simulator
from tests.stripe_simulator.conftest import Shop


class Forms(HTMLParser):
    """The forms of a page, by what their button says, with the values that they begin with."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self.links: list[str] = []
        self._values: dict[str, str] = {}
        self._select = ""
        self._in_button = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.links += [given[name] for name in ("src", "href", "action") if name in given]
        if tag == "form":
            self._values = {}
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and (self._select not in self._values or "selected" in given):
            self._values[self._select] = given["value"]
        elif tag == "input" and (given["type"] != "radio" or "checked" in given):
            self._values[given["name"]] = given["value"]
        self._in_button = tag == "button"

    def handle_data(self, data: str) -> None:
        if self._in_button:
            self.forms[data] = self._values
            self._in_button = False


class Browser:
    """Looks at a page and submits its forms."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answer = httpx.get(url, trust_env=False)

    def forms(self) -> dict[str, dict[str, str]]:
        """The page's forms by their buttons."""
        return Forms(self.answer.text).forms

    def submit(self, button: str, **changed: str) -> httpx.Response:
        """Press a button; where that leads."""
        self.answer = httpx.post(self.url, data=self.forms()[button] | changed, trust_env=False)
        if self.answer.is_redirect and self.answer.headers["location"].startswith("/"):
            self.answer = httpx.get(self.url, trust_env=False)
        return self.answer


def test_a_customer_subscribes(shop: Shop) -> None:
    price = shop.seats(1500)
    session = shop.client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer_email": "new@example.com",
            "client_reference_id": "organization-1",
            "line_items": [{"price": price.id, "quantity": 3}],
            "subscription_data": {"metadata": {"organization": "1"}},
            "success_url": "http://localhost/thanks?session={CHECKOUT_SESSION_ID}",
        }
    )
    assert session.url is not None
    browser = Browser(session.url)
    assert "45.00 USD" in browser.answer.text
    refused = browser.submit("Subscribe", card="pm_card_visa_chargeDeclinedInsufficientFunds")
    assert (refused.status_code, "Your card was declined." in refused.text) == (402, True)
    assert shop.client.v1.checkout.sessions.retrieve(session.id).customer is None
    done = browser.submit("Subscribe")
    assert (done.status_code, done.headers["location"]) == (303, f"http://localhost/thanks?session={session.id}")
    finished = shop.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert (finished.status, finished.payment_status) == ("complete", "paid")
    assert finished["subscription"]["status"] == "active"
    assert finished["subscription"]["metadata"]["organization"] == "1"
    assert shop.told(session.id, "checkout.session.completed") == ["checkout.session.completed"]
    assert "complete" in Browser(session.url).answer.text


def test_a_session_expires(shop: Shop) -> None:
    session = shop.client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "line_items": [{"price": shop.seats().id, "quantity": 1}],
            "success_url": "http://localhost/",
        }
    )
    shop.simulator.advance(86400)
    assert shop.client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert shop.told(session.id, "checkout.session.expired") == ["checkout.session.expired"]


def test_a_customer_looks_after_a_subscription(shop: Shop) -> None:
    customer, product = shop.customer(), shop.product()
    small, big = shop.seats(1000, product.id), shop.seats(4000, product.id)
    subscription = shop.subscription(customer, small)
    session = shop.client.v1.billing_portal.sessions.create(
        {"customer": customer.id, "return_url": "http://localhost/account"}
    )
    browser = Browser(session.url)
    browser.submit("Change", price=big.id, quantity="2")
    item = shop.client.v1.subscriptions.retrieve(subscription.id)["items"].data[0]
    assert (item.price.id, item.quantity) == (big.id, 2)
    browser.submit("Cancel")
    assert shop.client.v1.subscriptions.retrieve(subscription.id).cancel_at_period_end
    browser.submit("Resume")
    assert not shop.client.v1.subscriptions.retrieve(subscription.id).cancel_at_period_end
    browser.submit("Use this card", card="pm_card_chargeCustomerFail")
    shop.simulator.order("dunning", days=[3], **{"finally": "cancel"})
    shop.simulator.order(f"subscriptions/{subscription.id}/close_period")
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "past_due"
    browser = Browser(session.url)
    pay = next(name for name in browser.forms() if name.startswith("Pay"))
    assert "Your card was declined." in browser.submit(pay).text
    browser.submit("Use this card", card="pm_card_visa")
    browser.submit(pay)
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_pages_need_nothing_from_outside_and_escape_what_they_show(shop: Shop) -> None:
    """Texts of customers and products are texts."""
    evil = '<script src="http://evil.example/x.js">'
    customer = shop.customer()
    shop.client.v1.customers.update(customer.id, {"name": evil})
    product = shop.client.v1.products.create({"name": evil})
    subscription = shop.subscription(customer, shop.seats(product=product.id))
    invoice = shop.invoices(customer)[0]
    session = shop.client.v1.billing_portal.sessions.create({"customer": customer.id})
    checkout = shop.client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "line_items": [{"price": subscription["items"].data[0].price.id, "quantity": 1}],
            "success_url": "http://localhost/",
        }
    )
    assert invoice.hosted_invoice_url is not None
    assert checkout.url is not None
    for url in (invoice.hosted_invoice_url, session.url, checkout.url):
        text = httpx.get(url, trust_env=False).text
        assert "evil.example" in text
        assert not re.search("<script|http-equiv", text)
        assert all(link.startswith("/") for link in Forms(text).links)


def test_another_customers_subscription_is_out_of_reach(shop: Shop, simulator: Simulator) -> None:
    subscription = shop.subscription(shop.customer(), shop.seats())
    session = shop.client.v1.billing_portal.sessions.create({"customer": shop.customer().id})
    answer = httpx.post(session.url, data={"act": "cancel", "subject": subscription.id}, trust_env=False)
    assert answer.status_code == 400
    assert not shop.client.v1.subscriptions.retrieve(subscription.id).cancel_at_period_end


@pytest.mark.parametrize("path", ["/c/pay/none", "/p/session/none", "/i/none", "/", "/c/pay/"])
def test_pages_that_there_are_not(simulator: Simulator, path: str) -> None:
    assert httpx.get(simulator.address + path, trust_env=False).status_code == 404
