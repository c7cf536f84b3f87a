"""Everything that the demonstration needs, started in order and stopped in the opposite one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlmodel import select

from generated.saas.billing.organization import Organization
from generated.saas.billing.reporting_claim import JOB as CLAIM
from generated.saas.billing.reporting_claim import ReportingClaimInput
from saas.demo.at_stripe import AtStripe, at_stripe
from saas.demo.clock import DemoClock
from saas.demo.screen import Screen
from saas.demo.seed import ADMIN, BUYER, seed, seed_customer
from treaty_runtime import logging
from treaty_runtime.addresses import owner_url
from treaty_runtime.composition import load
from treaty_runtime.credentials import issue_token
from treaty_runtime.errors import MigrationError, OperatorError
from treaty_runtime.identifiers import new_id
from treaty_runtime.jobs.orders import Order, enqueue
from treaty_runtime.migrations.upgrade import upgrade
from treaty_runtime.project import Project
from treaty_runtime.service import Service, open_service
from treaty_runtime.serving import ServingError, listen, serving
from treaty_runtime.settings import Settings
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
    stripe: AtStripe
    clock: DemoClock
    service: Service
    globex: UUID

    async def customer(self) -> str:
        """Globex as a customer of Stripe."""
        async with self.service.database.transaction(tenant=self.globex, now=self.clock.now()) as session:
            return str((await session.exec(select(Organization.stripe_customer_id))).one())

    async def have_usage_reported(self) -> None:
        """Have the reporter look after Globex now, unless it does already."""
        order = Order.of(CLAIM, ReportingClaimInput(organization_id=self.globex), self.globex, str(new_id()))
        async with self.service.database.transaction(tenant=self.globex, now=self.clock.now()) as session:
            await enqueue(session, [order])


@asynccontextmanager
async def running(screen: Screen) -> AsyncIterator[Running]:
    """PostgreSQL with the organizations in it, Stripe's simulator, the API and the worker.

    Raises `OperatorError` where one cannot be.
    """
    project, settings, clock = Project.find(), Settings.load(), DemoClock()
    application = load(project)
    log = settings.data_dir / "demo.log"
    async with AsyncExitStack() as stack:
        stack.enter_context(_logged_to(log, settings.log_level))
        screen.say(f"Starting PostgreSQL in {settings.data_dir / 'postgres'}")
        owner = stack.enter_context(owner_url(settings))
        await _migrate(owner, project, screen)
        service = await stack.enter_async_context(open_service(application.definition, settings, clock))
        await seed(service)
        globex = await seed_customer(service)
        listener = stack.enter_context(_listener(settings, screen))
        screen.say(f"Starting a simulator of Stripe in {settings.data_dir / 'stripe'}")
        webhook = f"{_address(listener)}/webhooks/stripe"
        stripe = await at_stripe(settings, webhook)
        await stack.enter_async_context(working(service, application.tasks))
        app = application.create(settings, clock)
        await stack.enter_async_context(app.lifespan())
        await stack.enter_async_context(serving(app, listener, shutdown_timeout=settings.shutdown_timeout))
        now = clock.now()
        token = issue_token(settings, ADMIN, now=now, valid_for=TOKEN_VALID_FOR)
        buyers = issue_token(settings, BUYER, now=now, valid_for=TOKEN_VALID_FOR, tenant=globex, roles=["admin"])
        yield Running(_address(listener), token, buyers, log, stripe, clock, service, globex)


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
