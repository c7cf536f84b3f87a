"""The books of an organization, opened for some records: what the ledger holds of them, where their totals stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Self

from generated.saas.billing.limit_window import LimitWindow
from generated.saas.billing.usage_total import UsageTotal
from saas.billing import ledger, totals
from saas.billing.ledger import Record
from saas.billing.limits import Usage
from saas.billing.periods import PeriodNames
from saas.billing.totals import Place, Total
from treaty_runtime.unit_of_work import Transaction

__all__ = ["Books", "places"]


class Books:
    """Open until `close` writes down what was entered. Totals that records may change are locked until the commit."""

    def __init__(self, uow: Transaction, known: Mapping[str, Record], stored: Mapping[Place, UsageTotal]) -> None:
        """Use `open` instead."""
        self._uow = uow
        self._known = dict(known)
        self._stored = stored
        self._standing = {place: totals.standing(total) for place, total in stored.items()}
        self._entered: list[Record] = []

    @classmethod
    async def open(
        cls, uow: Transaction, keys: Collection[str], wanted: Sequence[tuple[str, Collection[Place]]]
    ) -> Self:
        """The books for records with `keys`, some of which, `wanted`, may change totals.

        Totals that are missing are made before any is locked, or two could wait for each other's. They are locked
        before the ledger is searched: whoever had them before has written what there is to find.
        """
        changing = _all(of for _, of in wanted)
        if len(there := await totals.at(uow, changing)) < len(changing):
            known = await ledger.find(uow, keys)
            await totals.start(uow, _all(of for key, of in wanted if key not in known) - there.keys())
        stored = await totals.lock(uow, changing)
        known = await ledger.find(uow, keys)
        elsewhere = _all(places(record.feature, record.period_names) for record in known.values()) - stored.keys()
        stored |= await totals.at(uow, elsewhere)
        return cls(uow, known, stored)

    def find(self, idempotency_key: str) -> Record | None:
        """The record of this key, entered just now or long ago."""
        return self._known.get(idempotency_key)

    def standing(self, feature: str, names: PeriodNames) -> dict[LimitWindow, Total]:
        """Where the totals of a feature stand."""
        return {window: self._standing.get((feature, window, name), Total()) for window, name in names.items()}

    def usage(self, record: Record) -> Usage:
        """How much is used in the periods of a record."""
        standing = self.standing(record.feature, record.period_names)
        return {window: total.usage for window, total in standing.items()}

    def enter(self, record: Record, names: PeriodNames, standing: Mapping[LimitWindow, Total]) -> None:
        """Take in a record, with which the totals stand like this."""
        self._entered.append(record)
        self._known[record.idempotency_key] = record
        for window, total in standing.items():
            self._standing[record.feature, window, names[window]] = total

    async def close(self) -> None:
        """Write down what was entered."""
        await ledger.append(self._uow, self._entered)
        for place, total in self._stored.items():
            totals.keep(total, self._standing[place])


def places(feature: str, names: PeriodNames) -> list[Place]:
    """Which totals a record changes."""
    return [(feature, window, name) for window, name in names.items()]


def _all(groups: Iterable[Iterable[Place]]) -> set[Place]:
    return {place for group in groups for place in group}
