"""Feature files: scenarios, examples and their steps."""

from __future__ import annotations

import re
from collections.abc import Iterator

from treaty.diagnostics import Location
from treaty.resolve.model import Played
from treaty.trace.anchors import Anchors, Span

_STEP = re.compile(r"    (Given|When|Then|And) ")


def feature_spans(text: str, operation: Played, anchors: Anchors) -> Iterator[Span]:
    """The spans of the feature file of a contract."""
    key = operation.header.key
    coming = iter(_titles(operation))
    at, steps = _beginning(text, key, anchors)
    yield from steps
    places: Iterator[Location] = iter(())
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("  Scenario: "):
            at, inner = next(coming)
            places = iter(inner)
        elif _STEP.match(line):
            at = next(places)
        elif line.startswith("  @") or not line:
            at = None
        if at is not None:
            yield Span(number, number, key, at)


def _beginning(text: str, key: str, anchors: Anchors) -> tuple[None, list[Span]]:
    """The lines before the first scenario."""
    spans = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("  Scenario: ") or not line:
            break
        if line.startswith("#"):
            at = anchors.word(key, "version")
        elif line.startswith("@"):
            at = anchors.standing(key, "tags")
        else:
            at = anchors.word(key, "key" if line.startswith("Feature:") else "description")
        spans.append(Span(number, number, key, at))
    return None, spans


def _titles(operation: Played) -> Iterator[tuple[Location, list[Location]]]:
    """Where each scenario and each of its steps is said, in the order of the file."""
    for scenario in operation.scenarios:
        yield scenario.at, [step.at for step in scenario.steps]
    for example in operation.examples:
        yield example.at, [*(step.at for step in example.given), example.input_at, example.output_at]
