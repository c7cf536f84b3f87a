"""The documentation's figures: what stands between two marks is written by `make bench UPDATE=1`.

Each benchmark has a place of its own in the page.
"""

from __future__ import annotations

from pathlib import Path

FILE = Path("docs/benchmarks.md")
_BEGIN = "<!-- figures of the {}: written by `make bench UPDATE=1` -->\n"
_END = "<!-- end of figures -->\n"


def update(benchmark: str, figures: str) -> None:
    """Put the figures of a benchmark in their place."""
    mark = _BEGIN.format(benchmark)
    before, begin, rest = FILE.read_text(encoding="utf-8").partition(mark)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise SystemExit(f"{FILE} has no place for figures: {mark.strip()} … {_END.strip()}")
    FILE.write_text(f"{before}{begin}\n{figures}\n{end}{after}", encoding="utf-8")
