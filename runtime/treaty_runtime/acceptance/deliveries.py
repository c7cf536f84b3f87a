"""Events that come to webhooks in a scenario: over real HTTP, signed as their providers sign."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

import httpx

from treaty_runtime.acceptance.exchanges import Sent
from treaty_runtime.acceptance.failures import Mistake
from treaty_runtime.acceptance.json_values import plain
from treaty_runtime.models import Shape
from treaty_runtime.webhooks.descriptor import Received, Webhook
from treaty_runtime.webhooks.providers import provider_of

if TYPE_CHECKING:
    from treaty_runtime.acceptance.stage import Stage

__all__ = ["Delivery", "Signature", "delivery_of"]

Signature = Literal["valid", "missing", "wrong", "old", "future"]
BEYOND = dt.timedelta(seconds=1)  # the tolerance


@dataclass(frozen=True, slots=True)
class Delivery(Sent):
    """A request to a webhook that can be sent again, the very same."""

    webhook: Webhook
    content: bytes
    headers: Mapping[str, str]

    @property
    def subject(self) -> str:
        """Who answers."""
        return self.webhook.key

    @property
    def output(self) -> type[Shape]:
        """What every webhook answers."""
        return Received

    def request(self, client: httpx.AsyncClient) -> httpx.Request:
        """What is sent."""
        headers = {"Content-Type": "application/json; charset=utf-8", **self.headers}
        return client.build_request("POST", self.webhook.path, content=self.content, headers=headers)

    def changed(self, _overrides: Mapping[str, Any]) -> Sent:
        """Signed bytes are sent as they are, or not at all."""
        raise Mistake(f"an event that came to {self.subject} is repeated as it was: deliver another one instead")


def delivery_of(
    stage: Stage,
    key: str,
    type_: str,
    data: Mapping[str, Any],
    event: Mapping[str, Any],
    body: str | None,
    signature: Signature,
) -> Delivery:
    """An event that comes to the webhook `key` now. Raises `Mistake` when there is no such webhook."""
    webhook, now = _webhook(stage, key), stage.clock.now()
    provider = provider_of(webhook.provider)
    content = json.dumps(provider.event(type_, _plain(data), _plain(event), now)) if body is None else body
    away = {"old": -webhook.tolerance - BEYOND, "future": webhook.tolerance + BEYOND}.get(signature, dt.timedelta())
    secret = "not the secret" if signature == "wrong" else provider.secrets(stage.settings)[0]
    headers = {} if signature == "missing" else provider.sign(content.encode(), secret, now + away)
    return Delivery(webhook, content.encode(), headers)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in values.items()}


def _webhook(stage: Stage, key: str) -> Webhook:
    known = {webhook.key: webhook for webhook in stage.definition.webhooks}
    if key in known:
        return known[key]
    near = get_close_matches(key, known, n=1)
    raise Mistake(f"there is no webhook {key}{f'; did you mean {near[0]}?' if near else ''}")
