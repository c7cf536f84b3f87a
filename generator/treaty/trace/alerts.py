"""Rules for Prometheus: a group of them for each service level and each webhook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

from treaty.trace.anchors import Anchors, Span

_GROUP = "  - name: "


def alert_spans(text: str, anchors: Anchors) -> Iterator[Span]:
    """The lines of each contract's group."""
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines, 1) if line.startswith(_GROUP)]
    for first, following in pairwise([*starts, len(lines) + 1]):
        key = json.loads(lines[first - 1].removeprefix(_GROUP))
        yield Span(first, following - 1, key, anchors.word(key, "slo") or anchors.word(key, "key"))
