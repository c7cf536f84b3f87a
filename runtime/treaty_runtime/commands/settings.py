"""`treaty settings`: which environment variables there are."""

from __future__ import annotations

import typer

__all__ = ["settings"]


def settings() -> None:
    """Print every environment variable that the service reads, as the page docs/settings.md."""
    from treaty_runtime.settings_page import settings_page

    typer.echo(settings_page(), nl=False)
