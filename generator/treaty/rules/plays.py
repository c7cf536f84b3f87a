"""Scenarios as they are played: each step with the phrase that it says, each Then with what was called or run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from treaty.contract.vocabulary import CallAct, DeliverAct, RepeatAct, RunAct, StepAct
from treaty.diagnostics import Location
from treaty.resolve.model import Model, Step
from treaty.rules.sentences import Match, Sentences
from treaty.source.gherkin import FeatureFile

Keyword = Literal["given", "when", "then"]


@dataclass(frozen=True, slots=True)
class PlayedStep:
    """One step. `match` is what it says, `None` when that is unknown or ambiguous; `columns` its table's heading."""

    type: Keyword
    text: str
    at: Location
    columns: tuple[str, ...] | None
    match: Match | None


@dataclass(frozen=True, slots=True)
class Play:
    """A scenario, or what an example begins with. `operation` and `key` tell which, for those of contracts."""

    namespace: str
    steps: tuple[PlayedStep, ...]
    operation: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A Then and the operation that the When before it called last, or the job that it ran.

    `called` is `None` when nothing was called; not `certain` when a step could do anything.
    """

    step: PlayedStep
    match: Match
    called: str | None
    certain: bool


def plays(model: Model, features: Iterable[FeatureFile], sentences: Sentences) -> Iterator[Play]:
    """Everything that is played, in contracts and in feature files."""
    for key, contract in model.played.items():
        namespace = contract.header.namespace
        for scenario in contract.scenarios:
            yield Play(namespace, _contract_steps(scenario.steps, namespace, sentences), key, scenario.key)
        for example in contract.examples:
            yield Play(namespace, _contract_steps(example.given, namespace, sentences), key, example.key)
    for feature in features:
        for played in feature.scenarios:
            steps = (PlayedStep(step.type, step.text, step.at, step.columns, None) for step in played.steps)
            yield Play(feature.namespace, tuple(_matched(step, feature.namespace, sentences) for step in steps))


def outcomes(play: Play) -> Iterator[Outcome]:
    """Every Then of a play whose phrase is known, with what it speaks of."""
    before: Keyword = "given"
    last: str | None = None
    called: str | None = None
    certain = True
    for step in play.steps:
        if step.type == "when" and before != "when":
            called, certain = None, True
        before = step.type
        if step.type != "then":
            sent, known = _called(step, last)
            last = sent or last
            called = sent or called
            certain = certain and known
        elif step.match:
            yield Outcome(step, step.match, called, certain)


def _called(step: PlayedStep, last: str | None) -> tuple[str | None, bool]:
    """The operation or job that a step calls last, and whether that is all it can do."""
    if step.match is None:
        return None, False
    phrase = step.match.wording.phrase
    if phrase is None:
        return step.match.values.get("operation"), True
    called, certain = None, True
    for act in phrase.acts:
        if isinstance(act, CallAct):
            called = act.call
        elif isinstance(act, RunAct):
            called = act.run
        elif isinstance(act, DeliverAct):
            called = act.to
        elif isinstance(act, RepeatAct):
            called = called or last
        elif isinstance(act, StepAct):
            certain = False
    return called, certain


def _contract_steps(steps: Iterable[Step], namespace: str, sentences: Sentences) -> tuple[PlayedStep, ...]:
    played = (PlayedStep(step.type, step.text, step.at, None, None) for step in steps)
    return tuple(_matched(step, namespace, sentences) for step in played)


def _matched(step: PlayedStep, namespace: str, sentences: Sentences) -> PlayedStep:
    found = sentences.visible(step.type, step.text, namespace)
    return replace(step, match=found[0]) if len(found) == 1 else step
