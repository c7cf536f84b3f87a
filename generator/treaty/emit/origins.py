"""Which contracts each generated file comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treaty.emit.cycles import circle
from treaty.resolve.model import Header, Model, Played, Type


@dataclass(frozen=True, slots=True)
class Origin:
    """The contracts of one generated file, and the function that does what they promise, if there is one."""

    headers: tuple[Header, ...]
    implementation: str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The contracts' files."""
        return tuple(header.path for header in self.headers)


def origins(model: Model) -> dict[str, Origin]:
    """The origin of each file that comes from certain contracts, by its path; all others come from all together."""
    return dict(_origins(model))


def module_path(module: str, suffix: str = ".py") -> str:
    """The file of a generated module, or what stands beside it with another ending."""
    return module.replace(".", "/") + suffix


def feature_path(contract: Played) -> str:
    """The feature file of an operation, a job or a webhook."""
    return f"features/{contract.header.namespace.replace('.', '/')}/{contract.header.name}.feature"


def _origins(model: Model) -> Iterator[tuple[str, Origin]]:
    for contract in model.implemented.values():
        origin = Origin((contract.header,), ":".join(contract.implementation))
        yield module_path(contract.module), origin
        yield feature_path(contract), origin
    for webhook in model.webhooks.values():
        fetch = ":".join(webhook.fetch) if webhook.fetch else None
        yield module_path(webhook.module), Origin((webhook.header,), fetch)
        yield feature_path(webhook), Origin((webhook.header,))
    for event in model.events.values():
        for suffix in (".py", ".schema.json"):
            yield module_path(event.module, suffix), Origin((event.header,))
    for entity in model.entities.values():
        yield module_path(entity.module), Origin((entity.header,))
    for vocabulary in model.vocabularies.values():
        yield module_path(vocabulary.module), Origin((vocabulary.header,))
    for type_ in model.types.values():
        yield module_path(type_.module), Origin(_together(type_, model))


def _together(type_: Type, model: Model) -> tuple[Header, ...]:
    """A type, and those whose classes stand in its module or whose module it hands on."""
    if not type_.fields:
        return (type_.header,)
    first, *others = circle(type_, model)
    return tuple(item.header for item in ((first, *others) if first == type_ else (type_, first)))
