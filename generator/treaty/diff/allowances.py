"""Changes that may pass for a while: `[[tool.treaty.diff.allow]]` in pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from treaty.contract.spelling import suggestion
from treaty.diagnostics import Diagnostic, Location
from treaty.diff.base import Allowance, Change, Severity
from treaty.diff.catalogue import classes
from treaty.project import FILE

_WORDS = ("id", "key", "reason", "until")
_TABLE = re.compile(r"\s*\[\[\s*tool\s*\.\s*treaty\s*\.\s*diff\s*\.\s*allow\s*\]\]")


@dataclass(frozen=True, slots=True)
class Rule:
    """One allowance: the id or name of a class, the contract, why, and the last day."""

    id: str
    key: str
    reason: str
    until: date
    at: Location

    def covers(self, change: Change) -> bool:
        """Whether this is about that change."""
        return self.id in (change.kind.id, change.kind.name) and self.key in (change.key, change.through)


def read_allowances(root: Path) -> tuple[list[Rule], list[Diagnostic]]:
    """The allowances of the project at `root`, and what is wrong with them."""
    file = root / FILE
    if not file.is_file():
        return [], []
    text = file.read_text(encoding="utf-8")
    tool = tomllib.loads(text).get("tool")  # a folder of contracts may stand in a project of another kind
    settings = tool.get("treaty", {}).get("diff", {}) if isinstance(tool, dict) else {}
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _TABLE.match(line)]
    said = settings.get("allow", []) if isinstance(settings, dict) else None
    if not isinstance(said, list) or set(settings) - {"allow"}:
        hint = "Write tables [[tool.treaty.diff.allow]], and nothing else below [tool.treaty.diff]."
        return [], [Diagnostic(Location(FILE), "allowance-invalid", "This is no list of allowances.", hint)]
    rules: list[Rule] = []
    problems: list[Diagnostic] = []
    for position, item in enumerate(said):
        at = Location(FILE, lines[position] if position < len(lines) else 1)
        complaints = [Diagnostic(at, "allowance-invalid", *complaint) for complaint in _complaints(item)]
        problems += complaints
        if not complaints:
            rules.append(Rule(item["id"], item["key"], item["reason"], item["until"], at))
    return rules, problems


def _complaints(item: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with one table, each with what to write instead."""
    if not isinstance(item, Mapping):
        yield "An allowance is a table.", f"Say {', '.join(_WORDS)}."
        return
    for word in item:
        if word not in _WORDS:
            meant = suggestion(word, _WORDS)
            hint = f"Did you mean `{meant}`?" if meant else f"Known here: {', '.join(_WORDS)}."
            yield f"An allowance has no word `{word}`.", hint
    for word in ("id", "key", "reason"):
        if not isinstance(item.get(word), str) or not item[word].strip():
            yield f"An allowance needs its `{word}`, a text.", _NEEDED[word]
    if isinstance(item.get("id"), str) and item["id"].strip() and item["id"] not in _ids():
        meant = suggestion(item["id"], _ids())
        hint = f"Did you mean `{meant}`?" if meant else "`treaty diff` shows the id of every change."
        yield f"There is no class of change `{item['id']}`.", hint
    until = item.get("until")
    if not isinstance(until, date) or isinstance(until, datetime):
        yield "An allowance needs its `until`, a date.", "Write its last day without quotes: until = 2027-06-30."


_NEEDED = {
    "id": 'Name the class of change: id = "D201", or id = "input-field-added-required".',
    "key": 'Name the contract: key = "saas.billing.usage.record".',
    "reason": 'Say why it may pass: reason = "The only caller is changed in the same release."',
}


def _ids() -> frozenset[str]:
    return frozenset(word for item in classes().values() for word in (item.id, item.name))


def allow(changes: Iterable[Change], rules: Iterable[Rule], today: date) -> tuple[list[Change], list[Diagnostic]]:
    """The changes, marked where a rule lets them pass; and the rules that have run out, or are about nothing."""
    rules = list(rules)
    used: set[Rule] = set()
    marked = []
    for change in changes:
        rule = _rule(change, rules, today) if change.severity is not Severity.SAFE else None
        if rule:
            used.add(rule)
            change = replace(change, allowed=Allowance(reason=rule.reason, until=rule.until.isoformat()))  # noqa: PLW2901
        marked.append(change)
    return marked, list(_spent(rules, used, today))


def _rule(change: Change, rules: Iterable[Rule], today: date) -> Rule | None:
    return next((rule for rule in rules if rule.covers(change) and today <= rule.until), None)


def _spent(rules: Iterable[Rule], used: set[Rule], today: date) -> Iterator[Diagnostic]:
    for rule in rules:
        what = f"{rule.id} of {rule.key}"
        if rule.until < today:
            message = f"The allowance for {what} ran out on {rule.until}: {rule.reason}"
            yield Diagnostic(rule.at, "allowance-expired", message, "Delete it, or say a later day and why.")
        elif rule not in used:
            message = f"The allowance for {what} lets nothing pass: there is no such change."
            yield Diagnostic(rule.at, "allowance-unused", message, "Delete it.")
