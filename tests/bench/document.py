"""The documentation's figures: what stands between two marks is written by `python -m tests.bench --update`."""

from __future__ import annotations

from pathlib import Path

FILE = Path("docs/benchmarks.md")
BEGIN = "<!-- figures: written by `python -m tests.bench --update` -->\n"
END = "<!-- end of figures -->\n"


def update(figures: str) -> None:
    """Put the figures in their place."""
    before, begin, rest = FILE.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{FILE} has no place for figures: {BEGIN.strip()} … {END.strip()}")
    FILE.write_text(f"{before}{begin}\n{figures}\n{end}{after}", encoding="utf-8")
