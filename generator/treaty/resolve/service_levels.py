"""Service levels, linked: shares as exact numbers, times in one unit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from treaty.contract.service_level import ServiceLevelSpec

_PER_CENT = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """What an operation is held to. Shares are parts of 1; a latency is there with its share or not at all."""

    availability: Decimal | None
    latency_share: Decimal | None
    latency_milliseconds: int | None
    window_days: int
    runbook: str


def service_level(spec: ServiceLevelSpec | None) -> ServiceLevel | None:
    """What the words mean."""
    if spec is None:
        return None
    return ServiceLevel(
        availability=_share(spec.availability),
        latency_share=_share(spec.latency.of) if spec.latency else None,
        latency_milliseconds=_milliseconds(spec.latency.under) if spec.latency else None,
        window_days=int(spec.window.removesuffix("d")),
        runbook=spec.runbook,
    )


def _share(text: str | None) -> Decimal | None:
    return Decimal(text.removesuffix("%")) / _PER_CENT if text else None


def _milliseconds(text: str) -> int:
    return int(text.removesuffix("ms")) if text.endswith("ms") else 1000 * int(text.removesuffix("s"))
