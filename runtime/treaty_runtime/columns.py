"""Column types of generated tables that SQLAlchemy does not have: contract objects as JSON, enumerations as text."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Dialect, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

__all__ = ["Choice", "Document"]

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


class Document(TypeDecorator[Any]):
    """Lists, maps, shapes and JSON, kept as jsonb the way they look on the wire; `None` is NULL.

    A changed value is stored when it is assigned anew, not when it is altered in place.
    """

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        # Kept under the parameter's name: SQLAlchemy tells types apart by their parameters when it caches statements.
        self.kind: TypeAdapter[Any] = TypeAdapter(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 (SQLAlchemy's signature)
        """What is stored."""
        return None if value is None else self.kind.dump_python(value, mode="json", by_alias=True, exclude_none=True)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 (SQLAlchemy's signature)
        """What was stored, as the objects it was made of."""
        return None if value is None else self.kind.validate_python(value, strict=False)


class Choice(TypeDecorator[ChoiceT]):
    """A value of an enumeration, kept as the contract spells it."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[ChoiceT], length: int) -> None:
        super().__init__(length)
        self.kind = kind
        self.length = length

    def process_bind_param(self, value: ChoiceT | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """What is stored. Raises `ValueError` for what is no value of the enumeration."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> ChoiceT | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """What was stored, as a member."""
        return None if value is None else self.kind(value)
