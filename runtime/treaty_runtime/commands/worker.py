"""`treaty worker`: deliver events, carry out jobs, and forget what has expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from treaty_runtime.composition import Application
    from treaty_runtime.settings import Settings

__all__ = ["worker"]


def worker() -> None:
    """Deliver events, carry out jobs and prune until SIGTERM or Ctrl-C; any number of workers may run at a time.

    Jobs that run when it is stopped have TREATY_SHUTDOWN_TIMEOUT seconds to end, or are put back.
    """
    import uvloop

    from treaty_runtime import garbage, logging
    from treaty_runtime.composition import load
    from treaty_runtime.project import Project
    from treaty_runtime.settings import Settings

    garbage.put_off()
    settings = Settings.load()
    application = load(Project.find())
    logging.configure(settings.log_level)
    uvloop.run(_work(application, settings))


async def _work(application: Application, settings: Settings) -> None:
    from treaty_runtime import garbage
    from treaty_runtime.observability.operator_routes import private_address
    from treaty_runtime.service import open_service
    from treaty_runtime.serving import until_signal
    from treaty_runtime.worker import work_until

    async with (
        until_signal() as stop,
        open_service(application.definition, settings) as service,
        private_address(service),
    ):
        garbage.settle()
        await work_until(stop, service, application.tasks)
