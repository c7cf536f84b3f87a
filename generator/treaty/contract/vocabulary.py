"""Kind `vocabulary`: what phrases mean, as its author wrote it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, JsonValue, StringConstraints, Tag

from treaty.contract import patterns
from treaty.contract.base import LIST, MAPPING, TEXT, Contract, Written, by_shape
from treaty.contract.fields import TypeExpression
from treaty.contract.operation import FlagName, Phrase

RowName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Values = dict[str, JsonValue]
Counts = dict[TypeExpression, Annotated[int, Field(ge=0)]]


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


class RunAct(Written):
    """Run a job now: for every tenant, or for one with an input of its own."""

    run: TypeExpression = Field(description="The job.")
    tenant: RowName | None = Field(
        default=None, description="The row name of the only tenant to run it for; every tenant when left out."
    )
    input: Values = Field(default_factory=dict, description="What it is enqueued with.")
    name: RowName | None = Field(default=None, description="Keeps the output for `{name.field}`.")


class DeliverAct(Written):
    """Have an event come to a webhook, signed as its provider signs."""

    deliver: RowName = Field(description="The type of the event, such as `invoice.payment_failed`.")
    to: TypeExpression = Field(description="The webhook.")
    data: Values = Field(default_factory=dict, description="What the object that the event is about says.")
    event: Values = Field(
        default_factory=dict,
        description="What the event itself says, over what is made up: `id`, `created`, and so on.",
    )
    body: str | None = Field(default=None, description="What is sent instead of an event, letter by letter.")
    signature: Literal["valid", "missing", "wrong", "old", "future"] = Field(
        default="valid", description="How it is signed: `valid`, when left out; all others are refused."
    )


class ClockAct(Written):
    """Move the service's clock; time stands still otherwise."""

    clock: str | None = Field(default=None, description="`now`, a date-time, or `{name.field}`.")
    advance: str | None = Field(default=None, description="How far on from there, such as `1h` or `40d`.")


class FlagAct(Written):
    """Turn a feature flag on or off; all of them are off when a scenario begins."""

    flag: FlagName = Field(description="A flag that the policy of an operation names.")
    is_: Literal["on", "off"] = Field(default="on", alias="is", description="`on`, when left out, or `off`.")
    tenant: RowName | None = Field(default=None, description="The row name of the one organization that it is for.")


StepName = Annotated[str, StringConstraints(pattern=patterns.STEP_NAME)]


class StepAct(Written):
    """The one way out: a function in `features/steps/`; counted and reported."""

    step: StepName = Field(description="`module.function` in `features/steps/`.")
    with_: Values = Field(default_factory=dict, alias="with", description="What it is given.")


# The verb decides which act it is. `actor` comes last: `call` has a word of that name too.
VERBS = ("create", "call", "repeat", "run", "deliver", "clock", "advance", "flag", "step", "actor")


def _verb(act: Any) -> str | None:
    said = act if isinstance(act, dict) else act.model_fields_set if isinstance(act, BaseModel) else ()
    return next((f"<{verb}>" for verb in VERBS if verb in said), None)


Act = CreateAct | ActorAct | CallAct | RepeatAct | RunAct | DeliverAct | ClockAct | FlagAct | StepAct
ActText = Annotated[
    Annotated[CreateAct, Tag("<create>")]
    | Annotated[CallAct, Tag("<call>")]
    | Annotated[RepeatAct, Tag("<repeat>")]
    | Annotated[RunAct, Tag("<run>")]
    | Annotated[DeliverAct, Tag("<deliver>")]
    | Annotated[ClockAct, Tag("<clock>")]
    | Annotated[ClockAct, Tag("<advance>")]
    | Annotated[FlagAct, Tag("<flag>")]
    | Annotated[StepAct, Tag("<step>")]
    | Annotated[ActorAct, Tag("<actor>")],
    Discriminator(
        _verb,
        custom_error_type="shape",
        custom_error_message=(
            "an act that begins with `create`, `actor`, `call`, `repeat`, `run`, `deliver`, `clock`, `flag` or `step`"
        ),
    ),
]
Acts = Annotated[
    Annotated[ActText, Tag(MAPPING)] | Annotated[tuple[ActText, ...], Tag(LIST)], by_shape("one act or a list of acts")
]
NoEvents = Annotated[
    Annotated[Literal["none"], Tag(TEXT)] | Annotated[tuple[TypeExpression, ...], Tag(LIST)],
    by_shape("`none`, or a list of events"),
]
NoChanges = Annotated[
    Annotated[Literal["none"], Tag(TEXT)] | Annotated[Counts, Tag(MAPPING)],
    by_shape("`none`, or a mapping, such as `{UsageEvent: 1}`"),
]

DeliveryState = Literal["routed", "ignored", "unmatched", "unreadable", "received"]
NoDeliveries = Annotated[
    Annotated[Literal["none"], Tag(TEXT)]
    | Annotated[dict[DeliveryState, Annotated[int, Field(ge=1)]], Field(min_length=1), Tag(MAPPING)],
    by_shape("`none`, or a mapping, such as `{routed: 1}`"),
]


class Expectation(Written):
    """What must be so after the last When. Everything said is checked."""

    outcome: Literal["success", "refused"] | None = Field(
        default=None, description="Whether it was answered or refused."
    )
    error: str | None = Field(default=None, description="The code it was refused with.")
    output: Values | None = Field(
        default=None, description="A part of the answer; `every:` holds for each item of a list."
    )
    events: NoEvents | None = Field(default=None, description="The events since the When, in any order; or `none`.")
    changes: NoChanges | None = Field(
        default=None, description="Rows added or altered since the When, by entity; `none`: no entity at all."
    )
    deliveries: NoDeliveries | None = Field(
        default=None, description="Events that webhooks stored since the When, by what became of them; or `none`."
    )
    total: Counts | None = Field(default=None, description="Rows of the scenario's own tenants, by entity.")
    step: StepName | None = Field(
        default=None, description="`module.function` in `features/steps/` that checks the rest."
    )
    with_: Values = Field(default_factory=dict, alias="with", description="What that function is given.")


class PhraseSpec(Written):
    """One phrase and its meaning. With `do` it serves as Given and as When; with `expect` as Then."""

    given: Phrase | None = Field(default=None, description="The phrase, when it reads best as a Given.")
    when: Phrase | None = Field(default=None, description="The phrase, when it reads best as a When.")
    then: Phrase | None = Field(default=None, description="The phrase of a Then.")
    also: tuple[Phrase, ...] = Field(default=(), description="Other wordings of the same phrase.")
    do: Acts | None = Field(default=None, description="What happens: one act or a list.")
    expect: Expectation | None = Field(default=None, description="What must be so.")


class VocabularyContract(Contract):
    """What the phrases of scenarios and feature files mean, here and in the namespaces below."""

    kind: Literal["vocabulary"] = Field(description="Always `vocabulary`.")
    description: str = Field(default="What the phrases mean.", description="One sentence about the phrases.")
    phrases: tuple[PhraseSpec, ...] = Field(min_length=1, description="The phrases.")
