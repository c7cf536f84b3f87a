"""Answers in pages: the fields that a page adds to input and output."""

from __future__ import annotations

from treaty import names
from treaty.contract.operation import OperationContract, PagedOutput
from treaty.contract.parse import Parsed
from treaty.contract.spelling import respelling, suggestion
from treaty.diagnostics import Location
from treaty.resolve.context import Context
from treaty.resolve.fields import FieldReader
from treaty.resolve.http import http_line
from treaty.resolve.model import Constraints, Export, Field, FieldType, Inline, ListOf, Page, Scalar

CURSOR, LIMIT, NEXT = "cursor", "limit", "next"
"""What the fields are called that every page has."""
LONGEST_CURSOR = 8000


def page_of(parsed: Parsed[OperationContract], reader: FieldReader, class_name: str, context: Context) -> Page | None:
    """The page that an operation answers; `None` when it answers something else."""
    output = parsed.contract.output
    if not isinstance(output, PagedOutput):
        return None
    item_class = names.inline_class(class_name, "item")
    item = Inline(item_class, reader.read(output.item, ("output", "item"), item_class))
    at = parsed.key_at("output", "page")
    cursor = _field(
        CURSOR,
        Scalar("string"),
        "The `next` of the page before; the first page when left out.",
        at,
        Constraints(min_length=1, max_length=LONGEST_CURSOR),
    )
    limit = _field(
        LIMIT,
        Scalar("integer"),
        f"How many items the page has at most; {output.page.limit} when left out.",
        parsed.key_at("output", "page", "limit"),
        Constraints(minimum=1, maximum=output.page.limit),
    )
    return Page(
        of=output.page.of,
        limit=output.page.limit,
        order=_order(parsed, output, item, context),
        item=item,
        beside=reader.read(output.with_, ("output", "with"), f"{class_name}Output"),
        asked=tuple(field for field in (cursor, limit) if field.name not in parsed.contract.input),
        csv=_csv(parsed, output, context),
    )


def _csv(parsed: Parsed[OperationContract], output: PagedOutput, context: Context) -> Export | None:
    """The route of the file with all pages; a line that can't be read is told, and there is none."""
    if output.formats is None:
        return None
    at = parsed.at("output", "formats", "csv")
    http = http_line(output.formats.csv, at, context)
    return Export(http_path=http.path, at=at) if http else None


def page_fields(page: Page, parsed: Parsed[OperationContract]) -> tuple[Field, ...]:
    """The output of an operation that answers in pages."""
    at = parsed.at("output", "page", "of")
    items = _field(page.of, ListOf(page.item), f"At most {page.limit} items.", at, Constraints(), optional=False)
    following = _field(
        NEXT,
        Scalar("string"),
        "What to send as `cursor` for the page after this one; absent in the last page.",
        parsed.key_at("output", "page"),
        Constraints(max_length=LONGEST_CURSOR),
    )
    return (items, following, *page.beside)


def _order(parsed: Parsed[OperationContract], output: PagedOutput, item: Inline, context: Context) -> tuple[Field, ...]:
    known = {field.name: field for field in item.fields}
    for position, name in enumerate(output.page.order):
        if name not in known:
            at, meant = parsed.at("output", "page", "order", position), suggestion(name, known)
            hint = f"Did you mean `{meant}`?" if meant else f"Add `{name}` to `item`, or delete it here."
            fix = respelling(at, name, known)
            context.complain(at, "field-unknown", f"`order` names `{name}`, and the item has no such field.", hint, fix)
    return tuple(known[name] for name in output.page.order if name in known)


def _field(
    name: str, type_: FieldType, description: str, at: Location, constraints: Constraints, *, optional: bool = True
) -> Field:
    return Field(
        name=name,
        python_name=names.field_name(name),
        column=names.column(name),
        type=type_,
        optional=optional,
        description=description,
        constraints=constraints,
        at=at,
    )
