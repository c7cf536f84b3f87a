"""The nightly comparison of totals with the ledger: `reconcile`."""

from __future__ import annotations

from generated.saas.billing.reconcile import ReconcileInput, ReconcileOutput
from saas.billing import rebuilding
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["run"]


async def run(uow: UnitOfWork, _payload: ReconcileInput, /) -> ReconcileOutput:
    """Heal totals that differ. Where none does, as on most nights, nobody has to wait for anything."""
    if not await rebuilding.differences(uow):
        return ReconcileOutput(differences=0, healed=0)
    rebuilt = await rebuilding.rebuild(uow)
    return ReconcileOutput(differences=rebuilt.differences, healed=rebuilt.healed)
