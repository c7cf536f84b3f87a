"""What products cost, `/v1/prices`: once or every period, for seats or for what meters counted."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from stripe_simulator import products
from stripe_simulator.amounts import decimal_text, whole
from stripe_simulator.context import Context, new_id
from stripe_simulator.errors import StripeError
from stripe_simulator.events import emit
from stripe_simulator.objects import Paged, included, listing
from stripe_simulator.parameters import Clearable, Closed, Metadata, Page, Parameters, Retrieve, Series, merged_metadata
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["endpoints", "plan_of"]

endpoints = Endpoints()
Amount = Annotated[Decimal, Field(max_digits=24, decimal_places=12)]


class Recurring(Closed):
    """How often a price is due, and for what."""

    interval: Literal["day", "week", "month", "year"]
    interval_count: int = Field(default=1, ge=1)
    meter: str | None = None
    trial_period_days: int | None = None
    usage_type: Literal["licensed", "metered"] = "licensed"


class Tier(Closed):
    """What units cost up to a quantity."""

    up_to: int | Literal["inf"]
    flat_amount: int | None = None
    flat_amount_decimal: Amount | None = None
    unit_amount: int | None = None
    unit_amount_decimal: Amount | None = None


class TransformQuantity(Closed):
    """Units that are sold by the packet."""

    divide_by: int = Field(ge=1)
    round: Literal["up", "down"]


class ProductData(Closed):
    """A product that is made with its price."""

    name: str


class PriceCreate(Parameters):
    """What a new price takes."""

    currency: str = Field(min_length=3, max_length=3)
    active: bool = True
    billing_scheme: Literal["per_unit", "tiered"] = "per_unit"
    lookup_key: str | None = None
    metadata: Metadata = None
    nickname: str | None = None
    product: str | None = None
    product_data: ProductData | None = None
    recurring: Recurring | None = None
    tiers: Series[Tier] | None = None
    tiers_mode: Literal["graduated", "volume"] | None = None
    transfer_lookup_key: bool = False
    transform_quantity: TransformQuantity | None = None
    unit_amount: int | None = Field(default=None, ge=0)
    unit_amount_decimal: Amount | None = None


class PriceUpdate(Parameters):
    """What can be changed of a price: never what it costs."""

    active: bool | None = None
    lookup_key: Clearable[str] = None
    metadata: Metadata = None
    nickname: Clearable[str] = None


class PriceList(Page):
    """Which prices to list."""

    active: bool | None = None
    currency: str | None = None
    lookup_keys: Series[str] | None = None
    product: str | None = None
    type: Literal["one_time", "recurring"] | None = None


@endpoints.post("/v1/prices")
def create(context: Context, parameters: PriceCreate) -> Document:
    """A new price."""
    product = _product(context, parameters)
    _free_lookup_key(context, parameters)
    price = {
        "id": new_id("price"),
        "object": "price",
        "active": parameters.active,
        "billing_scheme": parameters.billing_scheme,
        "created": context.now,
        "currency": parameters.currency.lower(),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": parameters.lookup_key,
        "metadata": parameters.metadata or {},
        "nickname": parameters.nickname,
        "product": product,
        "recurring": _recurring(context, parameters.recurring),
        "tax_behavior": "unspecified",
        "tiers_mode": parameters.tiers_mode,
        "transform_quantity": parameters.transform_quantity and parameters.transform_quantity.model_dump(),
        "type": "recurring" if parameters.recurring else "one_time",
        **_unit_amount(parameters),
    }
    context.store.add(price, parent=product)
    emit(context, "price.created", price)
    return price


def _product(context: Context, parameters: PriceCreate) -> str:
    if parameters.product is not None:
        return str(context.store.get("product", parameters.product, "product")["id"])
    if parameters.product_data is None:
        raise StripeError("You must provide one of product or product_data.", code="parameter_missing", param="product")
    made = products.create(context, products.ProductCreate(name=parameters.product_data.name))
    return str(made["id"])


def _free_lookup_key(context: Context, parameters: PriceCreate) -> None:
    """A key leads to one price; it can be handed on."""
    if parameters.lookup_key is None:
        return
    for other in context.store.all("price"):
        if other["lookup_key"] == parameters.lookup_key:
            if not parameters.transfer_lookup_key:
                message = f"A price (`{other['id']}`) already uses that lookup key."
                raise StripeError(message, param="lookup_key")
            context.store.save({**other, "lookup_key": None})


def _recurring(context: Context, recurring: Recurring | None) -> Document | None:
    if recurring is None:
        return None
    if recurring.usage_type == "metered":
        if recurring.meter is None:
            raise StripeError("Metered prices need a meter.", code="parameter_missing", param="recurring[meter]")
        context.store.get("billing.meter", recurring.meter, "recurring[meter]")
    elif recurring.meter is not None:
        raise StripeError("Only metered prices have a meter.", param="recurring[meter]")
    return recurring.model_dump()


def _unit_amount(parameters: PriceCreate) -> Document:
    if parameters.billing_scheme == "tiered":
        if not parameters.tiers or parameters.tiers_mode is None:
            raise StripeError("Tiered prices need tiers and tiers_mode.", code="parameter_missing", param="tiers")
        tiers = [_tier(each) for each in parameters.tiers]
        if tiers[-1]["up_to"] is not None:
            raise StripeError("The last tier has to be up_to=inf.", param="tiers")
        return {"unit_amount": None, "unit_amount_decimal": None, "_tiers": tiers}
    amount = _decimal(parameters.unit_amount, parameters.unit_amount_decimal)
    if amount is None:
        raise StripeError("Prices require an amount.", code="parameter_missing", param="unit_amount")
    return {"unit_amount": _integer(amount), "unit_amount_decimal": decimal_text(amount), "_tiers": None}


def _tier(tier: Tier) -> Document:
    flat = _decimal(tier.flat_amount, tier.flat_amount_decimal)
    unit = _decimal(tier.unit_amount, tier.unit_amount_decimal)
    return {
        "flat_amount": None if flat is None else _integer(flat),
        "flat_amount_decimal": None if flat is None else decimal_text(flat),
        "unit_amount": None if unit is None else _integer(unit),
        "unit_amount_decimal": None if unit is None else decimal_text(unit),
        "up_to": None if tier.up_to == "inf" else tier.up_to,
    }


def _decimal(integer: int | None, decimal: Decimal | None) -> Decimal | None:
    return decimal if decimal is not None else Decimal(integer) if integer is not None else None


def _integer(amount: Decimal) -> int | None:
    """The amount where it is whole; fractions of the smallest unit are told as decimals only."""
    return whole(amount) if amount == amount.to_integral_value() else None


@included("price", "tiers")
def _tiers(context: Context, price: Document) -> list[Document] | None:
    """Told on request only."""
    tiers: list[Document] | None = context.store.get("price", price["id"])["_tiers"]
    return tiers


@endpoints.get("/v1/prices/{price}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """A price."""
    return context.store.get("price", identifier, "price")


@endpoints.post("/v1/prices/{price}")
def update(context: Context, parameters: PriceUpdate, identifier: str) -> Document:
    """A price, changed."""
    price = context.store.get("price", identifier, "price")
    sent = parameters.sent()
    if "metadata" in sent:
        sent["metadata"] = merged_metadata(price["metadata"], sent["metadata"])
    before = {name: price[name] for name, value in sent.items() if price[name] != value}
    changed = context.store.save(price | sent)
    emit(context, "price.updated", changed, before)
    return changed


@endpoints.get("/v1/prices")
def prices(context: Context, parameters: PriceList) -> Paged:
    """Prices, newest first."""
    found = (
        each
        for each in context.store.all("price", parent=parameters.product, newest_first=True)
        if parameters.active in (None, each["active"])
        and parameters.currency in (None, each["currency"])
        and parameters.type in (None, each["type"])
        and (parameters.lookup_keys is None or each["lookup_key"] in parameters.lookup_keys)
    )
    return listing(found, parameters, "/v1/prices")


def plan_of(price: Document) -> Document:
    """A price in the older form that subscription items still carry beside it."""
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": price["metadata"],
        "meter": recurring["meter"],
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": price["tiers_mode"],
        "transform_usage": price["transform_quantity"],
        "trial_period_days": recurring["trial_period_days"],
        "usage_type": recurring["usage_type"],
    }
