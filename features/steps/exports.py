"""What the vocabulary cannot say about files with all pages of a query."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from treaty_runtime.acceptance.exchanges import Call, Exchange
from treaty_runtime.acceptance.world import World


async def has_the_same(world: World, values: Mapping[str, Any]) -> None:
    """The file that the same caller gets for the same question has a line for each of the `items` of the page."""
    exchange = world.exchange
    assert isinstance(exchange, Exchange)
    assert isinstance(exchange.sent, Call)
    client, call = world.stage.client, exchange.sent
    answer = await client.send(replace(call, operation=call.operation.as_csv()).request(client))
    found = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    expected = [{name: str(item.get(name, "")) for name in found[0]} for item in exchange.field(values["items"])]
    if answer.status_code != 200 or found != expected:
        world.broke([f"promised a file with {expected}, but its answer is {answer.status_code} with {answer.text}"])
