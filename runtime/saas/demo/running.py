"""Everything that the demonstration needs, started in order and stopped in the opposite one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from saas.billing.stripe_client import stripe_client
from saas.demo.clock import DemoClock
from saas.demo.plans import Offered, offer
from saas.demo.screen import Screen
from saas.demo.seed import ADMIN, BUYER, seed, seed_customer
from stripe_simulator import Simulator
from treaty_runtime import logging
from treaty_runtime.addresses import database_urls
from treaty_runtime.composition import load
from treaty_runtime.credentials import issue_token
from treaty_runtime.errors import MigrationError, OperatorError
from treaty_runtime.migrations.upgrade import upgrade
from treaty_runtime.project import Project
from treaty_runtime.roles import DatabaseUrls
from treaty_runtime.service import open_service
from treaty_runtime.serving import ServingError, listen, serving
from treaty_runtime.settings import SIMULATOR, Settings
from treaty_runtime.worker import working

__all__ = ["Running", "running"]

TOKEN_VALID_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Running:
    """The running service, tokens for it, and the Stripe beside it."""

    address: str
    token: str
    buyers_token: str
    log: Path
    stripe: Simulator
    offered: Offered
    settings: Settings
    clock: DemoClock

    def let_pass(self, time: timedelta) -> None:
        """Nobody wants to wait: it is later now, here and at Stripe."""
        self.clock.advance(time)
        self.stripe.advance(int(time.total_seconds()))

    async def subscription_at_stripe(self) -> str:
        """The only subscription there is."""
        client = await stripe_client(self.settings)
        return (await client.v1.subscriptions.list_async({"limit": 1})).data[0].id

    async def customer_at_stripe(self) -> str:
        """The only customer there is."""
        client = await stripe_client(self.settings)
        return (await client.v1.customers.list_async({"limit": 1})).data[0].id


@asynccontextmanager
async def running(screen: Screen) -> AsyncIterator[Running]:
    """PostgreSQL with the organizations in it, Stripe's simulator, the API and the worker.

    Raises `OperatorError` where one cannot be.
    """
    project, settings = Project.find(), Settings.load()
    application = load(project)
    log = settings.data_dir / "demo.log"
    async with AsyncExitStack() as stack:
        stack.enter_context(_logged_to(log, settings.log_level))
        screen.say(f"Starting PostgreSQL in {settings.data_dir / 'postgres'}, and a simulator of Stripe")
        urls = stack.enter_context(database_urls(settings))
        await _migrate(str(urls.owner), project, screen)
        settings, stripe = _with_stripe(stack, settings, urls)
        clock = DemoClock()
        service = await stack.enter_async_context(open_service(application.definition, settings, clock))
        await seed(service)
        globex, offered = await seed_customer(service), await offer(await stripe_client(settings))
        listener = stack.enter_context(_listener(settings, screen))
        await stack.enter_async_context(working(service, application.tasks))
        app = application.create(settings, clock)
        await stack.enter_async_context(app.lifespan())
        await stack.enter_async_context(serving(app, listener, shutdown_timeout=settings.shutdown_timeout))
        address, now = _address(listener), clock.now()
        stripe.order("webhook_endpoints", url=f"{address}/webhooks/stripe", secret=settings.stripe_secrets[0])
        token = issue_token(settings, ADMIN, now=now, valid_for=TOKEN_VALID_FOR)
        buyers = issue_token(settings, BUYER, now=now, valid_for=TOKEN_VALID_FOR, tenant=globex, roles=["admin"])
        yield Running(address, token, buyers, log, stripe, offered, settings, clock)


def _with_stripe(stack: AsyncExitStack, settings: Settings, urls: DatabaseUrls) -> tuple[Settings, Simulator]:
    """A simulator of this demonstration's own, so that time can be moved there, and settings that lead to it."""
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="treaty-demo-")))
    stripe = stack.enter_context(Simulator.start(folder / "stripe"))
    changed = {
        "data_dir": folder,
        "database_url": SecretStr(urls.app),
        "database_system_url": SecretStr(urls.system),
        "stripe_api_key": SecretStr(SIMULATOR),
        "stripe_return_origins": None,
    }
    return settings.model_copy(update=changed), stripe


async def _migrate(owner: str, project: Project, screen: Screen) -> None:
    try:
        applied = await asyncio.to_thread(upgrade, owner, project.migrations)
    except MigrationError as error:
        raise OperatorError(f"{error} To begin with empty tables, name another folder in TREATY_DATA_DIR.") from error
    for revision in applied:
        screen.say(f"Applied {revision}")


@contextmanager
def _logged_to(path: Path, level: str) -> Iterator[None]:
    """Write the log into a file: the terminal is for the walk."""
    try:
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        raise OperatorError(
            f"The log cannot be written: {error}. Make the folder writable, or name another in TREATY_DATA_DIR."
        ) from error
    with file:
        with redirect_stdout(file):
            logging.configure(level)
        yield


@contextmanager
def _listener(settings: Settings, screen: Screen) -> Iterator[socket.socket]:
    """Listen on the port that the settings name, or on a free one when that is taken."""
    try:
        listener = listen(settings.host, settings.port)
    except ServingError:
        listener = listen(settings.host, 0)
        screen.say(f"Port {settings.port} is taken, so the service listens on {listener.getsockname()[1]}.")
    with listener:
        yield listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - everywhere, here included
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
