"""Kind `vocabulary`: what phrases mean, as its author wrote it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from treaty.contract.base import Contract, Written
from treaty.contract.fields import TypeExpression
from treaty.contract.operation import Phrase

RowName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Values = dict[str, JsonValue]


class CreateAct(Written):
    """Put a row into a table: `{create: {Organization: {name: Acme}}, name: organization}`."""

    create: Annotated[dict[TypeExpression, Values], Field(min_length=1, max_length=1)] = Field(
        description="The entity and its fields; a reference takes the name of a row."
    )
    name: RowName | None = Field(default=None, description="Keeps the row for `{name.field}`.")
    unless_exists: bool = Field(default=False, description="Do nothing when a row of that name is there already.")


class ActorAct(Written):
    """Who speaks from here on: `{actor: Ann, tenant: Acme, roles: [admin]}`; `nobody` has no token."""

    actor: RowName = Field(description="A person; `nobody` calls without a token.")
    tenant: RowName | None = Field(default=None, description="The row name of the organization the person belongs to.")
    roles: tuple[str, ...] = Field(default=(), description="The person's roles there.")


class CallAct(Written):
    """Call an operation, with an example's input or one of its own."""

    call: TypeExpression = Field(description="The operation.")
    example: str | None = Field(default=None, description="The key of an example whose input is sent.")
    input: Values = Field(default_factory=dict, description="What is sent, over the example; `unique` makes a new key.")
    actor: RowName | None = Field(
        default=None, description="Who calls: a person, an organization's service key, or `nobody`."
    )
    name: RowName | None = Field(default=None, description="Keeps the output for `{name.field}`.")


class RepeatAct(Written):
    """Send the same request once more."""

    repeat: Literal["last"] = Field(description="`last`: the request sent last.")
    input: Values = Field(default_factory=dict, description="What is sent differently.")


class ClockAct(Written):
    """Move the service's clock; time stands still otherwise."""

    clock: str | None = Field(default=None, description="`now`, a date-time, or `{name.field}`.")
    advance: str | None = Field(default=None, description="How far on from there, such as `1h` or `40d`.")


class StepAct(Written):
    """The one way out: a function in `features/steps/`; counted and reported."""

    step: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)+$")] = Field(
        description="`module.function` in `features/steps/`."
    )
    with_: Values = Field(default_factory=dict, alias="with", description="What it is given.")


Act = CreateAct | ActorAct | CallAct | RepeatAct | ClockAct | StepAct


class Expectation(Written):
    """What must be so after the last When. Everything said is checked."""

    outcome: Literal["success", "refused"] | None = Field(default=None, description="Whether it was answered or refused.")
    error: str | None = Field(default=None, description="The code it was refused with.")
    output: Values | None = Field(default=None, description="A part of the answer; `every:` holds for each item of a list.")
    events: Literal["none"] | tuple[TypeExpression, ...] | None = Field(
        default=None, description="The events since the When, in any order; or `none`."
    )
    changes: Literal["none"] | dict[TypeExpression, int] | None = Field(
        default=None, description="Rows added or altered since the When, by entity; `none`: no entity at all."
    )
    total: dict[TypeExpression, int] | None = Field(
        default=None, description="Rows of the scenario's own tenants, by entity."
    )
    step: StepAct | None = Field(default=None, description="A function in `features/steps/` that checks the rest.")


class PhraseSpec(Written):
    """One phrase and its meaning. With `do` it serves as Given and as When; with `expect` as Then."""

    given: Phrase | None = Field(default=None, description="The phrase, when it reads best as a Given.")
    when: Phrase | None = Field(default=None, description="The phrase, when it reads best as a When.")
    then: Phrase | None = Field(default=None, description="The phrase of a Then.")
    also: tuple[Phrase, ...] = Field(default=(), description="Other wordings of the same phrase.")
    do: Act | tuple[Act, ...] | None = Field(default=None, description="What happens: one act or a list.")
    expect: Expectation | None = Field(default=None, description="What must be so.")


class VocabularyContract(Contract):
    """What the phrases of scenarios and feature files mean, here and in the namespaces below."""

    kind: Literal["vocabulary"] = Field(description="Always `vocabulary`.")
    description: str = Field(default="What the phrases mean.", description="One sentence about the phrases.")
    phrases: tuple[PhraseSpec, ...] = Field(min_length=1, description="The phrases.")
