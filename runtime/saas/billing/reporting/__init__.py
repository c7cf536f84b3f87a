"""Usage, reported from the ledger to a billing backend: once, whatever dies meanwhile, and compared every night.

`claiming` puts records into batches, `sending` sends these to the `backend` (Stripe), `explaining` hears what was
wrong, `reconciling` compares both sides.
"""

from saas.billing.reporting.claiming import claim
from saas.billing.reporting.explaining import explain, mark
from saas.billing.reporting.reconciling import reconcile
from saas.billing.reporting.sending import send

__all__ = ["claim", "explain", "mark", "reconcile", "send"]
