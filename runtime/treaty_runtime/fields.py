"""The contract language's field types as pydantic types: what the wire may carry, and nothing else.

On the wire (JSON) a value has exactly one spelling; in Python it is an ordinary object. Types whose JSON spelling is a
string are parsed here, because pydantic alone also takes numbers and other spellings.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    JsonValue,
    PlainSerializer,
    ValidationInfo,
)
from pydantic_core import CoreSchema, core_schema

__all__ = ["Date", "DateTime", "Decimal", "Duration", "Email", "Integer", "Json", "Number", "Text", "Url"]

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
# The same patterns stand in the OpenAPI document, so that a client can check what the service checks.
DECIMAL_PATTERN = r"^-?[0-9]{1,28}(\.[0-9]{1,10})?$"
# RFC 3986: characters beyond ASCII are written %C3%A9, or xn--… in a host's name; no user names before the host.
_PCHAR = r"[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}"
URL_PATTERN = rf"^https?://[A-Za-z0-9._~-]+(:[0-9]{{1,5}})?(/({_PCHAR})*)?([?]({_PCHAR}|[?])*)?(#({_PCHAR}|[?])*)?$"
# RFC 5321, without its quoted names and numeric hosts.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL_PATTERN = rf"^{_ATOM}([.]{_ATOM})*@{_LABEL}([.]{_LABEL})*$"
LONGEST_BEFORE_AT = 64
DURATION_PATTERN = r"^P(?=[0-9T])([0-9]{1,7}D)?(T(?=[0-9])([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}(\.[0-9]{1,6})?S)?)?$"

StorableT = TypeVar("StorableT")

DATETIME_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL = re.compile(DECIMAL_PATTERN.removesuffix("$"))
_DURATION = re.compile(
    r"P(?:(?P<days>[0-9]{1,7})D)?"
    r"(?:T(?:(?P<hours>[0-9]{1,9})H)?(?:(?P<minutes>[0-9]{1,9})M)?(?:(?P<seconds>[0-9]{1,9}(?:\.[0-9]{1,6})?)S)?)?"
)


def storable(value: StorableT) -> StorableT:
    """The value itself. Raises `ValueError` for text and numbers that PostgreSQL cannot keep, however deep they are.

    Text in shapes is looked at where JSON is read (`json_text.py`), all of it at once.
    """
    waiting: list[Any] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            check_text(item)
        elif isinstance(item, float) and not math.isfinite(item):
            raise ValueError("must not contain infinite numbers")
        elif isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
    return value


def check_text(text: str) -> None:
    """Raise `ValueError` for text that PostgreSQL cannot keep."""
    if "\x00" in text:
        raise ValueError("must not contain the character NUL")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("must not contain lone surrogates")


def _date_from_wire(value: Any, info: ValidationInfo) -> Any:
    if info.mode != "json":
        return value
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError('must be a date, such as "2026-01-31"')
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a date that exists") from None


class _Spelled:
    """A date-time as JSON may spell it; pydantic's core reads it, as there may be thousands in one request."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        spelled = _or_say(
            core_schema.str_schema(pattern=DATETIME_PATTERN),
            'must be a date-time with an offset, such as "2026-01-31T12:00:00Z"',
        )
        read = _or_say(core_schema.datetime_schema(strict=False), "must be a date-time that exists")
        return core_schema.json_or_python_schema(core_schema.chain_schema([spelled, read]), handler(source))


def _or_say(schema: CoreSchema, message: str) -> CoreSchema:
    """The schema, which complains with this message whatever is wrong."""
    return core_schema.custom_error_schema(schema, "value_error", custom_error_context={"error": message})


def _utc(value: dt.datetime) -> dt.datetime:
    if value.tzinfo is dt.UTC:
        return value
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("must lie within the years 1 to 9999 in UTC") from None


def _decimal_from_wire(value: Any, info: ValidationInfo) -> Any:
    if info.mode != "json":
        return value
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise ValueError('must be a decimal number in a string, such as "12.50"')
    return decimal.Decimal(value)


def _duration_from_wire(value: Any, info: ValidationInfo) -> Any:
    if info.mode != "json":
        return value
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None or value[-1] in "PT":
        raise ValueError('must be an ISO 8601 duration in days and smaller, such as "P1DT2H30M"')
    parts = {unit: decimal.Decimal(number) for unit, number in found.groupdict(default="0").items()}
    whole_seconds = int(parts["hours"]) * 3600 + int(parts["minutes"]) * 60 + int(parts["seconds"])
    return dt.timedelta(
        days=int(parts["days"]), seconds=whole_seconds, microseconds=int(parts["seconds"] % 1 * 1_000_000)
    )


def _decimal_to_wire(value: decimal.Decimal) -> str:
    return format(value, "f")  # str() writes 1E+2


def _duration_to_wire(value: dt.timedelta) -> str:
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
    day = f"{value.days}D" if value.days else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    time += f"{seconds}{fraction}S" if seconds or fraction or not (day or time) else ""
    return f"P{day}T{time}" if time else f"P{day}"


def _short_before_at(value: str) -> str:
    if value.index("@") > LONGEST_BEFORE_AT:
        raise ValueError(f"must have {LONGEST_BEFORE_AT} characters or fewer before the @")
    return value


# Every string is bounded: generated fields that say `max_length` themselves override this one.
Text = Annotated[str, Field(max_length=1000)]
Integer = Annotated[int, Field(ge=INTEGER_MIN, le=INTEGER_MAX)]  # shapes take 12.0, too: see strictness.py
Number = Annotated[float, Field(allow_inf_nan=False)]
Decimal = Annotated[
    decimal.Decimal,
    BeforeValidator(_decimal_from_wire),
    Field(allow_inf_nan=False, max_digits=38, decimal_places=10),
    PlainSerializer(_decimal_to_wire, return_type=str, when_used="json"),
]
DateTime = Annotated[AwareDatetime, _Spelled(), AfterValidator(_utc)]
Date = Annotated[dt.date, BeforeValidator(_date_from_wire)]
Duration = Annotated[
    dt.timedelta,
    BeforeValidator(_duration_from_wire),
    PlainSerializer(_duration_to_wire, return_type=str, when_used="json"),
]
Url = Annotated[str, Field(max_length=2000, pattern=URL_PATTERN)]
Email = Annotated[str, Field(max_length=254, pattern=EMAIL_PATTERN), AfterValidator(_short_before_at)]
Json = Annotated[JsonValue, AfterValidator(storable)]
