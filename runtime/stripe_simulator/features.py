"""What products entitle to, `/v1/entitlements/features`."""

from __future__ import annotations

from pydantic import Field

from stripe_simulator.context import Context, new_id
from stripe_simulator.errors import StripeError
from stripe_simulator.objects import Paged, listing
from stripe_simulator.parameters import Metadata, Page, Parameters, Retrieve, merged_metadata
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["endpoints"]

endpoints = Endpoints()
KIND = "entitlements.feature"


class FeatureCreate(Parameters):
    """What a new feature takes."""

    lookup_key: str = Field(min_length=1, max_length=80)
    name: str = Field(min_length=1, max_length=80)
    metadata: Metadata = None


class FeatureUpdate(Parameters):
    """What can be changed of a feature."""

    active: bool | None = None
    name: str | None = None
    metadata: Metadata = None


class FeatureList(Page):
    """Which features to list."""

    archived: bool | None = None
    lookup_key: str | None = None


@endpoints.post("/v1/entitlements/features")
def create(context: Context, parameters: FeatureCreate) -> Document:
    """A new feature; its key is not used by another one."""
    if any(each["lookup_key"] == parameters.lookup_key for each in context.store.all(KIND) if each["active"]):
        raise StripeError(
            f"A feature with the lookup key '{parameters.lookup_key}' already exists.",
            code="resource_already_exists",
            param="lookup_key",
        )
    return context.store.add(
        {
            "id": new_id("feat_test"),
            "object": KIND,
            "active": True,
            "livemode": False,
            "lookup_key": parameters.lookup_key,
            "metadata": parameters.metadata or {},
            "name": parameters.name,
        }
    )


@endpoints.get("/v1/entitlements/features/{id}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """A feature."""
    return context.store.get(KIND, identifier)


@endpoints.post("/v1/entitlements/features/{id}")
def update(context: Context, parameters: FeatureUpdate, identifier: str) -> Document:
    """A feature, changed."""
    feature = context.store.get(KIND, identifier)
    sent = parameters.sent()
    if "metadata" in sent:
        sent["metadata"] = merged_metadata(feature["metadata"], sent["metadata"])
    return context.store.save(feature | sent)


@endpoints.get("/v1/entitlements/features")
def features(context: Context, parameters: FeatureList) -> Paged:
    """Features, newest first."""
    found = (
        each
        for each in context.store.all(KIND, newest_first=True)
        if each["active"] is not (parameters.archived or False) and parameters.lookup_key in (None, each["lookup_key"])
    )
    return listing(found, parameters, "/v1/entitlements/features")
