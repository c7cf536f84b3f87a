"""Changes as the text of one Alembic revision, to be read, and edited if need be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from treaty_runtime.migrations.changes import AddConstraint, Change, CreateTable
from treaty_runtime.migrations.operations import lines
from treaty_runtime.migrations.source import LINE_LENGTH, literal

__all__ = ["Revision", "render"]


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision to be written: what it is called, where it stands in the chain, what it does."""

    id: str
    parent: str | None
    title: str
    changes: list[Change]


def render(revision: Revision) -> str:
    """The text of the revision's file."""
    functions = "\n\n\n".join("\n".join(body) for body in _functions(revision))
    head = [f"{_docstring(revision.title)}", "", *_imports(functions), "", *_identity(revision)]
    text = "\n".join([*head, "", "", functions, ""])
    too_long = any(len(line) > LINE_LENGTH for line in text.splitlines())
    return f"# ruff: noqa: E501  a condition is longer than a line\n{text}" if too_long else text


def _docstring(title: str) -> str:
    escaped = title.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""{escaped}"""'


def _imports(functions: str) -> Iterator[str]:
    used = {node.id for node in ast.walk(ast.parse(functions)) if isinstance(node, ast.Name)}
    if "sa" in used:
        yield "import sqlalchemy as sa"
    yield "from alembic import op"
    if "postgresql" in used:
        yield "from sqlalchemy.dialects import postgresql"


def _identity(revision: Revision) -> Iterator[str]:
    yield f"revision = {literal(revision.id)}"
    yield f"down_revision = {literal(revision.parent) if revision.parent else None}"
    yield "branch_labels = None"
    yield "depends_on = None"


def _functions(revision: Revision) -> Iterator[list[str]]:
    created: dict[str, list[str]] = {change.table: [] for change in revision.changes if isinstance(change, CreateTable)}
    yield ["def upgrade() -> None:", '    """Go forward."""', *_upgrade(revision.changes, created)]
    yield ["def downgrade() -> None:", *_downgrade(revision.changes)]
    for table, body in created.items():
        yield [f"def _create_{table}() -> None:", *body]


def _upgrade(changes: list[Change], created: dict[str, list[str]]) -> Iterator[str]:
    """The changes in order; those of a new table are moved into `created`, foreign keys apart."""
    begun = set()  # a table may be new because another of its name has just gone
    for change in changes:
        if isinstance(change, CreateTable):
            begun.add(change.table)
            yield f"    _create_{change.table}()"
        if change.table in begun and not _is_foreign_key(change):
            created[change.table] += lines(change)
        else:
            yield from lines(change)


def _is_foreign_key(change: Change) -> bool:
    return isinstance(change, AddConstraint) and change.constraint.kind == "foreignkey"


def _downgrade(changes: list[Change]) -> Iterator[str]:
    opposites = [opposite for change in reversed(changes) if (opposite := change.opposite())]
    reasons = [f"it would not bring back {change.loses}" for change in changes if change.loses]
    reasons += [f"it would lose {change.loses}" for change in reversed(opposites) if change.loses]
    if not reasons:
        yield '    """Go back; nothing is lost."""'
        for change in opposites:
            yield from lines(change)
        return
    yield '    """Refuse, because data would be lost."""'
    yield "    reasons = ["
    yield from (f"        {literal(reason)}," for reason in reasons)
    yield "    ]"
    yield """    raise RuntimeError(f"There is no way back: {'; '.join(reasons)}. Write a new revision instead.")"""
