"""Every generated name is made here: modules, classes, attributes, columns, tables, constraints, functions.

Contract names are camelCase words and dotted keys; Python wants snake_case and CamelCase, PostgreSQL at most
63 characters. Two names that become one are found by the rules, not here.
"""

from __future__ import annotations

import hashlib
import keyword
import re
import sys
import unicodedata
from collections.abc import Iterable
from functools import cache

from pydantic import BaseModel

POSTGRES_NAME_LIMIT = 63

# Builtins that annotations and defaults in generated classes use: a field of that name would hide them.
_BUILTINS_IN_USE = frozenset({"bool", "bytes", "dict", "float", "int", "list", "object", "set", "str", "tuple", "type"})
# Lower-case names that defaults in generated classes use.
_IMPORTS_IN_USE = frozenset({"datetime", "decimal", "new_id"})
# What a model or its class has already: `mro` is the one such name of all classes.
_PYDANTIC = frozenset({"mro", *(name for name in dir(BaseModel) if not name.startswith("_"))})
_SQLMODEL = frozenset({"metadata", "registry", "sqlmodel_update"})

RESERVED_FIELD_NAMES = (_BUILTINS_IN_USE - {"type"}) | _IMPORTS_IN_USE | _PYDANTIC
RESERVED_COLUMN_ATTRIBUTES = RESERVED_FIELD_NAMES | _SQLMODEL
# Folders directly under `contracts/` become top-level packages of implementations and live beside these.
RESERVED_ROOTS = (
    frozenset({"app", "features", "generated", "migrations", "steps", "treaty", "treaty_runtime"})
    | sys.stdlib_module_names
)

# `SELECT word FROM pg_get_keywords() WHERE catcode <> 'U'`, PostgreSQL 18.
SQL_WORDS = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case
    cast char character check coalesce collate collation column concurrently constraint create cross current_catalog
    current_date current_role current_schema current_time current_timestamp current_user dec decimal default
    deferrable desc distinct do else end except exists extract false fetch float for foreign freeze from full grant
    greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join
    json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize
    json_table json_value lateral leading least left like limit localtime localtimestamp merge_action national
    natural nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay
    placing position precision primary real references returning right row select session_user setof similar
    smallint some substring symmetric system_user table tablesample then time timestamp to trailing treat trim true
    union unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat
    xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
    """.split()  # noqa: SIM905 (as a list it would be 150 lines)
)

# What stands between the name of an older version and its major: `usage.record@1`.
VERSION_MARK = "@"

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_IDENTIFIER = re.compile(r"[^A-Za-z0-9]+")
_PLACEHOLDER = re.compile(r"\{([^{}:]*)(?::[^{}]*)?\}")


@cache  # the same few words stand in many contracts
def snake(text: str) -> str:
    """`currentUsage`, `UsageEvent` and `usage.record` as `current_usage`, `usage_event` and `usage_record`."""
    words = _NOT_IDENTIFIER.sub("_", _BOUNDARY.sub("_", text))
    return words.strip("_").lower()


@cache
def camel(text: str) -> str:
    """`usage.record` and `feature_not_metered` as `UsageRecord` and `FeatureNotMetered`."""
    return "".join(part[:1].upper() + part[1:] for part in _NOT_IDENTIFIER.split(text) if part)


def versioned(name: str, major: int) -> str:
    """The name or key of an older version that is still served: `usage.record@1`."""
    return f"{name}{VERSION_MARK}{major}"


def without_version(name: str) -> tuple[str, int | None]:
    """The name or key that all versions share, and the major; `None` when it means the newest."""
    plain, mark, major = name.partition(VERSION_MARK)
    return (plain, int(major)) if mark and major.isdecimal() else (name, None)


def in_words(name: str) -> str:
    """A name or key where `@` can't stand, as in Python and in tags: an older version ends with the word `v1`."""
    plain, major = without_version(name)
    return name if major is None else f"{plain}.v{major}"


def identifier(name: str, reserved: Iterable[str] = ()) -> str:
    """`name`, with a trailing underscore where Python or the surrounding class already uses it."""
    if not name or name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in reserved else name


REVISION = "revision"
"""The column and the attribute that count how often a row was changed."""


def field_name(name: str) -> str:
    """The Python attribute of an input, output, payload or shape field."""
    return identifier(snake(name), RESERVED_FIELD_NAMES)


def column_attribute(name: str, *, reference: bool = False) -> str:
    """The Python attribute of an entity's field; a reference holds the other row's id."""
    return identifier(column(name, reference=reference), RESERVED_COLUMN_ATTRIBUTES)


def column(name: str, *, reference: bool = False) -> str:
    """The column of an entity's field: quoted by the database where it is a word of SQL."""
    return f"{snake(name)}_id" if reference else snake(name)


def folder(namespace: str) -> str:
    """The package of a namespace: `saas.billing`, with dashes and keywords made importable."""
    return ".".join(identifier(snake(part)) for part in namespace.split("."))


def module(namespace: str, name: str) -> str:
    """The generated module of a contract, below the output package: `saas.billing.usage_record`."""
    return f"{folder(namespace)}.{identifier(snake(in_words(name)))}"


def class_name(name: str) -> str:
    """The class of a contract: `UsageRecord` for `usage.record`, `UsageRecordV1` for `usage.record@1`."""
    return identifier(camel(in_words(name)))


def error_class(code: str) -> str:
    """The exception of a declared error: `FeatureNotMetered` for `feature_not_metered`."""
    return identifier(camel(code))


def inline_class(parent: str, field: str) -> str:
    """The class of an inline object: its parent's name and its field's."""
    return parent + camel(field)


def implementation(namespace: str, name: str, handler: str | None = None, *, batch: bool = False) -> tuple[str, str]:
    """Module and function that implement an operation: first word after the namespace, the rest joined or `run`.

    One that takes many requests at once says so: `record_many`. An older version has a function of its own beside the
    newest one's: `record_v1`.
    """
    if handler:
        module_name, _, function = handler.partition(":")
        return module_name, function
    plain, major = without_version(name)
    first, *rest = plain.split(".")
    words = [*(rest or ["run"]), *(["many"] if batch else []), *([f"v{major}"] if major is not None else [])]
    function = identifier("_".join(snake(word) for word in words))
    return f"{folder(namespace)}.{identifier(snake(first))}", function


def enum_member(value: str) -> str:
    """The member of an enumeration's value: `limit_available` as `LIMIT_AVAILABLE`."""
    name = snake(value).upper()
    if not name or name[0].isdigit():
        name = f"VALUE_{name}"
    # `MRO` is the one upper-case name that Python's enum keeps for itself.
    return f"{name}_" if name == "MRO" else name


def table(namespace: str, name: str) -> str:
    """The table of an entity: last word of the namespace and its own, `billing_usage_event`."""
    return _postgres_name(f"{snake(namespace.rsplit('.', 1)[-1])}_{snake(name)}")


def key_table(table_name: str, *columns: str) -> str:
    """The table that holds what is unique over all partitions of a table: `billing_usage_event_by_idempotency_key`."""
    return _postgres_name("_".join((table_name, "by", *columns)))


def key_class(class_name: str, *fields: str) -> str:
    """The class of such a table: `UsageEventByIdempotencyKey`."""
    return f"{class_name}By{''.join(camel(field) for field in fields)}"


def default_partition(table_name: str) -> str:
    """The partition of rows for whose time there is none yet: `billing_usage_event_default`."""
    return f"{_postgres_name(table_name, POSTGRES_NAME_LIMIT - len('_2026_11_26'))}_default"


def sql_identifier(column_name: str) -> str:
    """A column inside an SQL condition: in double quotes where PostgreSQL keeps the word for itself."""
    return f'"{column_name}"' if column_name in SQL_WORDS else column_name


def constraint(kind: str, table_name: str, *columns: str) -> str:
    """The name of a constraint or index: `uq_billing_meter_organization_id_feature`."""
    return _postgres_name("_".join((kind, table_name, *columns)))


def phrase_function(pattern: str) -> str:
    """The function of a phrase: its words, placeholders without their format."""
    plain = unicodedata.normalize("NFKD", _PLACEHOLDER.sub(r" \1 ", pattern).replace("ß", "ss"))
    words = snake(plain.encode("ascii", "ignore").decode())
    return identifier(words[:70].rstrip("_") or "phrase")


def _postgres_name(name: str, limit: int = POSTGRES_NAME_LIMIT) -> str:
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: limit - 9]}_{digest}"
