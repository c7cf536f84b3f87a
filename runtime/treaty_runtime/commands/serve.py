"""`treaty serve`: answer requests."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from treaty_runtime.composition import Application
    from treaty_runtime.settings import Settings

__all__ = ["serve"]


def serve(
    host: Annotated[
        str | None, typer.Option(help="The address to listen on.", show_default="TREATY_HOST, or 127.0.0.1")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="The port; 0 takes a free one.", show_default="TREATY_PORT, or 8000"),
    ] = None,
    *,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Also do what `treaty worker` does, in the same process.")
    ] = False,
) -> None:
    """Serve the application until SIGTERM or Ctrl-C; requests that are running then are finished."""
    import uvloop

    from treaty_runtime import garbage, logging
    from treaty_runtime.composition import load
    from treaty_runtime.project import Project
    from treaty_runtime.settings import Settings

    garbage.put_off()
    settings = Settings.load()
    application = load(Project.find())
    logging.configure(settings.log_level)
    given = {"host": host or settings.host, "port": settings.port if port is None else port}
    uvloop.run(_serve(application, settings.model_copy(update=given), with_worker=with_worker))


async def _serve(application: Application, settings: Settings, *, with_worker: bool) -> None:
    import asyncio

    import structlog

    from treaty_runtime import garbage
    from treaty_runtime.observability.operator_routes import private_address
    from treaty_runtime.serving import address_of, listen, serving, until_signal
    from treaty_runtime.worker import working

    log = structlog.get_logger("treaty.serve")
    listener = listen(settings.host, settings.port)
    app = application.create(settings)
    async with AsyncExitStack() as running:
        stop = await running.enter_async_context(until_signal())
        await running.enter_async_context(app.lifespan())
        await running.enter_async_context(private_address(app.state.service))
        if with_worker:
            await running.enter_async_context(working(app.state.service, application.tasks))
        await running.enter_async_context(
            serving(
                app,
                listener,
                shutdown_timeout=settings.shutdown_timeout,
                request_timeout=settings.request_timeout,
                trusted_proxies=settings.trusted_proxies,
            )
        )
        garbage.settle()
        log.info("serving", address=address_of(listener), worker=with_worker)
        await stop.wait()
        log.info("stopping")
        app.state.service.draining.set()
        await asyncio.sleep(settings.shutdown_delay)
