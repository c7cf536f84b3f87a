"""`treaty verify`: show that every promise of the contracts is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from treaty_runtime.errors import SettingsError

if TYPE_CHECKING:
    from pydantic import SecretStr

__all__ = ["verify"]

WIDTH_OF_FILES = 160


def operation_keys(incomplete: str) -> list[str]:
    """What the shell offers after a Tab: the operations of the generated document that begin so."""
    from treaty_runtime.project import Project, ProjectError

    try:
        document = json.loads((Project.find().output / "openapi.json").read_bytes())
        found = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    except (ProjectError, OSError, ValueError, LookupError):
        return []
    return sorted(key for key in found if key.startswith(incomplete))


def verify(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Feature files, folders of them, or some.feature:LINE. All when left out.", show_default=False
        ),
    ] = None,
    operation: Annotated[
        list[str] | None,
        typer.Option(
            help="Only what is about this operation, by its key. May be repeated.",
            metavar="KEY",
            autocompletion=operation_keys,
        ),
    ] = None,
    *,
    stripe: Annotated[
        bool,
        typer.Option("--stripe", help="Ask Stripe itself, in test mode (STRIPE_API_KEY), and not its simulator."),
    ] = False,
) -> None:
    """Play every scenario, example and feature file against the real service, on a database of its own."""
    # Here and not above: behave and the service take a second to import, which no other command should wait for.
    from rich.console import Console

    from treaty_runtime.acceptance.stage import SIMULATED
    from treaty_runtime.acceptance.verify import verify as play
    from treaty_runtime.project import Project

    console = Console()
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    key = _test_key() if stripe else SIMULATED
    if not play(Project.find(), console, operation or (), paths or (), key):
        raise typer.Exit(1)


def _test_key() -> SecretStr:
    """The key of Stripe's test mode. Raises `SettingsError` for none, and for one with which money moves."""
    from treaty_runtime.settings import SIMULATOR, Settings

    key = Settings.load().stripe_api_key
    if key is None or key.get_secret_value() == SIMULATOR:
        raise SettingsError("STRIPE_API_KEY is not set. Set it to a key of Stripe's test mode, which begins sk_test_.")
    if not key.get_secret_value().startswith(("sk_test_", "rk_test_")):
        raise SettingsError(
            "STRIPE_API_KEY is a live key, and scenarios subscribe, pay and cancel: money would move. "
            "Set it to a key of Stripe's test mode, which begins sk_test_."
        )
    return key
