"""From everything that was found to what is said: allowed problems left out, each other as bad as it is here."""

from __future__ import annotations

from collections.abc import Iterable

from treaty.diagnostics import Diagnostic
from treaty.reporting.allowed import allow, read_allowances
from treaty.reporting.severities import setting_problems, weigh
from treaty.rules.book import Book
from treaty.rules.registry import rules


def settle(book: Book, found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """What is said about a project, sorted."""
    found = set(found)
    allowances, complaints = read_allowances(book.contracts)
    left, unused = allow(found, (allowance for allowance in allowances if allowance.code not in _left_out(book)))
    complaints += setting_problems(book.project)
    ids = {rule.id for rule in rules()}
    if all(problem.code in ids for problem in found):  # otherwise what could not be understood may have it
        complaints += unused
    return sorted(weigh({*left, *complaints}, book.project))


def _left_out(book: Book) -> frozenset[str]:
    """The rules that did not look, so that nobody knows whether what they would find is there."""
    return frozenset(rule.id for rule in rules() if rule.dated and book.today is None)
