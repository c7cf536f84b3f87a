"""`treaty migrate`: one revision from the last known schema to the one that the contracts ask for."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["migrate"]


def migrate(
    name: Annotated[str, typer.Argument(help="What changes, in a few words: it names the revision.", metavar="NAME")],
    *,
    allow_data_loss: Annotated[
        bool, typer.Option("--allow-data-loss", help="Drop columns and tables that the contracts no longer have.")
    ] = False,
) -> None:
    """Write the revision that brings the database to what the contracts say. No database is needed."""
    from treaty_runtime.migrations.revise import revise
    from treaty_runtime.project import Project

    project = Project.find()
    outcome = revise(name, project.output / "schema.json", project.migrations, allow_data_loss=allow_data_loss)
    if outcome.path:
        typer.echo(f"Wrote {outcome.path.relative_to(project.root)}. Read it, then run `treaty upgrade`.")
    elif outcome.noted:
        typer.echo(f"Nothing changes in the database; {project.migrations.name}/schema.json is up to date again.")
    else:
        typer.echo("Nothing changed: the contracts ask for the schema that the revisions lead to. (`treaty generate`?)")
