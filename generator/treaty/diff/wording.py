"""Parts of messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

_SHOWN = 5


def quoted(values: Iterable[str], most: int = _SHOWN) -> str:
    """`a`, `b` and `c`; beyond `most`, how many more there are."""
    return listed([f"`{value}`" for value in values], most)


def listed(parts: Sequence[str], most: int = _SHOWN) -> str:
    """a, b and c; beyond `most`, how many more there are."""
    if len(parts) > most:
        return f"{', '.join(parts[:most])} and {len(parts) - most} more"
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def was(old: Any, new: Any) -> str:
    """What something is, and what it was; `None` is not said."""
    if new is None:
        return f"is no longer said; it was {_shown(old)}"
    return f"is {_shown(new)}; it was {_shown(old) if old is not None else 'not said'}"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text}`" if len(text) <= 60 else f"`{text[:60]}…`"


def of_time(seconds: int) -> str:
    """Seconds in the largest unit that says them exactly."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds % size == 0:
            return many(seconds // size, unit)
    return many(seconds, "second")


def many(count: int, noun: str) -> str:
    """1 hour, 2 hours."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
