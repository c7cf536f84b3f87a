"""Which events the senders of webhooks tell: a list for each, a line for each type.

Of Stripe's thin events about objects of the API v1, those are left out that a snapshot event of the same type without
`v1.` before it tells, too. A test compares the lists with the senders' own libraries.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["events_of"]

_THIN = "v1."


@cache
def events_of(provider: str) -> frozenset[str]:
    """The types of the events of a provider."""
    told = files(__name__).joinpath(f"{provider}.txt").read_text(encoding="utf-8").split()
    return frozenset(told) | {f"{_THIN}{type_}" for type_ in told if not type_.startswith(("v1.", "v2."))}
