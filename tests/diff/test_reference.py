"""The page about changes lists every class, as it is.

`make golden-update` writes the list.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from treaty.diff.catalogue import classes
from treaty.diff.text import TITLES

PAGE = Path(__file__).parents[2] / "docs" / "change.md"
MARK = "<!-- classes: written by `make golden-update` -->\n"
HEADINGS = {
    "D0": "Any contract",
    "D1": "Operations",
    "D2": "What callers send",
    "D3": "What callers get",
    "D4": "Events",
    "D5": "Stored data",
    "D6": "Policies",
    "D7": "Scenarios and examples",
    "D8": "Phrases",
    "D9": "Jobs and webhooks",
}


def test_golden_classes_in_the_page() -> None:
    said, _, listed = PAGE.read_text().partition(MARK)
    expected = "".join(f"{line}\n" for line in _lists())
    if os.environ.get("TREATY_GOLDEN_UPDATE") == "1":
        PAGE.write_text(f"{said}{MARK}{expected}")
        listed = expected
    assert listed == expected


def test_every_reader_is_in_the_page() -> None:
    text = PAGE.read_text().lower()
    assert all(f"| {title.partition(' (')[0].lower()} |" in text for title in TITLES.values())


def _lists() -> Iterator[str]:
    for block, items in groupby(classes().values(), key=lambda item: item.id[:2]):
        yield from ("", f"### {HEADINGS[block]}", "", "| class | severity | why | keywords |", "|---|---|---|---|")
        for item in items:
            words = dict.fromkeys(f"`{word.partition('.')[2]}`" for word in item.words)
            why = item.reason.replace("|", "\\|")
            yield f"| {item.id} `{item.name}` | {item.severity.value} | {why} | {' '.join(words)} |"
