"""`treaty downgrade`: take the newest revision back."""

from __future__ import annotations

import typer

__all__ = ["downgrade"]


def downgrade() -> None:
    """Take the application's newest applied revision back, if no data is lost by it."""
    from treaty_runtime.addresses import owner_url
    from treaty_runtime.migrations.upgrade import downgrade as take_back
    from treaty_runtime.project import Project
    from treaty_runtime.settings import Settings

    project = Project.find()
    with owner_url(Settings.load()) as url:
        revision = take_back(url, project.migrations)
    typer.echo(f"Took back {revision}" if revision else "The database has no revision of the application.")
