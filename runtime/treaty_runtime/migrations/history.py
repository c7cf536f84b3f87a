"""A chain of revisions, and the table in which a database remembers how far it has come."""

from __future__ import annotations

from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from treaty_runtime.errors import MigrationError

__all__ = ["SCHEMA", "History", "application_history", "runtime_history"]

SCHEMA = "treaty"


class History:
    """Revisions in `<folder>/versions`; the database keeps the newest applied one in `treaty.<table>`."""

    def __init__(self, folder: Path, table: str) -> None:
        """Read the revisions. Raises `MigrationError` when they cannot be read."""
        self.versions = folder / "versions"
        self.table = table
        self._scripts = _read(folder)

    def head(self) -> Script | None:
        """The newest revision, `None` when there is none. Raises `MigrationError` when there are several."""
        heads = sorted(self._scripts.get_heads()) if self._scripts else []
        if len(heads) > 1:
            raise MigrationError(
                f"{self.versions} has several newest revisions: {', '.join(heads)}. Two branches each wrote one: "
                "remove the younger, take the other's schema.json, and run `treaty migrate` again."
            )
        return self._scripts.get_revision(heads[0]) if self._scripts and heads else None

    def after(self, current: str | None) -> list[Script]:
        """The revisions that come after `current`, oldest first."""
        head = self.head()
        if current is not None:
            self.revision(current)
        if self._scripts is None or head is None:
            return []
        return list(self._scripts.iterate_revisions(head.revision, current))[::-1]

    def is_behind(self, current: str | None) -> bool:
        """Whether a database at `current` lacks revisions. One that is unknown here is newer code's: it lacks none."""
        older = [script.revision for script in self.after(None)[:-1]]
        return self.head() is not None and (current is None or current in older)

    def context(self, connection: Connection) -> MigrationContext:
        """Alembic's view of a database, with this history's version table."""
        options = {"version_table": self.table, "version_table_schema": SCHEMA}
        return MigrationContext.configure(connection, opts=options)

    def revision(self, identifier: str) -> Script:
        """The revision with this id. Raises `MigrationError` when there is none."""
        try:
            found = self._scripts.get_revision(identifier) if self._scripts else None
        except CommandError:
            found = None
        if found is None:
            raise MigrationError(
                f"The database is at revision {identifier}, which {self.versions} does not have: "
                "it was upgraded by other or newer code. Use the code that has this revision."
            )
        return found

    def parent(self, script: Script) -> str | None:
        """The revision before this one. Raises `MigrationError` when there are several."""
        if isinstance(script.down_revision, (tuple, list)):
            raise MigrationError(f"{script.path} merges several revisions, so there is no way back from it.")
        return script.down_revision

    def stamp(self, context: MigrationContext, identifier: str | None) -> None:
        """Remember in the database that it is at this revision; `None` is the state before the first."""
        if self._scripts:
            context.stamp(self._scripts, identifier or "base")


def _read(folder: Path) -> ScriptDirectory | None:
    if not (folder / "versions").is_dir():
        return None
    scripts = ScriptDirectory(folder)
    try:
        scripts.get_heads()  # imports the files
    except Exception as error:  # a revision is Python, written or edited by hand: it may raise anything
        raise MigrationError(f"The revisions in {folder / 'versions'} cannot be read: {error}.") from error
    return scripts


def runtime_history() -> History:
    """The runtime's own tables."""
    return History(folder=Path(__file__).parent, table="runtime_revision")


def application_history(folder: Path) -> History:
    """The application's tables; `folder` is `runtime/migrations`."""
    return History(folder=folder, table="application_revision")
