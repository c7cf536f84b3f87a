"""`_defaults.yaml`: what the folders above a contract say for it, and where each word came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from treaty.contract.base import Contract, Stability
from treaty.contract.kinds import Defaults
from treaty.contract.operation import ErrorSpec, OperationContract, PolicySpec
from treaty.contract.parse import Contracts, Parsed
from treaty.diagnostics import Location
from treaty.resolve.http import HttpLine, parse_http

POLICY_WORDS = tuple(PolicySpec.model_fields)


@dataclass(frozen=True, slots=True)
class Said:
    """A value and the place that says it; `own` when the contract itself does."""

    value: Any
    at: Location
    own: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """The words of a contract that its folders may give: the nearest one wins."""

    stability: Stability
    owners: tuple[str, ...]
    tags: tuple[str, ...]
    policy: dict[str, Said]
    errors: dict[str, Said]
    origins: dict[str, Location]


def merge(parsed: Parsed[Contract], contracts: Contracts) -> Merged:
    """The words of `parsed`, completed by the folders above it."""
    above = list(_above(parsed.namespace, contracts))
    origins: dict[str, Location] = {}
    plain = {word: _plain_word(word, parsed, above, origins) for word in ("stability", "owners", "tags")}
    policy: dict[str, Said] = {}
    errors: dict[str, Said] = {}
    if isinstance(parsed.contract, OperationContract):
        for source in reversed(above):
            _add(policy, errors, source, source.contract, own=False)
        _drop_foreign_idempotency(policy, parsed.contract)
        _drop_foreign_cache(policy, parsed.contract)
        _add(policy, errors, parsed, parsed.contract, own=True)
        _drop_foreign_entitlement(policy)
    return Merged(
        plain["stability"] or Stability.STABLE, plain["owners"] or (), plain["tags"] or (), policy, errors, origins
    )


def _drop_foreign_idempotency(policy: dict[str, Said], contract: OperationContract) -> None:
    """A folder's idempotency is for the commands that have its field."""
    said = policy.get("idempotency")
    if said and (contract.kind == "query" or said.value.key not in contract.input):
        del policy["idempotency"]


def _drop_foreign_cache(policy: dict[str, Said], contract: OperationContract) -> None:
    """A folder's cache is for the queries whose answers can be kept: sent with GET, and answered with something."""
    http = parse_http(contract.http)
    kept = isinstance(http, HttpLine) and http.method == "GET" and http.status != HTTPStatus.NO_CONTENT
    if contract.kind == "command" or not kept:
        policy.pop("cache", None)


def _drop_foreign_entitlement(policy: dict[str, Said]) -> None:
    """What a folder sells is sold to organizations: an anonymous operation below has none."""
    auth, entitlement = policy.get("auth"), policy.get("entitlement")
    if auth and auth.value == "anonymous" and entitlement and not entitlement.own:
        del policy["entitlement"]


def _above(namespace: str, contracts: Contracts) -> Iterator[Parsed[Defaults]]:
    """The defaults of the folders above, nearest first."""
    parts = namespace.split(".")
    for depth in range(len(parts), -1, -1):
        found = contracts.defaults.get("/".join(parts[:depth]))
        if found:
            yield found


def _plain_word(
    word: str, parsed: Parsed[Contract], above: list[Parsed[Defaults]], origins: dict[str, Location]
) -> Any:
    for source in (parsed, *above):
        if word in source.contract.model_fields_set:
            origins[word] = source.key_at(word)
            return getattr(source.contract, word)
    return None


def _add(
    policy: dict[str, Said],
    errors: dict[str, Said],
    source: Parsed[Any],
    contract: OperationContract | Defaults,
    *,
    own: bool,
) -> None:
    for name in POLICY_WORDS:
        value = getattr(contract.policy, name)
        if value is not None:
            alias = PolicySpec.model_fields[name].alias or name
            policy[name] = Said(value, source.key_at("policy", alias), own)
    for code, spec in contract.errors.items():
        text = spec if isinstance(spec, ErrorSpec) else ErrorSpec(when=spec)
        errors[code] = Said(text, source.key_at("errors", code), own)
