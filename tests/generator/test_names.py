"""Generated names: what they look like, and that nothing Python or PostgreSQL reserves gets through."""

from __future__ import annotations

import keyword

import pytest
from pydantic import BaseModel
from sqlmodel import SQLModel

from treaty import names


@pytest.mark.parametrize(
    ("written", "snake"),
    [
        ("currentUsage", "current_usage"),
        ("UsageEvent", "usage_event"),
        ("usage.record", "usage_record"),
        ("userID", "user_id"),
        ("HTTPServer", "http_server"),
        ("apiURLPath", "api_url_path"),
        ("line2", "line2"),
        ("line2Text", "line2_text"),
        ("a-b.c_d", "a_b_c_d"),
    ],
)
def test_snake(written: str, snake: str) -> None:
    assert names.snake(written) == snake


def test_paths_of_a_contract() -> None:
    assert names.module("saas.billing", "usage.record") == "saas.billing.usage_record"
    assert names.module("my-saas.class", "UsageEvent") == "my_saas.class_.usage_event"
    assert names.class_name("usage.record") == "UsageRecord"
    assert names.class_name("UsageEvent") == "UsageEvent"
    assert names.class_name("none") == "None_"
    assert names.implementation("saas.billing", "usage.record") == ("saas.billing.usage", "record")
    assert names.implementation("saas.billing", "usage.record.many") == ("saas.billing.usage", "record_many")
    assert names.implementation("saas.billing", "reconcile") == ("saas.billing.reconcile", "run")
    assert names.implementation("saas.billing", "import.from") == ("saas.billing.import_", "from_")
    assert names.implementation("saas.billing", "usage.record", "other.place:work") == ("other.place", "work")
    assert names.table("saas.billing", "UsageEvent") == "billing_usage_event"


def test_an_older_version_has_names_of_its_own() -> None:
    assert names.versioned("usage.record", 1) == "usage.record@1"
    assert names.without_version("saas.billing.usage.record@12") == ("saas.billing.usage.record", 12)
    assert names.without_version("usage.record") == ("usage.record", None)
    assert names.module("saas.billing", "usage.record@1") == "saas.billing.usage_record_v1"
    assert names.class_name("usage.record@1") == "UsageRecordV1"
    assert names.implementation("saas.billing", "usage.record@1") == ("saas.billing.usage", "record_v1")
    assert names.implementation("saas.billing", "reconcile@1") == ("saas.billing.reconcile", "run_v1")
    assert names.implementation("saas.billing", "usage.record@1", "other.place:work") == ("other.place", "work")
    assert names.in_words("usage.record@1") == "usage.record.v1"


@pytest.mark.parametrize("name", [*keyword.kwlist, *dir(BaseModel), "list", "dict", "model", "json", "copy", "schema"])
def test_fields_never_hide_what_their_class_needs(name: str) -> None:
    attribute = names.field_name(name)
    assert attribute.isidentifier()
    assert not keyword.iskeyword(attribute)
    assert not hasattr(BaseModel, attribute)


@pytest.mark.parametrize("name", ["metadata", "registry", "json", "from"])
def test_columns_keep_their_name_in_the_table(name: str) -> None:
    assert names.column(name) == name
    assert names.column_attribute(name) == f"{name}_"
    assert not hasattr(SQLModel, names.column_attribute(name))


def test_references() -> None:
    assert names.column("organization", reference=True) == "organization_id"
    assert names.column_attribute("organization", reference=True) == "organization_id"


def test_long_names_fit_into_postgresql_and_stay_different() -> None:
    one = names.constraint("uq", "billing_usage_event", *(f"quite_a_long_column_{n}" for n in range(5)))
    other = names.constraint("uq", "billing_usage_event", *(f"quite_a_long_column_{n}" for n in range(6)))
    assert len(one) == len(other) == 63
    assert one != other
    assert (
        names.constraint("uq", "billing_meter", "organization_id", "feature")
        == "uq_billing_meter_organization_id_feature"
    )


@pytest.mark.parametrize(
    ("value", "member"),
    [
        ("limit_available", "LIMIT_AVAILABLE"),
        ("1st", "VALUE_1ST"),
        ("class", "CLASS"),
        ("None", "NONE"),
        ("mro", "MRO_"),
    ],
)
def test_members(value: str, member: str) -> None:
    assert names.enum_member(value) == member


@pytest.mark.parametrize(
    ("pattern", "function"),
    [
        ("Organization exists", "organization_exists"),
        ("{org:w} used {quantity:d} {feature:w}", "org_used_quantity_feature"),
        ("{{braces}} and größe, 日本", "braces_and_grosse"),
        ("日本", "phrase"),
        ("3 of them come", "n3_of_them_come"),
        ("class", "class_"),
    ],
)
def test_phrases(pattern: str, function: str) -> None:
    assert names.phrase_function(pattern) == function
