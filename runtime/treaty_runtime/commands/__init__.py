"""The commands that the runtime adds to `treaty`: one module each.

Their modules import what is heavy inside the command, so that `treaty --help` need not wait for a web framework.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import ParamSpec

import typer

from treaty_runtime.commands import events, flag, jobs, key, webhooks
from treaty_runtime.commands.downgrade import downgrade
from treaty_runtime.commands.migrate import migrate
from treaty_runtime.commands.serve import serve
from treaty_runtime.commands.settings import settings
from treaty_runtime.commands.token import token
from treaty_runtime.commands.upgrade import upgrade
from treaty_runtime.commands.verify import verify
from treaty_runtime.commands.worker import worker
from treaty_runtime.errors import OperatorError

__all__ = ["register"]

P = ParamSpec("P")


def register(app: typer.Typer) -> None:
    """Add the commands to `treaty`."""
    for command in (downgrade, migrate, serve, settings, token, upgrade, verify, worker):
        app.command()(explained(command))
    for group in (_keys(), _flags(), _jobs(), _events(), _webhooks()):
        app.add_typer(group)


def _keys() -> typer.Typer:
    keys = typer.Typer(name="key", help="Give out, list and revoke API keys.", no_args_is_help=True)
    keys.command()(explained(key.create))
    keys.command("list")(explained(key.list_))
    keys.command()(explained(key.revoke))
    return keys


def _flags() -> typer.Typer:
    flags = typer.Typer(name="flag", help="Turn feature flags on and off.", no_args_is_help=True)
    flags.command()(explained(flag.on))
    flags.command()(explained(flag.off))
    flags.command("list")(explained(flag.list_))
    return flags


def _jobs() -> typer.Typer:
    queue = typer.Typer(
        name="jobs", help="Look after the queue: what waits, runs and was given up.", no_args_is_help=True
    )
    queue.command("list")(explained(jobs.show_all))
    for of_one in (jobs.show, jobs.retry, jobs.discard):
        queue.command()(explained(of_one))
    return queue


def _events() -> typer.Typer:
    undelivered = typer.Typer(
        name="events", help="Look after events that the receiver has not taken.", no_args_is_help=True
    )
    undelivered.command("list")(explained(events.show_all))
    undelivered.command()(explained(events.replay))
    undelivered.command()(explained(events.discard))
    return undelivered


def _webhooks() -> typer.Typer:
    told = typer.Typer(
        name="webhooks", help="Look after what other services told: stored, worked on, replayed.", no_args_is_help=True
    )
    told.command("list")(explained(webhooks.show_all))
    told.command()(explained(webhooks.show))
    told.command()(explained(webhooks.replay))
    return told


def explained(command: Callable[P, None]) -> Callable[P, None]:
    """The command, ending with one message and exit code 1 where it would raise an `OperatorError`."""

    @functools.wraps(command)
    def run(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            command(*arguments, **options)
        except OperatorError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
        except ExceptionGroup as group:  # what several tasks of a service raise together
            errors, others = group.split(OperatorError)
            if errors is None or others is not None:
                raise
            typer.echo("\n".join(str(error) for error in leaves(errors)), err=True)
            raise typer.Exit(1) from None

    return run


def leaves(group: ExceptionGroup[OperatorError]) -> Iterator[OperatorError]:
    """The errors in a group and the groups within."""
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from leaves(error)
        else:
            yield error
