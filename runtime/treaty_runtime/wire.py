"""What an implementation made becomes bytes, and the bytes are held against the contract before anything is committed.

Models check their values when they are built, but not when they are changed or made with `model_construct`, so the
wire form is validated again, exactly as a client would.
"""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from treaty_runtime.models import Shape
from treaty_runtime.validation_messages import field_errors

__all__ = ["ContractBroken", "wire"]


class ContractBroken(Exception):
    """An implementation did what its contract does not allow. The message names the contract and says what."""


def wire(key: str, value: Shape) -> bytes:
    """The JSON of a shape, without fields that have no value. Raises `ContractBroken` when it breaks its own schema."""
    model = type(value)
    try:
        text = value.model_dump_json(by_alias=True, exclude_none=True, warnings=False)
        model.model_validate_json(text, by_alias=True, by_name=False)
    except ValidationError as error:
        wrong = "; ".join(f"{each.field or 'the whole'} {each.message}" for each in field_errors(error))
        raise ContractBroken(f"{key} made a {model.__name__} that breaks its schema: {wrong}.") from None
    except (PydanticSerializationError, UnicodeError):
        raise ContractBroken(f"{key} made a {model.__name__} with a value that JSON cannot hold.") from None
    return text.encode()
