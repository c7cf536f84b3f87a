"""Scenarios and examples, each step with its place."""

from __future__ import annotations

from typing import Literal

from treaty.contract.job import JobContract
from treaty.contract.operation import OperationContract
from treaty.contract.parse import Parsed
from treaty.contract.webhook import WebhookContract
from treaty.resolve.model import Example, Scenario, Step
from treaty.source.document import Path

Keyword = Literal["given", "when", "then"]
WithScenarios = Parsed[OperationContract] | Parsed[JobContract] | Parsed[WebhookContract]


def scenarios(parsed: WithScenarios) -> tuple[Scenario, ...]:
    """The scenarios of an operation, a job or a webhook."""
    found = []
    for position, spec in enumerate(parsed.contract.acceptance.scenarios):
        path: Path = ("acceptance", "scenarios", position)
        steps = (
            *_steps(parsed, "given", spec.given, path),
            *_steps(parsed, "when", spec.when, path),
            *_steps(parsed, "then", spec.then, path),
        )
        found.append(Scenario(key=spec.key, steps=steps, at=parsed.at(*path)))
    return tuple(found)


def examples(parsed: Parsed[OperationContract]) -> tuple[Example, ...]:
    """The examples of an operation."""
    found = []
    for position, spec in enumerate(parsed.contract.acceptance.examples):
        path: Path = ("acceptance", "examples", position)
        found.append(
            Example(
                key=spec.key,
                given=_steps(parsed, "given", spec.given, path),
                input=spec.input,
                output=spec.output,
                error=spec.error,
                at=parsed.at(*path),
                input_at=parsed.at(*path, "input"),
                output_at=parsed.at(*path, "output"),
            )
        )
    return tuple(found)


def _steps(parsed: WithScenarios, keyword: Keyword, texts: tuple[str, ...], path: Path) -> tuple[Step, ...]:
    return tuple(
        Step(type=keyword, text=text, at=parsed.at(*path, keyword, position)) for position, text in enumerate(texts)
    )
