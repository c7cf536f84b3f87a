"""`slo`: how well an operation is to be served, as its author wrote it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from treaty.contract import patterns
from treaty.contract.base import Written

Share = Annotated[str, StringConstraints(pattern=patterns.SHARE)]
Latency = Annotated[str, StringConstraints(pattern=patterns.LATENCY)]
Window = Annotated[str, StringConstraints(pattern=patterns.WINDOW)]
Link = Annotated[str, StringConstraints(pattern=patterns.LINK, max_length=2000)]


class LatencySpec(Written):
    """How fast successful requests are answered: `{of: 99%, under: 200ms}`."""

    of: Share = Field(description="Which share of the successful requests, such as `99%`.")
    under: Latency = Field(description="In which time they are answered, such as `200ms`.")


class ServiceLevelSpec(Written):
    """What those who run the service are held to, and are alerted for in time."""

    availability: Share | None = Field(
        default=None, description="Which share of the requests does not fail (5xx), such as `99.9%`."
    )
    latency: LatencySpec | None = Field(default=None, description="How fast successful requests are answered.")
    window: Window = Field(default="30d", description="Over how many days, from `7d` to `90d`.")
    runbook: Link = Field(description="What to do when it is about to be missed; every alert links to it.")
