"""Every field has a name of its own in Python, and a column that PostgreSQL can have."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.names import POSTGRES_NAME_LIMIT
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, Shape

# Every table of PostgreSQL has these already.
_SYSTEM_COLUMNS = frozenset({"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"})


def check(book: Book) -> Iterator[Finding]:
    """Compare the generated names of every object's fields."""
    for shape in book.shapes:
        yield from _shape(shape)
    for entity in book.model.entities.values():
        for field in entity.fields:
            if field.column in _SYSTEM_COLUMNS:
                yield Finding(
                    field.at, f"PostgreSQL keeps the column `{field.column}` for itself.", "Rename the field."
                )
            elif len(field.column) > POSTGRES_NAME_LIMIT:
                most = f"PostgreSQL's names have at most {POSTGRES_NAME_LIMIT} characters"
                yield Finding(field.at, f"{most}, and the column `{field.column}` has more.", "Shorten the name.")


def _shape(shape: Shape) -> Iterator[Finding]:
    in_entity = shape.owner.contract.kind == "entity" and shape.top
    taken: dict[str, str] = {}
    for field in shape.fields:
        name = field.column if in_entity else field.python_name
        first = taken.setdefault(name, field.name)
        if first != field.name:
            what = "the column" if in_entity else "the Python attribute"
            yield Finding(
                field.at, f"`{first}` and `{field.name}` both become {what} `{name}`.", "Rename one of the two."
            )


RULE = Rule("field-names", "Names that differ on the wire must differ in Python and in tables.", check)
