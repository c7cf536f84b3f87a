"""The reference page: every word of the language stands there, and its contracts pass the check."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.generator.checking import check, model, write
from treaty.contract.base import Contract, Written
from treaty.contract.data import (
    EntitlesSpec,
    EntityContract,
    EventContract,
    GrantsSpec,
    KeepSpec,
    PartitionSpec,
    TypeContract,
    ValueSpec,
)
from treaty.contract.fields import FieldSpec
from treaty.contract.job import JobAcceptanceSpec, JobContract, RetrySpec, ScheduleSpec
from treaty.contract.kinds import KINDS, Defaults
from treaty.contract.operation import (
    AcceptanceSpec,
    CacheSpec,
    EmitSpec,
    ErrorSpec,
    ExampleSpec,
    FormatsSpec,
    IdempotencySpec,
    OperationContract,
    PagedOutput,
    PageSpec,
    PolicySpec,
    RateLimitSpec,
    ScenarioSpec,
)
from treaty.contract.service_level import LatencySpec, ServiceLevelSpec
from treaty.contract.vocabulary import (
    ActorAct,
    CallAct,
    ClockAct,
    CreateAct,
    DeliverAct,
    Expectation,
    FlagAct,
    PhraseSpec,
    RepeatAct,
    RunAct,
    StepAct,
    VocabularyContract,
)
from treaty.contract.webhook import HandlesSpec, WebhookAcceptanceSpec, WebhookContract, WebhookTenantSpec
from treaty.contract.words import words
from treaty.pipeline import PIPELINE_ERRORS
from treaty.rules.registry import rules

PAGE = (Path(__file__).parents[2] / "docs" / "contract-language.md").read_text()
BLOCK = re.compile(r"^`(contracts/\S+\.yaml)`:\n\n```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)

SECTIONS: dict[type[Written], str] = {
    Contract: "Words of every contract",
    Defaults: "`_defaults.yaml`",
    FieldSpec: "Fields",
    OperationContract: "`command` and `query`",
    EmitSpec: "`command` and `query`",
    PagedOutput: "Pages",
    PageSpec: "Pages",
    FormatsSpec: "All pages at once",
    PolicySpec: "Policy",
    RateLimitSpec: "Policy",
    IdempotencySpec: "Policy",
    CacheSpec: "Policy",
    ErrorSpec: "Errors",
    ServiceLevelSpec: "Service levels",
    LatencySpec: "Service levels",
    AcceptanceSpec: "Scenarios and examples",
    ScenarioSpec: "Scenarios and examples",
    JobContract: "`job`",
    ScheduleSpec: "`job`",
    RetrySpec: "`job`",
    JobAcceptanceSpec: "Scenarios and examples",
    ExampleSpec: "Scenarios and examples",
    WebhookContract: "`webhook`",
    WebhookTenantSpec: "`webhook`",
    HandlesSpec: "`webhook`",
    WebhookAcceptanceSpec: "Scenarios and examples",
    EventContract: "`event`",
    EntityContract: "`entity`",
    GrantsSpec: "`entity`",
    EntitlesSpec: "`entity`",
    PartitionSpec: "`entity`",
    KeepSpec: "`entity`",
    TypeContract: "`type`",
    ValueSpec: "`type`",
    VocabularyContract: "`vocabulary`",
    PhraseSpec: "`vocabulary`",
    CreateAct: "Acts",
    ActorAct: "Acts",
    CallAct: "Acts",
    RepeatAct: "Acts",
    RunAct: "Acts",
    DeliverAct: "Acts",
    ClockAct: "Acts",
    FlagAct: "Acts",
    StepAct: "Acts",
    Expectation: "Expectations",
}


def section(heading: str) -> str:
    """The text below a heading, up to the next one."""
    found = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^## |^### |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"there is no section {heading}"
    return found[1]


def models(base: type[Written]) -> Iterator[type[Written]]:
    """Everything that an author can write: all models below `base`."""
    for model_ in base.__subclasses__():
        yield model_
        yield from models(model_)


def test_every_model_has_a_section() -> None:
    assert set(models(Written)) == set(SECTIONS)


@pytest.mark.parametrize("written", SECTIONS, ids=lambda written: written.__name__)
def test_every_word_stands_in_its_table(written: type[Written]) -> None:
    general = {*words(Contract), "kind"} if issubclass(written, Contract) and written is not Contract else set()
    text = section(SECTIONS[written])
    expected = set(words(written)) - general | ({"type"} if written is EventContract else set())
    if written is ValueSpec:
        assert "`description`" in text
    else:
        assert [word for word in sorted(expected) if f"\n| `{word}` |" not in text] == []


def test_tables_name_no_other_words() -> None:
    known = {word for written in SECTIONS for word in words(written)} | {"kind"}
    rows = re.findall(r"^\| `([A-Za-z]+)` \|", PAGE.partition("## Everything that is checked")[0], re.MULTILINE)
    types = {
        "string",
        "integer",
        "number",
        "decimal",
        "boolean",
        "datetime",
        "date",
        "duration",
        "uuid",
        "url",
        "email",
    }
    assert set(rows) - known - types - {"json"} == set()


def test_every_kind_has_a_section_and_a_contract() -> None:
    kinds = {re.match(r"kind: (\w+)", text)[1] for _, text in BLOCK.findall(PAGE) if text.startswith("kind:")}  # type: ignore[index]
    assert kinds == set(KINDS)


def test_its_contracts_pass_the_check(tmp_path: Path) -> None:
    blocks = BLOCK.findall(PAGE)
    assert len(blocks) == PAGE.count("```yaml")
    write(tmp_path, dict(blocks))
    assert [f"{problem} ({problem.hint})" for problem in check(tmp_path)] == []
    assert model(tmp_path).tenant_entity is not None


def test_every_rule_is_told() -> None:
    rows = re.findall(r"^\| (`.*) \|$", PAGE.partition("## Everything that is checked")[2], re.MULTILINE)
    first_lines = [(sys.modules[rule.check.__module__].__doc__ or "").splitlines()[0] for rule in rules()]
    assert rows == [f"`{rule.id}` | {kept} | {rule.purpose}" for rule, kept in zip(rules(), first_lines, strict=True)]


def test_the_pipelines_codes_are_told() -> None:
    told = re.findall(r"`([a-z_]+)`", section("Errors").partition("The pipeline refuses by itself")[2])
    assert sorted(told) == sorted(PIPELINE_ERRORS)
