"""Serve the billing service as `treaty serve` does, with budgets that no benchmark uses up.

`--operations N` serves N copies of `feature.check` beside it, each under a path and a key of its own.
"""

import argparse
import dataclasses
from datetime import timedelta
from typing import Any

import uvloop
from litestar import Litestar, Request, Response, get
from litestar.handlers import HTTPRouteHandler

from generated.app import DEFINITION, create_app
from generated.saas.billing import feature_check, usage_record, usage_record_batch
from saas.billing import feature
from treaty_runtime import garbage
from treaty_runtime.application import build_app
from treaty_runtime.operations import RateLimit
from treaty_runtime.pipeline import serve
from treaty_runtime.serving import listen, serving, until_signal
from treaty_runtime.settings import Settings

PLENTY = RateLimit(requests=100_000_000, per=timedelta(minutes=1), by="organization")


def main() -> None:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--operations", type=int, default=0)
    options = parser.parse_args()
    garbage.put_off()
    for module in (feature_check, usage_record, usage_record_batch):
        module.OPERATION = dataclasses.replace(module.OPERATION, rate_limit=PLENTY)  # type: ignore[attr-defined]
    app = _many(options.operations) if options.operations else create_app()
    uvloop.run(_serve(app, options.port))


async def _serve(app: Litestar, port: int) -> None:
    async with app.lifespan(), serving(app, listen("127.0.0.1", port)), until_signal() as stop:
        garbage.settle()
        await stop.wait()


def _many(operations: int) -> Litestar:
    copies = [_copy(number) for number in range(operations)]
    definition = dataclasses.replace(DEFINITION, operations=DEFINITION.operations)
    return build_app(definition, copies, settings=Settings.load())


def _copy(number: int) -> HTTPRouteHandler:
    operation = dataclasses.replace(
        feature_check.OPERATION, key=f"bench.copy{number}.check", path=f"/copies/{number}/features/{{feature}}"
    )

    @get(f"/copies/{number}/features/{{feature:str}}", name=operation.identity)
    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await serve(operation, feature.check, request)

    return handle


if __name__ == "__main__":
    main()
