"""The requests of one scenario: real HTTP, and the answers it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import httpx

from treaty_runtime.acceptance.actors import Actors
from treaty_runtime.acceptance.exchanges import AnyOperation, Call, Exchange, Sent, wire_input
from treaty_runtime.acceptance.failures import Mistake

if TYPE_CHECKING:
    from treaty_runtime.acceptance.stage import Stage

__all__ = ["Calls"]

SERVER_ERROR = 500


class Calls:
    """Sends requests; `last` is the one that `repeat` sends again."""

    def __init__(self, stage: Stage, actors: Actors) -> None:
        self._stage = stage
        self._actors = actors
        self.last: Exchange | None = None

    async def call(self, key: str, values: Mapping[str, Any], actor: str | None) -> Exchange:
        """Send `values` to the operation `key` as `actor`, or as the one who speaks now."""
        operation = self._operation(key)
        credentials = await self._actors.credentials(actor, operation)
        return await self.send(Call(operation, wire_input(operation, values), credentials))

    async def repeat(self, overrides: Mapping[str, Any]) -> Exchange:
        """Send the last request again, with the same caller and `overrides`."""
        if self.last is None:
            raise Mistake("there is no request to repeat: a phrase before this one has to send one")
        sent = self.last.sent
        return await self.send(sent.changed(overrides) if overrides else sent)

    async def send(self, sent: Sent) -> Exchange:
        """Send a request, whatever it is."""
        seen = self._stage.log.position()
        try:
            response = await self._stage.client.send(sent.request(self._stage.client))
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise Mistake(f"{sent.subject} got no answer: {str(error) or type(error).__name__}") from error
        log = self._stage.log.since(seen) if response.status_code >= SERVER_ERROR else ""
        request_id = response.headers.get("X-Request-Id", "")
        self.last = Exchange(sent.subject, sent.output, _body(response), sent, response.status_code, request_id, log)
        return self.last

    def _operation(self, key: str) -> AnyOperation:
        known = self._stage.definition.operations
        operations: dict[str, AnyOperation] = {
            name: operation
            for operation in known
            for name in (f"{operation.key}@{operation.major}", operation.identity)
        }
        if key in operations:
            return operations[key]
        near = get_close_matches(key, operations, n=1)
        raise Mistake(f"there is no operation {key}{f'; did you mean {near[0]}?' if near else ''}")


def _body(response: httpx.Response) -> Any:
    try:
        return response.json() if response.content else None
    except ValueError:
        return response.text
