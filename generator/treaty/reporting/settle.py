"""From everything that was found to what is said: allowed problems left out, each other as bad as it is here."""

from __future__ import annotations

from collections.abc import Iterable

from treaty.diagnostics import Diagnostic
from treaty.reporting.allowed import allow, read_allowances
from treaty.reporting.codes import codes
from treaty.reporting.severities import setting_problems, weigh
from treaty.rules.book import Book


def settle(book: Book, found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """What is said about a project, sorted."""
    found = set(found)
    allowances, complaints = read_allowances(book.contracts)
    left, unused = allow(found, allowances)
    complaints += setting_problems(book.project)
    rules = {id_ for id_, code in codes().items() if code.stage == "rules"}
    if all(problem.code in rules for problem in found):
        complaints += unused  # otherwise what could not be understood may have it
    return sorted(weigh({*left, *complaints}, book.project))
