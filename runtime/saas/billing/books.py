"""The books of an organization, opened for some records: what the ledger holds of them, where their totals stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from generated.saas.billing.limit_window import LimitWindow
from generated.saas.billing.usage_total import UsageTotal
from saas.billing import ledger, totals
from saas.billing.ledger import Record
from saas.billing.limits import Usage
from saas.billing.meters import Metered
from saas.billing.periods import Calendar, PeriodNames
from saas.billing.totals import Place, Total
from treaty_runtime.unit_of_work import Transaction

__all__ = ["Account", "Accounts", "Books"]


@dataclass(slots=True, eq=False)
class Account:
    """What a feature's usage of one day counts in: the totals of its day and of its billing period.

    Where they stand is known when the books are open.
    """

    metered: Metered
    names: PeriodNames
    totals: dict[LimitWindow, Total] = field(default_factory=dict)

    @property
    def places(self) -> list[Place]:
        """Which totals they are."""
        return _places(self.metered.feature, self.names)

    @property
    def usage(self) -> Usage:
        """How much is used."""
        return {window: total.usage for window, total in self.totals.items()}

    def usage_with(self, record: Record) -> Usage:
        """How much would be used with one more record. Raises `OverflowError` when a total would not fit."""
        aggregation = self.metered.aggregation
        return {window: total.usage_with(record, aggregation) for window, total in self.totals.items()}


class Accounts:
    """The accounts of one organization: a thousand records have few."""

    def __init__(self, calendar: Calendar) -> None:
        """Of an organization with this calendar."""
        self._calendar = calendar
        self._known: dict[tuple[str, ...], Account] = {}

    def of(self, metered: Metered, moment: datetime) -> Account:
        """The account that usage of a feature at a moment counts in."""
        names = self._calendar.names(moment)
        key = (metered.feature, *names.values())
        if (account := self._known.get(key)) is None:
            account = self._known[key] = Account(metered, names)
        return account


class Books:
    """Open until `close` writes down what was entered. Totals that records may change are locked until the commit."""

    def __init__(self, uow: Transaction, known: Mapping[str, Record], stored: Mapping[Place, UsageTotal]) -> None:
        """Use `open` instead."""
        self._uow = uow
        self._known = dict(known)
        self._stored = stored
        self._totals = {place: totals.standing(total) for place, total in stored.items()}
        self._entered: list[Record] = []

    @classmethod
    async def open(cls, uow: Transaction, keys: Collection[str], wanted: Sequence[tuple[str, Account]]) -> Self:
        """The books for records with `keys`, some of which, `wanted`, may change the totals of an account.

        Totals that are missing are made before any is locked, or two could wait for each other's. They are locked
        before the ledger is searched: whoever had them before has written what there is to find.
        """
        accounts = {account for _, account in wanted}
        changing = _all(account.places for account in accounts)
        if len(there := await totals.at(uow, changing)) < len(changing):
            known = await ledger.find(uow, keys)
            to_change = {account for key, account in wanted if key not in known}
            await totals.start(uow, _all(account.places for account in to_change) - there.keys())
        stored = await totals.lock(uow, changing)
        known = await ledger.find(uow, keys)
        elsewhere = _all(_places(record.feature, record.period_names) for record in known.values()) - stored.keys()
        stored |= await totals.at(uow, elsewhere)
        books = cls(uow, known, stored)
        for account in accounts:
            account.totals = books._standing(account.metered.feature, account.names)
        return books

    def find(self, idempotency_key: str) -> Record | None:
        """The record of this key, entered just now or long ago."""
        return self._known.get(idempotency_key)

    def usage(self, record: Record) -> Usage:
        """How much is used in the periods of a record."""
        standing = self._standing(record.feature, record.period_names)
        return {window: total.usage for window, total in standing.items()}

    def enter(self, record: Record, account: Account, usage: Usage) -> None:
        """Take in a record, which makes the usage of its account this."""
        self._entered.append(record)
        self._known[record.idempotency_key] = record
        for window, total in account.totals.items():
            total.count(record, usage[window])

    async def close(self) -> None:
        """Write down what was entered."""
        await ledger.append(self._uow, self._entered)
        for place, total in self._stored.items():
            totals.keep(total, self._totals[place])

    def _standing(self, feature: str, names: PeriodNames) -> dict[LimitWindow, Total]:
        return {window: self._totals.setdefault((feature, window, name), Total()) for window, name in names.items()}


def _places(feature: str, names: PeriodNames) -> list[Place]:
    return [(feature, window, name) for window, name in names.items()]


def _all(groups: Iterable[Iterable[Place]]) -> set[Place]:
    return {place for group in groups for place in group}
