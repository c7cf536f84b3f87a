"""`treaty upgrade`: bring the database to the newest revisions."""

from __future__ import annotations

import typer

__all__ = ["upgrade"]


def upgrade() -> None:
    """Apply the revisions that the database does not have yet: the runtime's own, then the application's."""
    from treaty_runtime.addresses import owner_url
    from treaty_runtime.migrations.upgrade import upgrade as apply
    from treaty_runtime.project import Project
    from treaty_runtime.settings import Settings

    project = Project.find()
    with owner_url(Settings.load()) as url:
        applied = apply(url, project.migrations)
    for revision in applied:
        typer.echo(f"Applied {revision}")
    if not applied:
        typer.echo("The database is up to date.")
