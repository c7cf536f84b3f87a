"""Scenarios and examples compared, by what their steps mean.

A step that says the same words on both sides is the same here: what its phrase means now is reported once, with the
phrase.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from treaty.diff.base import Found
from treaty.diff.catalogue import acceptance as classes
from treaty.diff.meanings import Data, Meanings, covers, same
from treaty.diff.shapes import Object, shape
from treaty.diff.side import Side, Sides
from treaty.diff.wording import quoted
from treaty.json_schema import output_fields
from treaty.resolve.model import Example, Field, FieldType, ListOf, MapOf, Played, Scalar, Scenario, Step, Webhook

PromiseT = TypeVar("PromiseT", Scenario, Example)
_ANY_VALUE = ("uuid", "datetime", "url")  # compared by type when examples are run


def compare_acceptance(old: Played, new: Played, sides: Sides) -> Iterator[Found]:
    """What became of the promises of a contract."""
    comparison = _Promises(old, new, sides)
    yield from comparison.scenarios()
    yield from comparison.examples()


class _Promises:
    def __init__(self, old: Played, new: Played, sides: Sides) -> None:
        self._old, self._new, self._sides = old, new, sides
        self._before, self._after = Meanings.of(sides)

    def scenarios(self) -> Iterator[Found]:
        gone, added, both = _matched(self._old.scenarios, self._new.scenarios, self._is_same_scenario)
        for item in gone:
            yield Found(classes.SCENARIO_REMOVED, item.at, f"The scenario `{item.key}` is gone.", "old")
        for item in added:
            yield Found(classes.SCENARIO_ADDED, item.at, f"The scenario `{item.key}` is new.")
        for before, after in both:
            yield from self._scenario(before, after)

    def examples(self) -> Iterator[Found]:
        gone, added, both = _matched(self._old.examples, self._new.examples, self._is_same_example)
        for item in gone:
            yield Found(classes.EXAMPLE_REMOVED, item.at, f"The example `{item.key}` is gone.", "old")
        for item in added:
            yield Found(classes.EXAMPLE_ADDED, item.at, f"The example `{item.key}` is new.")
        for before, after in both:
            yield from self._example(before, after)

    def _scenario(self, old: Scenario, new: Scenario) -> Iterator[Found]:
        subject = f"The scenario `{new.key}`"
        reworded = old.key != new.key or [step.text for step in old.steps] != [step.text for step in new.steps]
        for keyword in ("given", "when"):
            if not self._same_steps(_said(old.steps, keyword), _said(new.steps, keyword)):
                reworded = False
                yield Found(classes.SCENARIO_CASE_CHANGED, new.at, f"{subject} has another {keyword.capitalize()}.")
        then, now = _said(old.steps, "then"), _said(new.steps, "then")
        lost = [step.text for step in then if not any(self._same_step(step, other) for other in now)]
        gained = [step.text for step in now if not any(self._same_step(other, step) for other in then)]
        if lost:
            yield Found(classes.SCENARIO_PROMISES_LESS, new.at, f"{subject} no longer says {quoted(lost)}.")
        elif gained:
            yield Found(classes.SCENARIO_PROMISES_MORE, new.at, f"{subject} says {quoted(gained)}, too.")
        elif reworded:
            yield Found(
                classes.SCENARIO_REWORDED, new.at, f"{subject} says the same in other words{_called(old, new)}."
            )

    def _example(self, old: Example, new: Example) -> Iterator[Found]:
        subject = f"The example `{new.key}`"
        same_input, same_given = same(old.input, new.input), self._same_steps(old.given, new.given)
        if not (same_input and same_given):
            what = "input" if not same_input else "Given"
            yield Found(classes.EXAMPLE_CASE_CHANGED, new.at, f"{subject} has another {what}.")
        elif old.key != new.key or [step.text for step in old.given] != [step.text for step in new.given]:
            yield Found(classes.EXAMPLE_REWORDED, new.at, f"{subject} says the same in other words{_called(old, new)}.")
        before, after = self._answer(old, self._old, self._sides.old), self._answer(new, self._new, self._sides.new)
        if same(before, after):
            return
        if covers(after, before):
            yield Found(classes.EXAMPLE_ANSWER_EXTENDED, new.output_at, f"{subject} is answered with more.")
        else:
            at = new.output_at if new.error is None else new.at
            yield Found(classes.EXAMPLE_ANSWER_CHANGED, at, f"{subject} is answered otherwise.")

    def _answer(self, example: Example, contract: Played, side: Side) -> Data:
        if example.error is not None or isinstance(contract, Webhook):  # which has no examples
            return {"error": example.error}
        fields = output_fields(side.model, contract.output)
        return {"output": _comparable(example.output or {}, Object(fields), side)}

    def _is_same_scenario(self, old: Scenario, new: Scenario) -> bool:
        return self._same_steps(old.steps, new.steps)

    def _is_same_example(self, old: Example, new: Example) -> bool:
        return (
            same(old.input, new.input)
            and self._same_steps(old.given, new.given)
            and same(self._answer(old, self._old, self._sides.old), self._answer(new, self._new, self._sides.new))
        )

    def _same_steps(self, old: Sequence[Step], new: Sequence[Step]) -> bool:
        return len(old) == len(new) and all(self._same_step(one, other) for one, other in zip(old, new, strict=True))

    def _same_step(self, old: Step, new: Step) -> bool:
        if old.type != new.type or old.text == new.text:
            return old.type == new.type
        before = self._before.step(old, self._old.header.namespace)
        return same(before, self._after.step(new, self._new.header.namespace))


def _matched(
    old: Sequence[PromiseT], new: Sequence[PromiseT], is_same: Callable[[PromiseT, PromiseT], bool]
) -> tuple[list[PromiseT], list[PromiseT], list[tuple[PromiseT, PromiseT]]]:
    """What is gone, what is new, and the pairs: of one key, or of one meaning when the key is gone."""
    before, after = {item.key: item for item in old}, {item.key: item for item in new}
    added = [item for item in new if item.key not in before]
    gone = []
    pairs = [(item, after[key]) for key, item in before.items() if key in after]
    for item in (item for item in old if item.key not in after):
        other = next((other for other in added if is_same(item, other)), None)
        if other is None:
            gone.append(item)
        else:
            added.remove(other)
            pairs.append((item, other))
    return gone, added, pairs


def _said(steps: Sequence[Step], keyword: str) -> list[Step]:
    return [step for step in steps if step.type == keyword]


def _called(old: Scenario | Example, new: Scenario | Example) -> str:
    return f"; it was called `{old.key}`" if old.key != new.key else ""


def _comparable(value: Data, around: Object, side: Side) -> Data:
    """An answer with a type in place of every value that is compared by its type alone."""
    if not isinstance(value, Mapping):
        return value
    known = {item.name: item for item in around.fields}
    return {
        name: _comparable_value(item, known[name].type, known[name], side) if name in known else item
        for name, item in value.items()
    }


def _comparable_value(value: Data, type_: FieldType, item: Field, side: Side) -> Data:
    match shape(type_, item, side):
        case Scalar(name=scalar) if scalar in _ANY_VALUE:
            return f"<{scalar}>"
        case Object() as inner:
            return _comparable(value, inner, side)
        case ListOf(item=inner_type) if isinstance(value, list):
            return [_comparable_value(part, inner_type, item, side) for part in value]
        case MapOf(value=inner_type) if isinstance(value, dict):
            return {key: _comparable_value(part, inner_type, item, side) for key, part in value.items()}
        case _:
            return value
