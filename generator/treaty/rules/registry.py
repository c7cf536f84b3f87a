"""All rules: every module of this package that defines `RULE`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from treaty import rules as package
from treaty.diagnostics import Diagnostic
from treaty.progress import counted
from treaty.rules.base import Rule
from treaty.rules.book import Book


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, by id."""
    modules = (
        importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    )
    return tuple(sorted((module.RULE for module in modules if hasattr(module, "RULE")), key=lambda rule: rule.id))


def run(book: Book) -> list[Diagnostic]:
    """Everything that the rules find."""
    return [
        Diagnostic(finding.at, rule.id, finding.message, finding.hint, fix=finding.fix)
        for rule in counted(rules())
        for finding in rule.check(book)
    ]
