"""The module of a vocabulary: one typed coroutine function per phrase, which editors can jump to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from treaty.contract.vocabulary import (
    Act,
    ActorAct,
    CallAct,
    ClockAct,
    CreateAct,
    DeliverAct,
    Expectation,
    FlagAct,
    RepeatAct,
    RunAct,
    StepAct,
)
from treaty.emit.render import render
from treaty.emit.scope import Scope, module_doc
from treaty.emit.text import argument, docstring, literal
from treaty.emit.wording import Placeholder, Values, placeholders, with_parameters
from treaty.resolve.model import Model, Phrase, Vocabulary


@dataclass(frozen=True, slots=True)
class PhraseView:
    """One phrase, ready to be printed: decorators, parameters, and the statements of its function."""

    decorators: tuple[str, ...]
    name: str
    parameters: str
    doc: str
    rows: bool
    statements: tuple[str, ...]


def emit_vocabulary(vocabulary: Vocabulary, model: Model, package: str) -> str:
    """The text of a vocabulary's module."""
    functions = {phrase.function_name for phrase in vocabulary.phrases}
    scope = Scope.of(model, package, vocabulary.module, taken=functions)
    phrases = [_phrase(phrase, scope) for phrase in vocabulary.phrases]
    return render(
        "contract/vocabulary.py.jinja",
        doc=module_doc(vocabulary.header),
        world=scope.imports.name("treaty_runtime.acceptance", "World"),
        phrases=phrases,
        imports=scope.imports,
    )


def _phrase(phrase: Phrase, scope: Scope) -> PhraseView:
    known = placeholders(phrase.patterns)
    values = Values(known)
    statements = tuple(_statements(phrase, values, scope))
    return PhraseView(
        decorators=tuple(_decorators(phrase, known, scope)),
        name=phrase.function_name,
        parameters="".join(f", {item.parameter}: {_type(item, scope)}" for item in known.values()),
        doc=docstring(f"Said in {phrase.at.path}:{phrase.at.line}.", indent=4),
        rows=values.rows,
        statements=statements,
    )


def _type(placeholder: Placeholder, scope: Scope) -> str:
    if placeholder.type in ("date", "datetime", "time"):
        return scope.imports.name("datetime", placeholder.type)
    return placeholder.type


def _decorators(phrase: Phrase, known: dict[str, Placeholder], scope: Scope) -> Iterator[str]:
    """A phrase that does something serves as Given and as When, in each of its wordings."""
    keywords = ("given", "when") if phrase.acts else ("then",)
    for keyword in keywords:
        decorator = scope.imports.name("treaty_runtime.acceptance", keyword)
        for pattern in phrase.patterns:
            yield f"{decorator}({argument(with_parameters(pattern, known))})"


def _statements(phrase: Phrase, values: Values, scope: Scope) -> Iterator[str]:
    for act in phrase.acts:
        yield _act(act, values, scope)
    if phrase.expect:
        yield _expect(phrase.expect, values, scope)


def _act(act: Act, values: Values, scope: Scope) -> str:
    match act:
        case CreateAct():
            return _create(act, values, scope)
        case ActorAct():
            tenant = f", tenant={values.expression(act.tenant)}" if act.tenant is not None else ""
            roles = "".join(values.expression(role) + ", " for role in act.roles)
            return f"await world.actor({values.expression(act.actor)}{tenant}{f', roles=({roles})' if roles else ''})"
        case CallAct():
            return _call(act, values, scope)
        case RepeatAct():
            return f"await world.repeat({values.sent(act.input) if act.input else ''})"
        case RunAct():
            return _run(act, values)
        case DeliverAct():
            return _deliver(act, values)
        case ClockAct():
            said = {"at": act.clock, "advance": act.advance}
            arguments = (f"{word}={values.expression(item)}" for word, item in said.items() if item is not None)
            return f"await world.clock({', '.join(arguments)})"
        case FlagAct():
            tenant = f", tenant={values.expression(act.tenant)}" if act.tenant is not None else ""
            return f"await world.flag({literal(act.flag)}{tenant}{', on=False' if act.is_ == 'off' else ''})"
        case StepAct():
            given = f", {values.expression(act.with_)}" if act.with_ else ""
            return f"await world.step({literal(act.step)}{given})"


def _create(act: CreateAct, values: Values, scope: Scope) -> str:
    ((key, row),) = act.create.items()
    arguments = [scope.contract(scope.model.entities[key]), values.expression(row)]
    if act.name is not None:
        arguments.append(f"name={values.expression(act.name)}")
    if act.unless_exists:
        arguments.append("unless_exists=True")
    return f"await world.create({', '.join(arguments)})"


def _call(act: CallAct, values: Values, scope: Scope) -> str:
    operation = scope.model.operations[act.call]
    example = next((example.input for example in operation.examples if example.key == act.example), {})
    arguments = [literal(act.call), values.sent(act.input, example)]
    if act.actor is not None:
        arguments.append(f"actor={values.expression(act.actor)}")
    if act.name is not None:
        arguments.append(f"name={values.expression(act.name)}")
    return f"await world.call({', '.join(arguments)})"


def _run(act: RunAct, values: Values) -> str:
    arguments = [literal(act.run)]
    if act.tenant is not None:
        arguments.append(f"tenant={values.expression(act.tenant)}")
    if act.input:
        arguments.append(f"values={values.sent(act.input)}")
    if act.name is not None:
        arguments.append(f"name={values.expression(act.name)}")
    return f"await world.run_job({', '.join(arguments)})"


def _deliver(act: DeliverAct, values: Values) -> str:
    arguments = [literal(act.to), values.expression(act.deliver)]
    if act.data:
        arguments.append(values.sent(act.data))
    if act.event:
        arguments.append(f"event={values.sent(act.event)}")
    if act.body is not None:
        arguments.append(f"body={values.expression(act.body)}")
    if act.signature != "valid":
        arguments.append(f"signature={literal(act.signature)}")
    return f"await world.deliver({', '.join(arguments)})"


def _expect(expect: Expectation, values: Values, scope: Scope) -> str:
    return f"await world.expect({', '.join(_expectations(expect, values, scope))})"


def _expectations(expect: Expectation, values: Values, scope: Scope) -> Iterator[str]:
    if expect.outcome is not None:
        yield f"outcome={literal(expect.outcome)}"
    if expect.error is not None:
        yield f"error={values.expression(expect.error)}"
    if expect.output is not None:
        yield f"output={values.expression(expect.output)}"
    if expect.events is not None:
        events = () if expect.events == "none" else expect.events
        yield f"events=[{', '.join(scope.contract(scope.model.events[key]) for key in events)}]"
    if expect.changes is not None:
        yield f"changes={_counts({} if expect.changes == 'none' else expect.changes, values, scope)}"
    if expect.deliveries is not None:
        yield f"deliveries={values.expression({} if expect.deliveries == 'none' else expect.deliveries)}"
    if expect.total is not None:
        yield f"total={_counts(expect.total, values, scope)}"
    if expect.step is not None:
        yield f"step=({literal(expect.step)}, {values.expression(expect.with_)})"


def _counts(counts: dict[str, Any], values: Values, scope: Scope) -> str:
    entities = scope.model.entities
    pairs = (f"{scope.contract(entities[key])}: {values.expression(number)}" for key, number in counts.items())
    return "{" + ", ".join(pairs) + "}"
