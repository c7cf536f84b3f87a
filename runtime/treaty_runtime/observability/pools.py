"""Connection pools that know how many wait for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

__all__ = ["CountedPool", "PoolCollector", "PoolState"]


class CountedPool(AsyncAdaptedQueuePool):
    """The usual pool; `waiting` is how many are being given a connection, most of them because none is free."""

    _sqla_logger_namespace = "sqlalchemy.pool.CountedPool"  # where it is expected, and as quiet as the others
    waiting = 0

    def _do_get(self) -> ConnectionPoolEntry:
        self.waiting += 1
        try:
            return super()._do_get()
        finally:
            self.waiting -= 1


@dataclass(frozen=True, slots=True)
class PoolState:
    """A pool at a moment: how many connections it may have, how many are in use, and how many wait for one."""

    size: int
    checked_out: int
    waiting: int

    @classmethod
    def of(cls, pool: Any) -> PoolState:
        """The state of a `CountedPool`."""
        return cls(pool.size(), pool.checkedout(), pool.waiting)


class PoolCollector(Collector):
    """Tells Prometheus how full the pools are."""

    def __init__(self, pools: Mapping[str, Any]) -> None:
        """`pools` by the database role that they connect as."""
        self._pools = pools

    def collect(self) -> Iterator[Metric]:
        """One sample of each gauge for each pool, as it is now."""
        said = {
            "size": "Connections that the pool may have.",
            "checked_out": "Connections in use.",
            "waiting": "Requests and jobs that wait for a connection.",
        }
        states = {role: PoolState.of(pool) for role, pool in self._pools.items()}
        for name, description in said.items():
            family = GaugeMetricFamily(f"treaty_database_pool_{name}", description, labels=["role"])
            for role, state in states.items():
                family.add_metric([role], getattr(state, name))
            yield family
