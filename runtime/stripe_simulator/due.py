"""What is to happen at a time of the simulated clock: renewals, payment attempts, expiries. In order, each whole."""

from __future__ import annotations

from collections.abc import Callable, Collection

from stripe_simulator.context import Context
from stripe_simulator.storage import Store

__all__ = ["cancel_due", "due_work", "next_due", "run_due", "run_due_ahead", "schedule"]

Work = Callable[[Context, str], None]

WORKS: dict[str, Work] = {}


def due_work(name: str) -> Callable[[Work], Work]:
    """Mark the function that does a kind of work for its subject, the id of an object."""

    def mark(function: Work) -> Work:
        WORKS[name] = function
        return function

    return mark


def schedule(context: Context, at: int, work: str, subject: str) -> None:
    """Have work done for a subject at a time; a time that was set before no longer counts."""
    context.store.execute("INSERT OR REPLACE INTO due (at, work, subject) VALUES (?, ?, ?)", at, work, subject)


def cancel_due(context: Context, work: str, subject: str) -> None:
    """Take back what was scheduled."""
    context.store.execute("DELETE FROM due WHERE work = ? AND subject = ?", work, subject)


def next_due(store: Store, until: int) -> tuple[int, int, str, str] | None:
    """What comes first and not after `until`: its row's id, time, work and subject."""
    found = store.rows("SELECT id, at, work, subject FROM due WHERE at <= ? ORDER BY at, id LIMIT 1", until)
    return found[0] if found else None


def run_due(store: Store, address: str, until: int) -> int:
    """Do all that is due by `until`, each piece in a transaction of its own and at its own time; how much it was."""
    done = 0
    while (due := next_due(store, until)) is not None:
        identifier, at, work, subject = due
        with store.transaction():
            store.execute("DELETE FROM due WHERE id = ?", identifier)
            WORKS[work](Context(store, at, address), subject)
        done += 1
    return done


def run_due_ahead(context: Context, subjects: Callable[[], Collection[str]], until: int) -> None:
    """Do what is due of these subjects by `until`, as if it were that late for them; what is done may add subjects."""
    while found := _first_of(context.store, subjects(), until):
        identifier, at, work, subject = found
        context.store.execute("DELETE FROM due WHERE id = ?", identifier)
        WORKS[work](Context(context.store, max(at, context.now), context.address, context.request), subject)


def _first_of(store: Store, subjects: Collection[str], until: int) -> tuple[int, int, str, str] | None:
    marks = ", ".join("?" for _ in subjects)
    question = f"SELECT id, at, work, subject FROM due WHERE at <= ? AND subject IN ({marks}) ORDER BY at, id LIMIT 1"  # noqa: S608
    found = store.rows(question, until, *subjects)
    return found[0] if found else None
