"""Where something stands in an event: `$.data.object.items[0].price`."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["found_at"]

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+)\]")


def found_at(data: Any, path: str) -> Any:
    """What stands in JSON data at a path; `None` when nothing does, and for null."""
    for name, position in _STEP.findall(path):
        if name:
            data = data.get(name) if isinstance(data, dict) else None
        else:
            data = data[int(position)] if isinstance(data, list) and int(position) < len(data) else None
    return data
