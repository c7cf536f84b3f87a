"""D7: scenarios and examples: promises that are proved by running them."""

from __future__ import annotations

from treaty.diff.base import ChangeClass, Reader, Severity

_SCENARIO = (
    "AcceptanceSpec.scenarios",
    "JobAcceptanceSpec.scenarios",
    "OperationContract.acceptance",
    "JobContract.acceptance",
    "WebhookAcceptanceSpec.scenarios",
    "WebhookContract.acceptance",
    "ScenarioSpec.key",
)
_EXAMPLE = ("AcceptanceSpec.examples", "OperationContract.acceptance", "ExampleSpec.key")

SCENARIO_REMOVED = ChangeClass(
    id="D701",
    name="scenario-removed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=_SCENARIO,
    reason="The promise is withdrawn: nothing proves it any more.",
)
SCENARIO_ADDED = ChangeClass(
    id="D702",
    name="scenario-added",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=_SCENARIO,
    reason="More is promised, or proved, than before.",
)
SCENARIO_PROMISES_LESS = ChangeClass(
    id="D703",
    name="scenario-promises-less",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("ScenarioSpec.then",),
    reason="Something that was promised for the same case is promised no longer.",
)
SCENARIO_PROMISES_MORE = ChangeClass(
    id="D704",
    name="scenario-promises-more",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=("ScenarioSpec.then",),
    reason="All that was promised still is.",
)
SCENARIO_CASE_CHANGED = ChangeClass(
    id="D705",
    name="scenario-case-changed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("ScenarioSpec.given", "ScenarioSpec.when"),
    reason="It proves something about another case; nothing says whether the old one still holds.",
)
SCENARIO_REWORDED = ChangeClass(
    id="D706",
    name="scenario-reworded",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=("ScenarioSpec.key", "ScenarioSpec.given", "ScenarioSpec.when", "ScenarioSpec.then"),
    reason="It means what it meant.",
)
EXAMPLE_REMOVED = ChangeClass(
    id="D711",
    name="example-removed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=_EXAMPLE,
    reason="The promise is withdrawn: nothing proves it any more.",
)
EXAMPLE_ADDED = ChangeClass(
    id="D712",
    name="example-added",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=_EXAMPLE,
    reason="More is promised, or proved, than before.",
)
EXAMPLE_ANSWER_CHANGED = ChangeClass(
    id="D713",
    name="example-answer-changed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("ExampleSpec.output", "ExampleSpec.error"),
    reason="The same request gets another answer than was promised.",
)
EXAMPLE_ANSWER_EXTENDED = ChangeClass(
    id="D714",
    name="example-answer-extended",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=("ExampleSpec.output",),
    reason="The answer has all that was promised, and more.",
)
EXAMPLE_CASE_CHANGED = ChangeClass(
    id="D715",
    name="example-case-changed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("ExampleSpec.given", "ExampleSpec.input"),
    reason="It shows another case; nothing says whether the old one still holds.",
)
EXAMPLE_REWORDED = ChangeClass(
    id="D716",
    name="example-reworded",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=("ExampleSpec.key", "ExampleSpec.given"),
    reason="It means what it meant.",
)
