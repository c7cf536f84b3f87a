"""The header of a contract: what every kind says of itself."""

from __future__ import annotations

from datetime import date

from treaty.contract.base import Contract
from treaty.contract.kinds import AnyContract
from treaty.contract.parse import Parsed
from treaty.resolve.defaults import Merged
from treaty.resolve.model import Header


def header(parsed: Parsed[AnyContract], merged: Merged) -> Header:
    """The header of `parsed`, completed by the folders above it."""
    contract: Contract = parsed.contract
    return Header(
        kind=parsed.contract.kind,
        key=parsed.key,
        namespace=parsed.namespace,
        name=parsed.name,
        version=contract.version,
        stability=merged.stability,
        owners=merged.owners,
        tags=merged.tags,
        description=contract.description,
        path=parsed.document.path,
        at=parsed.at(),
        deprecated=_date(getattr(contract, "deprecated", None)),
        sunset=_date(getattr(contract, "sunset", None)),
    )


def _date(text: str | None) -> date | None:
    """A date that may be none, such as the 31st of June: a rule says so."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
