"""What a run remembers of each contract: which others it needs, and what it says to all others."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from treaty.contract.vocabulary import CallAct, CreateAct, DeliverAct, Expectation, RunAct
from treaty.emit.openapi.components import class_names
from treaty.resolve.fields import leaf
from treaty.resolve.model import (
    Entity,
    EntityRef,
    Event,
    Field,
    Inline,
    Job,
    LinkedContract,
    Model,
    Operation,
    Played,
    Scalar,
    Type,
    TypeRef,
    Vocabulary,
    Webhook,
)
from treaty.rules.sentences import BUILT_IN
from treaty.source.gherkin import FeatureFile

_IS_SENT = BUILT_IN[0][1].rpartition("}")[2]
_JSON = "json"  # stands for any value, and needs a schema of its own where it occurs


@dataclass(frozen=True, slots=True)
class Facts:
    """What is remembered of one contract. `needs` are keys, and `says` is a digest.

    `speaks` tells that it uses phrases: those of its namespace and of the namespaces above.
    """

    path: str
    kind: str
    namespace: str
    needs: tuple[str, ...]
    speaks: bool
    says: str


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a project.

    `singles` are the entities that everything may need: the tenant, the list of memberships and that of entitlements.
    `shared_names` are names of classes that several contracts have. `features` are the namespaces of feature files, and
    `featured` the operations that they name.
    """

    contracts: Mapping[str, Facts]
    singles: tuple[str, ...]
    shared_names: tuple[str, ...]
    features: tuple[str, ...]
    featured: tuple[str, ...]

    @classmethod
    def of(cls, model: Model, features: Iterable[FeatureFile]) -> Memory:
        """What is to be remembered of a project without problems."""
        features = tuple(features)
        namespaces = {feature.namespace for feature in features}
        sentences = (step.text for feature in features for scenario in feature.scenarios for step in scenario.steps)
        singles = {entity.header.key for entity in _single(model)}
        often = Counter(name for _, name in class_names(model))
        shared = sorted(name for name, number in often.items() if number > 1)
        said = tuple(sorted(set(_sent(sentences, model))))
        return cls(facts(model), tuple(sorted(singles)), tuple(shared), tuple(sorted(namespaces)), said)

    @classmethod
    def from_text(cls, text: str) -> Memory:
        """The memory that was kept as `text`. Raises `ValueError`, `TypeError` or `KeyError` when it is none."""
        data = json.loads(text)
        contracts = {
            str(key): Facts(str(path), str(kind), str(namespace), tuple(map(str, needs)), bool(speaks), str(says))
            for key, (path, kind, namespace, needs, speaks, says) in data["contracts"].items()
        }
        rest = (tuple(map(str, data[word])) for word in ("singles", "sharedNames", "features", "featured"))
        return cls(contracts, *rest)

    def text(self) -> str:
        """Itself, as a text to keep."""
        contracts = {
            key: (facts.path, facts.kind, facts.namespace, facts.needs, facts.speaks, facts.says)
            for key, facts in self.contracts.items()
        }
        rest = {"singles": self.singles, "sharedNames": self.shared_names}
        played = {"features": self.features, "featured": self.featured}
        return json.dumps({"contracts": contracts, **rest, **played})


def _single(model: Model) -> Iterator[Entity]:
    yield from filter(None, (model.tenant_entity, model.memberships, model.entitlements))


def facts(model: Model, keys: Collection[str] | None = None) -> dict[str, Facts]:
    """The facts of each contract, or of those with these keys."""
    versions: dict[str, list[str]] = {}
    for header in model.headers():
        versions.setdefault(header.plain_key, []).append(header.key)
    return {
        contract.header.key: _facts(contract, model, versions[contract.header.plain_key])
        for contract in model.contracts()
        if keys is None or contract.header.key in keys
    }


def _facts(contract: LinkedContract, model: Model, versions: Iterable[str]) -> Facts:
    header = contract.header
    needs = {*_needs(contract, model), *versions} - {header.key, _JSON}
    speaks = isinstance(contract, Played) and any(_sentences(contract))
    return Facts(header.path, header.kind, header.namespace, tuple(sorted(needs)), speaks, _digest(contract))


def _needs(contract: LinkedContract, model: Model) -> Iterator[str]:
    """The contracts that one names."""
    match contract:
        case Operation() | Job():
            yield from _named(contract.input)
            yield from _named(contract.output) if isinstance(contract.output, tuple) else (contract.output.key,)
            yield from (emit.event for emit in contract.emits)
            yield from _sent((text for _, text in _sentences(contract)), model)
            if isinstance(contract, Job) and contract.on is not None:
                yield contract.on
        case Webhook():
            yield from (handling.job for handling in contract.handles)
            yield from _sent((text for _, text in _sentences(contract)), model)
        case Vocabulary():
            for phrase in contract.phrases:
                for act in phrase.acts:
                    yield from _acted_on(act)
                yield from _expected(phrase.expect) if phrase.expect else ()
        case Event():
            yield from _named(contract.payload)
        case _:
            yield from _named(contract.fields)


def _sent(sentences: Iterable[str], model: Model) -> Iterator[str]:
    """The operations that sentences name: `shop.order.place is sent` needs no phrase."""
    for text in sentences:
        key = text.removesuffix(_IS_SENT)
        if key != text and key in model.operations:
            yield key


def _acted_on(act: Any) -> Iterator[str]:
    if isinstance(act, CreateAct):
        yield from act.create
    elif isinstance(act, CallAct):
        yield act.call
    elif isinstance(act, RunAct):
        yield act.run
    elif isinstance(act, DeliverAct):
        yield act.to


def _expected(expect: Expectation) -> Iterator[str]:
    for named in (expect.events, expect.changes, expect.total):
        if isinstance(named, tuple | dict):
            yield from named


def _named(fields: Iterable[Field]) -> Iterator[str]:
    """The contracts that fields name, also those inside of objects."""
    for field in fields:
        match leaf(field.type):
            case TypeRef(key=key) | EntityRef(key=key):
                yield key
            case Inline(fields=inner):
                yield from _named(inner)
            case Scalar(name="json"):
                yield _JSON


def _digest(contract: LinkedContract) -> str:
    header = contract.header
    said = (header.kind, header.key, header.path, header.major, *_said(contract))
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def _said(contract: LinkedContract) -> Iterator[Any]:
    """Everything that rules compare between contracts that do not need each other, and that documents list."""
    match contract:
        case Operation():
            yield from _said_by_operation(contract)
        case Job():
            yield contract.implementation, contract.each_tenant, contract.on
            yield sorted(emit.event for emit in contract.emits), list(_sentences(contract))
        case Webhook():
            yield contract.fetch, contract.method, contract.http_path, contract.provider, contract.header.tags[-1:]
            yield repr(contract.tenant), contract.header.owners, list(_sentences(contract))
        case Event():
            yield contract.type, sorted(set(_named(contract.payload)))
        case Entity():
            yield (
                contract.table,
                contract.is_tenant,
                contract.tenant is None,
                repr(contract.grants),
                repr(contract.entitles),
            )
        case Type():
            yield sorted(set(_named(contract.fields))), bool(contract.fields), bool(contract.values)
        case _:
            yield contract  # phrases are compared with all sentences and with each other


def _said_by_operation(operation: Operation) -> Iterator[Any]:
    header = operation.header
    output = operation.output if isinstance(operation.output, tuple) else None
    yield operation.implementation, operation.method, operation.http_path, operation.status == 204
    yield header.tags[-1:], bool(header.deprecated), bool(header.sunset), operation.policy.auth
    yield operation.policy.entitlement is None  # which needs an entity that entitles
    yield operation.csv and (operation.csv.http_path, bool(operation.page and operation.page.beside))
    yield operation.policy.cache_seconds is None  # the document describes headers that some operation needs
    yield operation.service_level, operation.service_level and header.owners
    in_path = [parameter.field for parameter in operation.parameters if parameter.place == "path"]
    yield operation.policy.flag, [(field.name, field.type, field.constraints) for field in in_path]
    yield [(error.code, error.at.path) for error in operation.errors], sorted(emit.event for emit in operation.emits)
    yield bool(operation.body), output is None, _JSON in {*_named(operation.input), *_named(output or ())}
    yield list(_sentences(operation)), [(example.key, example.error) for example in operation.examples]


def _sentences(contract: Played) -> Iterator[tuple[str, str]]:
    for part in (*(scenario.steps for scenario in contract.scenarios), *(item.given for item in contract.examples)):
        yield from ((step.type, step.text) for step in part)
