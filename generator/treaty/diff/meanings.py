"""What phrases and steps mean, as plain data that can be compared: whatever their words, names and examples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import Any

from treaty.contract.vocabulary import Act, CallAct, CreateAct, DeliverAct, Expectation, RunAct
from treaty.diff.side import Side, Sides
from treaty.resolve.model import Phrase, Step

Data = Any


@dataclass(frozen=True)
class Meanings:
    """Meanings on one side. Contracts are called what NEW calls them, so that both sides can be compared."""

    side: Side
    renamed: Mapping[str, str]

    @classmethod
    def of(cls, sides: Sides) -> tuple[Meanings, Meanings]:
        """Those of OLD and those of NEW."""
        return cls(sides.old, sides.renamed), cls(sides.new, {})

    def understands(self, phrase: Phrase) -> bool:
        """Whether all contracts that a phrase speaks of are known."""
        model, expect = self.side.model, phrase.expect
        for act in phrase.acts:
            if isinstance(act, CallAct) and act.call not in model.operations:
                return False
            if isinstance(act, RunAct) and act.run not in model.jobs:
                return False
            if isinstance(act, DeliverAct) and act.to not in model.webhooks:
                return False
            if isinstance(act, CreateAct) and not act.create.keys() <= model.entities.keys():
                return False
        events = expect.events if expect and isinstance(expect.events, tuple) else ()
        counts = [count for count in (expect.changes, expect.total) if isinstance(count, dict)] if expect else []
        return set(events) <= model.events.keys() and all(count.keys() <= model.entities.keys() for count in counts)

    def acts(self, phrase: Phrase) -> Data:
        """What a phrase does; its placeholders by number, as their names are nobody's business."""
        return _filled([self._act(act) for act in phrase.acts], _numbers(phrase))

    def expectation(self, phrase: Phrase) -> dict[str, Data] | None:
        """What a phrase expects."""
        if phrase.expect is None:
            return None
        found: dict[str, Data] = _filled(self._expectation(phrase.expect), _numbers(phrase))
        return found

    def step(self, step: Step, namespace: str) -> Data:
        """What a step says, or its text when no phrase is known for it."""
        found = self.side.book.sentences.visible(step.type, step.text, namespace)
        phrase = found[0].wording.phrase if len(found) == 1 else None
        if phrase is None:
            return step.text
        values = {name: str(value) for name, value in found[0].values.items()}
        said = [self._act(act) for act in phrase.acts], phrase.expect and self._expectation(phrase.expect)
        return _filled(said, values)

    @cached_property
    def _examples(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        operations = self.side.model.operations
        return {(key, example.key): example.input for key, item in operations.items() for example in item.examples}

    def _now(self, key: str) -> str:
        return self.renamed.get(key, key)

    def _act(self, act: Act) -> dict[str, Data]:
        said = act.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
        if isinstance(act, CallAct):
            example = self._examples.get((act.call, act.example or ""), {})
            said.pop("example", None)
            said |= {"call": self._now(act.call), "input": {**example, **act.input}}
        if isinstance(act, RunAct):
            said["run"] = self._now(act.run)
        if isinstance(act, DeliverAct):
            said["to"] = self._now(act.to)
        if isinstance(act, CreateAct):
            said["create"] = {self._now(key): values for key, values in act.create.items()}
        return said

    def _expectation(self, expect: Expectation) -> dict[str, Data]:
        said = expect.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
        if isinstance(expect.events, tuple):
            said["events"] = sorted(self._now(key) for key in expect.events)
        return said


def is_legible(phrase: Phrase) -> bool:
    """Whether the braces in all wordings are in order. A side that does not check may have others."""
    try:
        for pattern in phrase.patterns:
            list(Formatter().parse(pattern))
    except ValueError:
        return False
    return True


def _numbers(phrase: Phrase) -> dict[str, str]:
    """The placeholders of a phrase, each as its number in the first wording."""
    named = [name for _, name, _, _ in Formatter().parse(phrase.patterns[0]) if name]
    return {name: f"{{{number}}}" for number, name in enumerate(named)}


def _filled(data: Data, values: Mapping[str, str]) -> Data:
    """`data` with what stands in braces replaced: `{org}`, and `{org.id}` too."""
    match data:
        case str():
            for name, value in values.items():
                data = data.replace(f"{{{name}}}", value).replace(f"{{{name}.", f"{{{value}.")
            return data
        case dict():
            return {_filled(key, values): _filled(item, values) for key, item in data.items()}
        case list() | tuple():
            return [_filled(item, values) for item in data]
        case _:
            return data


def same(old: Data, new: Data) -> bool:
    """Whether two values are the same JSON: `1` is neither `true` nor `1.0`."""
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def covers(new: Data, old: Data) -> bool:
    """Whether `new` says all that `old` says: objects may have more, everything else is the same."""
    match old, new:
        case dict(), dict():
            return all(key in new and covers(new[key], value) for key, value in old.items())
        case list(), list():
            return len(old) == len(new) and all(covers(after, before) for before, after in zip(old, new, strict=True))
        case _:
            return same(old, new)
