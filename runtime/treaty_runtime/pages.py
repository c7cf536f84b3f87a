"""Pages: where the caller is, the rows that come next, and where the page ends.

The rows after a place are asked for by the values that they are in order of (keyset), not by their number: what is
added meanwhile moves nothing, and the last page costs what the first one does.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import literal, tuple_
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar

from treaty_runtime.calls import Call
from treaty_runtime.cursors import open_cursor, seal_cursor
from treaty_runtime.models import Shape
from treaty_runtime.operations import ASKED, Operation, Paging
from treaty_runtime.refusals import NotFound
from treaty_runtime.wire import ContractBroken

__all__ = ["Page", "check_places", "end_page", "page_after", "page_of"]

PositionT = TypeVar("PositionT", bound=tuple[Any, ...])
RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Page(Generic[PositionT]):
    """The page that is asked for: at most `limit` items that come `after` a place; `None` is before the first one."""

    after: PositionT | None
    limit: int

    def of(self, statement: SelectOfScalar[RowT], *columns: Any) -> SelectOfScalar[RowT]:
        """The statement for the rows of this page, and one more, which tells that there is another page.

        `columns` are those of the contract's `order`, none of them NULL.
        """
        order: list[Any] = [col(column) for column in columns]
        if self.after is not None:
            place = (literal(value, column.type) for value, column in zip(self.after, order, strict=True))
            statement = statement.where(tuple_(*order) > tuple_(*place))
        return statement.order_by(*order).limit(self.limit + 1)


def page_of(call: Call) -> Page[Any] | None:
    """The page that a call asks for; `None` where there are no pages. Raises `NotFound` for a cursor of another."""
    paging = call.operation.paging
    if paging is None:
        return None
    cursor, limit = call.payload.cursor, call.payload.limit
    after = None if cursor is None else _position(call, paging, cursor)
    return Page(after, limit or paging.limit)


def page_after(call: Call, cursor: str) -> Page[Any]:
    """The next page of an export, in which all have one length. Raises `NotFound` as `page_of`."""
    paging: Paging | None = call.operation.paging
    if paging is None:
        raise RuntimeError(f"{call.operation.identity} does not answer in pages")
    return Page(_position(call, paging, cursor), paging.limit)


def end_page(call: Call, output: Shape) -> None:
    """Take the item that is too many away, and say what is next; nothing where there are no pages.

    Raises what `check_places` raises.
    """
    paging: Paging | None = call.operation.paging
    page: Page[Any] | None = call.page
    if paging is None or page is None or type(output) is not call.operation.output:
        return  # what is no output at all is told where all outputs are checked
    items = getattr(output, paging.of)
    places = [tuple(getattr(item, name) for name in paging.order) for item in items]
    check_places(call.operation, page, places)
    following = None
    if len(items) > page.limit:
        position = _adapter(paging.position).dump_json(places[page.limit - 1])
        following = seal_cursor(call.service.settings.cursor_secrets, _question(call), position)
    setattr(output, paging.of, items[: page.limit])
    output.next = following  # type: ignore[attr-defined]  # every output with pages has it


def check_places(operation: Operation[Any, Any], page: Page[Any], places: Sequence[tuple[Hashable, ...]]) -> None:
    """Raise `ContractBroken` for items of which two have the same place, or more than were asked for."""
    if len(places) > page.limit + 1:
        raise ContractBroken(
            f"{operation.identity} made {len(places)} items for a page of {page.limit}; "
            "take `page.of(statement, …)`, which asks for one more than the page has."
        )
    if len(set(places)) < len(places) or (page.after is not None and tuple(page.after) in places):
        raise ContractBroken(
            f"{operation.identity} made items with the same place in the order of its pages, or one that was on the "
            "page before: a caller would miss some. Let `order` end in a field that is unique."
        )


def _position(call: Call, paging: Paging, cursor: str) -> tuple[Any, ...]:
    position = open_cursor(call.service.settings.cursor_secrets, _question(call), cursor)
    if position is not None:
        try:
            found: tuple[Any, ...] = _adapter(paging.position).validate_json(position)
        except ValidationError:
            pass  # sealed for another contract of the same name
        else:
            return found
    raise NotFound("There is no such page: `cursor` is not the `next` of an answer to this very question.")


def _question(call: Call) -> bytes:
    """All that decides which items there are, and in which order."""
    operation, paging = call.operation, call.operation.paging
    inputs = call.payload.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=set(ASKED))
    order = paging.order if paging else ()
    about = [operation.key, operation.major, order, str(call.tenant_id), inputs]
    return json.dumps(about, sort_keys=True, separators=(",", ":")).encode()


@cache
def _adapter(position: Any) -> TypeAdapter[tuple[Any, ...]]:
    return TypeAdapter(position)
