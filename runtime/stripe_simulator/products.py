"""What is sold, `/v1/products`, and the features that a product entitles to."""

from __future__ import annotations

from pydantic import Field

from stripe_simulator.context import Context, new_id
from stripe_simulator.entitlements import refresh_all
from stripe_simulator.errors import StripeError
from stripe_simulator.events import emit
from stripe_simulator.objects import Paged, deleted, listing, rendered, renders
from stripe_simulator.parameters import (
    Clearable,
    Metadata,
    Nothing,
    Page,
    Parameters,
    Retrieve,
    Series,
    merged_metadata,
)
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["endpoints"]

endpoints = Endpoints()


class ProductCreate(Parameters):
    """What a new product takes."""

    name: str = Field(min_length=1)
    id: str | None = None
    active: bool = True
    description: str | None = None
    metadata: Metadata = None
    unit_label: str | None = None


class ProductUpdate(Parameters):
    """What can be changed of a product."""

    active: bool | None = None
    default_price: str | None = None
    description: Clearable[str] = None
    metadata: Metadata = None
    name: str | None = None
    unit_label: Clearable[str] = None


class ProductList(Page):
    """Which products to list."""

    active: bool | None = None
    ids: Series[str] | None = None


class FeatureAttach(Parameters):
    """Which feature a product gets."""

    entitlement_feature: str


@endpoints.post("/v1/products")
def create(context: Context, parameters: ProductCreate) -> Document:
    """A new product."""
    if parameters.id is not None and context.store.find(parameters.id) is not None:
        raise StripeError("Product already exists.", code="resource_already_exists", param="id")
    product = {
        "id": parameters.id or new_id("prod", 14),
        "object": "product",
        "active": parameters.active,
        "created": context.now,
        "default_price": None,
        "description": parameters.description,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": parameters.metadata or {},
        "name": parameters.name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": parameters.unit_label,
        "updated": context.now,
        "url": None,
    }
    context.store.add(product)
    emit(context, "product.created", product)
    return product


@endpoints.get("/v1/products/{id}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """A product."""
    return context.store.get("product", identifier)


@endpoints.post("/v1/products/{id}")
def update(context: Context, parameters: ProductUpdate, identifier: str) -> Document:
    """A product, changed."""
    product = context.store.get("product", identifier)
    sent = parameters.sent()
    if "metadata" in sent:
        sent["metadata"] = merged_metadata(product["metadata"], sent["metadata"])
    before = {name: product[name] for name, value in sent.items() if product[name] != value}
    changed = context.store.save(product | sent | {"updated": context.now})
    emit(context, "product.updated", changed, before)
    return changed


@endpoints.delete("/v1/products/{id}")
def delete(context: Context, parameters: Nothing, identifier: str) -> Document:
    """A product that never had a price, deleted."""
    product = context.store.get("product", identifier)
    if any(context.store.all("price", parent=identifier)):
        raise StripeError("This product cannot be deleted because it has one or more user-created prices.")
    context.store.remove(identifier)
    emit(context, "product.deleted", product)
    return deleted(product)


@endpoints.get("/v1/products")
def products(context: Context, parameters: ProductList) -> Paged:
    """Products, newest first."""
    found = (
        each
        for each in context.store.all("product", newest_first=True)
        if parameters.active in (None, each["active"]) and (parameters.ids is None or each["id"] in parameters.ids)
    )
    return listing(found, parameters, "/v1/products")


@renders("product_feature")
def _with_feature(context: Context, attached: Document) -> Document:
    feature = rendered(context, context.store.get("entitlements.feature", attached["entitlement_feature"]))
    return {**attached, "entitlement_feature": feature}


@endpoints.post("/v1/products/{product}/features")
def attach_feature(context: Context, parameters: FeatureAttach, product: str) -> Document:
    """Who subscribes to the product is entitled to the feature."""
    context.store.get("product", product, "product")
    feature = context.store.get("entitlements.feature", parameters.entitlement_feature, "entitlement_feature")
    known = context.store.all("product_feature", parent=product)
    if any(each["entitlement_feature"] == feature["id"] for each in known):
        raise StripeError("This feature has already been attached to this product.", param="entitlement_feature")
    attached = {
        "id": new_id("prodft", 14),
        "object": "product_feature",
        "entitlement_feature": feature["id"],
        "livemode": False,
    }
    context.store.add(attached, parent=product)
    refresh_all(context, product)
    return attached


@endpoints.get("/v1/products/{product}/features/{id}")
def retrieve_feature(context: Context, parameters: Retrieve, product: str, identifier: str) -> Document:
    """A product's feature."""
    return context.store.get("product_feature", identifier)


@endpoints.delete("/v1/products/{product}/features/{id}")
def detach_feature(context: Context, parameters: Nothing, product: str, identifier: str) -> Document:
    """The product no longer entitles to it."""
    attached = context.store.get("product_feature", identifier)
    context.store.remove(identifier)
    refresh_all(context, product)
    return deleted(attached)


@endpoints.get("/v1/products/{product}/features")
def features(context: Context, parameters: Page, product: str) -> Paged:
    """A product's features."""
    context.store.get("product", product, "product")
    found = context.store.all("product_feature", parent=product, newest_first=True)
    return listing(found, parameters, f"/v1/products/{product}/features")
