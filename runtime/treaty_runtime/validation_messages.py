"""What is wrong with a request, in sentences that never repeat its values (pydantic's own sometimes do)."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from treaty_runtime.fields import EMAIL_PATTERN, URL_PATTERN
from treaty_runtime.refusals import FieldError

__all__ = ["field_error", "field_errors"]

MAX_ERRORS = 50
MAX_PATH = 200

# By pydantic's type of error; the braces are filled from its context, which holds the contract's words only.
MESSAGES: Mapping[str, str] = {
    "missing": "is required",
    "extra_forbidden": "is unknown",
    "string_type": "must be a string",
    "string_too_short": "must have {min_length} characters or more",
    "string_too_long": "must have {max_length} characters or fewer",
    "string_pattern_mismatch": "must match {pattern}",
    "int_type": "must be an integer",
    "int_parsing_size": "must fit into 64 bits",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "too_short": "must have {min_length} items or more",
    "too_long": "must have {max_length} items or fewer",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "uuid_type": "must be a UUID",
    "uuid_parsing": "must be a UUID",
    "decimal_max_digits": "must have {max_digits} digits or fewer",
    "decimal_max_places": "must have {decimal_places} decimal places or fewer",
    "decimal_whole_digits": "must have {whole_digits} digits before the point or fewer",
    "timezone_aware": "must have an offset from UTC",
    "value_error": "{error}",  # raised by this package's own field types
}
# Patterns that no author wrote say what they are for.
PATTERNS: Mapping[str, str] = {
    EMAIL_PATTERN: 'must be an email address, such as "ann@example.org"',
    URL_PATTERN: 'must be an http or https URL in ASCII, such as "https://example.org/page?x=%C3%A9"',
}
OTHERWISE = "is not valid"


def field_errors(error: ValidationError) -> list[FieldError]:
    """What a model had to say about a request, up to `MAX_ERRORS` of it."""
    details = error.errors(include_url=False, include_input=False)
    return [field_error(".".join(map(str, each["loc"])), _message(each)) for each in details[:MAX_ERRORS]]


def field_error(path: str, message: str) -> FieldError:
    """One complaint. A path may hold names that the caller made up, so it is cut."""
    return FieldError(path if len(path) <= MAX_PATH else f"{path[:MAX_PATH]}…", message)


def _message(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    if known := PATTERNS.get(context.get("pattern", "")):
        return known
    kind = detail["type"]
    if context.get("field_type") == "Value":  # pydantic's word for a string with a validator of its own
        kind = f"string_{kind}"
    return MESSAGES.get(kind, OTHERWISE).format_map(context)
