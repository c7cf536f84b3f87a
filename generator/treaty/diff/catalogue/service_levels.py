"""D64: how well an operation is served."""

from __future__ import annotations

from treaty.diff.base import ChangeClass, Reader, Severity

PROMISED_LESS = ChangeClass(
    id="D641",
    name="service-level-lowered",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=(
        "OperationContract.slo",
        "ServiceLevelSpec.availability",
        "ServiceLevelSpec.latency",
        "LatencySpec.of",
        "LatencySpec.under",
    ),
    reason="Who counts on it fails or waits more often, and nobody is alerted for what was too much before.",
)
PROMISED_MORE = ChangeClass(
    id="D642",
    name="service-level-raised",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=(
        "OperationContract.slo",
        "ServiceLevelSpec.availability",
        "ServiceLevelSpec.latency",
        "LatencySpec.of",
        "LatencySpec.under",
    ),
    reason="It is to be served better than before; alerts come earlier.",
)
WINDOW_CHANGED = ChangeClass(
    id="D643",
    name="service-level-window-changed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=("ServiceLevelSpec.window",),
    reason="The same share may be missed, over another time.",
)
RUNBOOK_CHANGED = ChangeClass(
    id="D644",
    name="runbook-changed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=("ServiceLevelSpec.runbook",),
    reason="Alerts lead to another page.",
    quiet=True,
)
