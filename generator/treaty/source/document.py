"""One YAML document as plain data, with the place of every key and value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from treaty.diagnostics import Location
from treaty.source.remarks import Remark

Path = tuple[str | int, ...]
Mark = tuple[int, int]

# What a text begins with in which `treaty new` leaves something to its caller: `<say what it does>`.
PLACEHOLDER = "<say "


@dataclass(frozen=True, slots=True)
class Document:
    """The data of a file and where each part of it stands: `("input", "feature")` -> line and column.

    The rest remembers how something was written: what a number looked like, where an unquoted text was cut off by
    ` #` (and what follows), which flow lists have unquoted items beside a comma, which words have no value.
    `remarks` are comments that speak to the generator; `has_placeholders` when texts may still have to be said.
    """

    path: str
    data: dict[str, Any]
    keys: Mapping[Path, Mark]
    values: Mapping[Path, Mark]
    as_written: Mapping[Path, str] = field(default_factory=dict)
    cut_off: Mapping[Path, str] = field(default_factory=dict)
    flow_lists: frozenset[Path] = frozenset()
    nulls: tuple[Path, ...] = ()
    remarks: tuple[Remark, ...] = ()
    has_placeholders: bool = True

    def value_at(self, *path: str | int) -> Location:
        """Where the value stands, or the nearest thing around it that was written."""
        return self._nearest(path, self.values)

    def key_at(self, *path: str | int) -> Location:
        """Where the key stands (an item of a list has none: where the item starts)."""
        return self._nearest(path, self.keys)

    def _nearest(self, path: Path, marks: Mapping[Path, Mark]) -> Location:
        mark = marks.get(path)
        while mark is None and path:
            mark = self.keys.get(path) or self.values.get(path)
            path = path[:-1]
        return Location(self.path, *(mark or (1, 1)))
