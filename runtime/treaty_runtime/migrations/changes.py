"""What may change between two snapshots. Every change knows its opposite, and what is lost when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from treaty_runtime.migrations.snapshot import Column, ForeignKey, KeyTable, Table
from treaty_runtime.migrations.types import keeps_every_value

__all__ = [
    "AddColumn",
    "AddConstraint",
    "AlterColumn",
    "Change",
    "Constraint",
    "CreateTable",
    "DropColumn",
    "DropConstraint",
    "DropTable",
    "FillKeys",
    "FillNulls",
    "ForgetKeys",
    "Kind",
    "MoveRows",
    "Protect",
    "RenameColumn",
    "RenameConstraint",
    "Statement",
    "Unprotect",
]

Kind = Literal["unique", "check", "foreignkey", "index"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint or index: columns, a condition, or a foreign key."""

    kind: Kind
    definition: tuple[str, ...] | str | ForeignKey


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL that has no operation of its own in Alembic, and the SQL that takes it back.

    `apart` says that what it makes is not gone with the table.
    """

    up: str
    down: str
    apart: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of one table."""

    table: str

    @property
    def loses(self) -> str | None:
        """What is gone for good once it is made; `None` when nothing is."""
        return None

    def opposite(self) -> Change | None:
        """The change that takes this one back; `None` when there is nothing to take back."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class CreateTable(Change):
    """A new table, with its primary key, uniques and checks."""

    definition: Table

    def opposite(self) -> Change:
        """Drops it."""
        return DropTable(table=self.table, definition=self.definition)


@dataclass(frozen=True, kw_only=True)
class DropTable(Change):
    """A table goes."""

    definition: Table

    @property
    def loses(self) -> str | None:
        """Its rows, unless they only say where others are."""
        return None if isinstance(self.definition, KeyTable) else f"the rows of {self.table}"

    def opposite(self) -> Change:
        """Creates it, empty."""
        return CreateTable(table=self.table, definition=self.definition)


@dataclass(frozen=True, kw_only=True)
class MoveRows(Change):
    """A table is made anew in other partitions, or in none, and its rows move into it. `old` has the new names."""

    old: Table
    new: Table

    @property
    def loses(self) -> str | None:
        """The values of columns that the new table does not have."""
        gone = [f"{self.table}.{column}" for column in self.old.columns if column not in self.new.columns]
        return f"the values of {' and '.join(gone)}" if gone else None

    def opposite(self) -> Change:
        """Moves them back."""
        return MoveRows(table=self.table, old=self.new, new=self.old)


@dataclass(frozen=True, kw_only=True)
class FillKeys(Change):
    """The keys of the rows that are there are written into their new table."""

    definition: KeyTable

    def opposite(self) -> Change:
        """Forgets them."""
        return ForgetKeys(table=self.table, definition=self.definition)


@dataclass(frozen=True, kw_only=True)
class ForgetKeys(Change):
    """The keys of rows go with their table, and nothing with them: the rows say the same."""

    definition: KeyTable

    def opposite(self) -> Change:
        """Writes them again."""
        return FillKeys(table=self.table, definition=self.definition)


@dataclass(frozen=True, kw_only=True)
class AddColumn(Change):
    """A new column of a table that may have rows."""

    name: str
    column: Column

    def opposite(self) -> Change:
        """Drops it."""
        return DropColumn(table=self.table, name=self.name, column=self.column)


@dataclass(frozen=True, kw_only=True)
class DropColumn(Change):
    """A column goes."""

    name: str
    column: Column

    @property
    def loses(self) -> str:
        """Its values."""
        return f"the values of {self.table}.{self.name}"

    def opposite(self) -> Change:
        """Adds it, without its values."""
        return AddColumn(table=self.table, name=self.name, column=self.column)


@dataclass(frozen=True, kw_only=True)
class RenameColumn(Change):
    """A column gets another name and keeps its values. `noted` says that the name stands in `treaty.lifecycle`."""

    old: str
    new: str
    noted: bool = False

    def opposite(self) -> Change:
        """Gives it the old name."""
        return RenameColumn(table=self.table, old=self.new, new=self.old, noted=self.noted)


@dataclass(frozen=True, kw_only=True)
class AlterColumn(Change):
    """A column gets another type or default, or may or may not be NULL."""

    name: str
    old: Column
    new: Column

    @property
    def loses(self) -> str | None:
        """What the narrower type has no room for."""
        # A text that is too long makes PostgreSQL refuse; a number is rounded without a word.
        if self.new.type.startswith("varchar") or keeps_every_value(self.old.type, self.new.type):
            return None
        return f"digits of {self.table}.{self.name}"

    def opposite(self) -> Change:
        """Gives it back what it had."""
        return AlterColumn(table=self.table, name=self.name, old=self.new, new=self.old)


@dataclass(frozen=True, kw_only=True)
class FillNulls(Change):
    """Rows without a value get the default, before the column may no longer be NULL.

    `forced` and `append_only` say which protection is in place meanwhile: it would keep the owner from the rows too.
    """

    name: str
    default: str
    forced: bool
    append_only: bool

    def opposite(self) -> None:
        """Nothing: a value that a row got may stay."""
        return


@dataclass(frozen=True, kw_only=True)
class AddConstraint(Change):
    """A new constraint or index."""

    name: str
    constraint: Constraint

    def opposite(self) -> Change:
        """Drops it."""
        return DropConstraint(table=self.table, name=self.name, constraint=self.constraint)


@dataclass(frozen=True, kw_only=True)
class DropConstraint(Change):
    """A constraint or index goes."""

    name: str
    constraint: Constraint

    def opposite(self) -> Change:
        """Adds it."""
        return AddConstraint(table=self.table, name=self.name, constraint=self.constraint)


@dataclass(frozen=True, kw_only=True)
class RenameConstraint(Change):
    """A constraint or index that is named after a renamed column gets the name that follows."""

    kind: Kind
    old: str
    new: str

    def opposite(self) -> Change:
        """Gives it the old name."""
        return RenameConstraint(table=self.table, kind=self.kind, old=self.new, new=self.old)


@dataclass(frozen=True, kw_only=True)
class Protect(Change):
    """Row-level security, a grant or a trigger is put in place."""

    statement: Statement

    def opposite(self) -> Change:
        """Removes it."""
        return Unprotect(table=self.table, statement=self.statement)


@dataclass(frozen=True, kw_only=True)
class Unprotect(Change):
    """Row-level security, a grant or a trigger goes."""

    statement: Statement

    def opposite(self) -> Change:
        """Puts it in place."""
        return Protect(table=self.table, statement=self.statement)
