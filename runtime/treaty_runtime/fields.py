"""The contract language's field types as pydantic types: what the wire may carry, and nothing else."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, JsonValue, ValidationInfo

__all__ = ["Date", "DateTime", "Decimal", "Duration", "Email", "Integer", "Json", "Number", "Text", "Url"]

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
# The same patterns stand in the OpenAPI document, so that a client can check what the service checks.
DURATION_PATTERN = r"^P(?=[0-9T])([0-9]{1,7}D)?(T(?=[0-9])([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}(\.[0-9]{1,6})?S)?)?$"


def _without_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("must not contain the character NUL")  # PostgreSQL stores none
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not contain lone surrogates")
    return value


def _whole_float_to_int(value: Any) -> Any:
    # JSON Schema calls 12.0 an integer; pydantic's strict mode does not.
    return int(value) if isinstance(value, float) and math.isfinite(value) and value.is_integer() else value


def _decimal_from_string(value: Any, info: ValidationInfo) -> Any:
    if info.mode == "json" and not isinstance(value, str):
        raise ValueError("must be a string of digits, such as \"12.50\"")
    return value


def _utc(value: dt.datetime) -> dt.datetime:
    return value.astimezone(dt.UTC)


Text = Annotated[str, AfterValidator(_without_nul)]
Integer = Annotated[int, BeforeValidator(_whole_float_to_int), Field(ge=INTEGER_MIN, le=INTEGER_MAX)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Decimal = Annotated[decimal.Decimal, BeforeValidator(_decimal_from_string), Field(allow_inf_nan=False, max_digits=38)]
DateTime = Annotated[AwareDatetime, AfterValidator(_utc)]
Date = dt.date
Duration = dt.timedelta
Url = Annotated[str, AfterValidator(_without_nul), Field(max_length=2000, pattern=r"^https?://[^\s]+$")]
Email = Annotated[str, AfterValidator(_without_nul), Field(max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]
Json = JsonValue
