"""The simulated time: it runs with the real one, or stands still, and can be moved forward."""

from __future__ import annotations

import time

from stripe_simulator.errors import StripeError
from stripe_simulator.storage import Store

__all__ = ["Clock"]


class Clock:
    """Seconds since 1970, as the simulator tells them. Where it stands is kept in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        kept = store.setting("clock", {"ahead": 0, "standing": None})
        self._ahead: int = kept["ahead"]
        self._standing: int | None = kept["standing"]

    def now(self) -> int:
        """The time in whole seconds."""
        return self._standing if self._standing is not None else int(time.time()) + self._ahead

    @property
    def standing(self) -> bool:
        """Whether it stands still."""
        return self._standing is not None

    def move(self, to: int, *, standing: bool | None = None) -> None:
        """Set the time; `standing` stops it there or lets it run, and without it that stays as it is.

        Raises `StripeError` when it would go back although there are customers, to whom things have happened.
        """
        if to < self.now() and self._store.rows("SELECT 1 FROM object WHERE kind = 'customer' LIMIT 1"):
            raise StripeError(f"The clock cannot go back from {self.now()} to {to}: there are customers. Reset first.")
        stands = self.standing if standing is None else standing
        self._standing = to if stands else None
        self._ahead = 0 if stands else to - int(time.time())
        self._store.set("clock", {"ahead": self._ahead, "standing": self._standing})
