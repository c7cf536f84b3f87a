"""The billing portal, `/v1/billing_portal/sessions`: a page where customers look after their subscriptions."""

from __future__ import annotations

from typing import Literal

from stripe_simulator.context import Context, new_id
from stripe_simulator.customers import customer_of
from stripe_simulator.parameters import Closed, Parameters
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["endpoints"]

endpoints = Endpoints()
CONFIGURATION = "bpc_simulated"


class Flow(Closed):
    """Where in the portal to begin."""

    type: Literal["payment_method_update"]


class SessionCreate(Parameters):
    """What a new session takes."""

    customer: str
    flow_data: Flow | None = None
    return_url: str | None = None


@endpoints.post("/v1/billing_portal/sessions")
def create(context: Context, parameters: SessionCreate) -> Document:
    """A new session, with the address of its page."""
    customer_of(context, parameters.customer)
    identifier = new_id("bps")
    return context.store.add(
        {
            "id": identifier,
            "object": "billing_portal.session",
            "after_expiration": None,
            "configuration": CONFIGURATION,
            "created": context.now,
            "customer": parameters.customer,
            "customer_account": None,
            "flow": None if parameters.flow_data is None else _flow(parameters.flow_data),
            "livemode": False,
            "locale": None,
            "on_behalf_of": None,
            "return_url": parameters.return_url,
            "url": f"{context.address}/p/session/{identifier}",
        }
    )


def _flow(flow: Flow) -> Document:
    return {
        "after_completion": {"hosted_confirmation": None, "redirect": None, "type": "portal_homepage"},
        "subscription_cancel": None,
        "subscription_update": None,
        "subscription_update_confirm": None,
        "type": flow.type,
    }
