"""The `.feature` file of a contract: its scenarios and examples as Gherkin, played by `treaty verify`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treaty import names
from treaty.emit.render import render
from treaty.emit.scope import origin
from treaty.emit.text import gherkin, gherkin_description, gherkin_tag, json_document
from treaty.resolve.model import Example, Played, Scenario, Step

DOCUMENT_WIDTH = 100


@dataclass(frozen=True, slots=True)
class StepView:
    """One step: keyword, text, and the JSON document below it."""

    keyword: str
    text: str
    document: str | None = None


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """One scenario, ready to be printed."""

    name: str
    tag: str | None
    steps: tuple[StepView, ...]


def emit_feature(contract: Played) -> str | None:
    """The text of its feature file; `None` when there are neither scenarios nor examples."""
    scenarios = [*map(_scenario, contract.scenarios), *(_example(contract, item) for item in contract.examples)]
    if not scenarios:
        return None
    header = contract.header
    tags = [names.in_words(header.key), *(gherkin_tag(tag) for tag in header.tags)]
    return render(
        "features/operation.feature.jinja",
        origin=[gherkin(line) for line in origin(header).splitlines()],
        tags=" ".join(f"@{tag}" for tag in dict.fromkeys(tags) if tag),
        key=header.key,
        description=gherkin_description(header.description),
        scenarios=scenarios,
    )


def _scenario(scenario: Scenario) -> ScenarioView:
    return ScenarioView(scenario.key, None, tuple(_steps(scenario.steps)))


def _example(contract: Played, example: Example) -> ScenarioView:
    steps = [
        *_steps(example.given),
        StepView("When", f"{contract.header.key} is sent", json_document(example.input, DOCUMENT_WIDTH)),
        StepView("Then", f"it is refused with {example.error}")
        if example.error
        else StepView("Then", "it answers", json_document(example.output or {}, DOCUMENT_WIDTH)),
    ]
    return ScenarioView(example.key, "example", tuple(steps))


def _steps(steps: tuple[Step, ...]) -> Iterator[StepView]:
    """Steps with their keywords; the second of a kind begins with `And`."""
    before = None
    for step in steps:
        yield StepView("And" if step.type == before else step.type.capitalize(), gherkin(step.text))
        before = step.type
