"""The load test's own arithmetic; the rest of it is what `make chaos` tests, without the faults."""

from __future__ import annotations

from tests.chaos.load import Book
from tests.chaos.reckoning import Line
from tests.load.measure import Outcome


def test_the_report_says_what_was_measured() -> None:
    book = Book()
    book.answers.update({"201": 200, "429": 3})
    outcome = Outcome(10.0, [number / 1000 for number in range(200, 0, -1)], book, [Line("kept", 200, 0)])
    assert outcome.held
    assert outcome.report().splitlines() == [
        "  20 records acknowledged a second, for 10 s",
        "     50 % within 100.0 ms",
        "     90 % within 180.0 ms",
        "     95 % within 190.0 ms",
        "     99 % within 198.0 ms",
        "   99.9 % within 200.0 ms",
        "    100 % within 200.0 ms",
        "  answers: 200 x 201, 3 x 429",
        f"  {Line('kept', 200, 0)}",
    ]


def test_what_is_missing_is_a_failure() -> None:
    assert not Outcome(1.0, [], Book(), [Line("kept", 200, 1)]).held
    assert not Outcome(1.0, [], Book(), [Line("never put to the test", 0, 0)]).held
