"""D95: webhooks: what others tell, and what is done after it. Those who send know an address and a secret."""

from __future__ import annotations

from treaty.diff.base import ChangeClass, Severity

_HANDLES = ("WebhookContract.handles", "HandlesSpec.events", "HandlesSpec.job")

WEBHOOK_REMOVED = ChangeClass(
    id="D951",
    name="webhook-removed",
    reader=None,
    severity=Severity.BREAKING,
    words=("Contract.key", "WebhookContract.kind"),
    reason="Whoever sends finds nothing there; what happens elsewhere is not heard of any more.",
)
WEBHOOK_ADDED = ChangeClass(
    id="D952",
    name="webhook-added",
    reader=None,
    severity=Severity.SAFE,
    words=("Contract.key", "WebhookContract.kind"),
    reason="Nobody sends there yet.",
)
ADDRESS_CHANGED = ChangeClass(
    id="D953",
    name="webhook-address-changed",
    reader=None,
    severity=Severity.BREAKING,
    words=("WebhookContract.http", "WebhookContract.provider"),
    reason="Whoever sends knows the old address, and what is sent there until it is told the new one is refused.",
)
EVENT_HANDLED = ChangeClass(
    id="D954",
    name="webhook-event-handled",
    reader=None,
    severity=Severity.RISKY,
    words=_HANDLES,
    reason="A job is done after what was only stored until now.",
)
EVENT_NO_LONGER_HANDLED = ChangeClass(
    id="D955",
    name="webhook-event-no-longer-handled",
    reader=None,
    severity=Severity.BREAKING,
    words=(*_HANDLES, "WebhookContract.otherwise"),
    reason="What was done after the event is done no more; it is stored, and nobody looks at it.",
)
HANDLING_CHANGED = ChangeClass(
    id="D956",
    name="webhook-handling-changed",
    reader=None,
    severity=Severity.RISKY,
    words=(
        "HandlesSpec.input",
        "HandlesSpec.tenant",
        "WebhookContract.tenant",
        "WebhookTenantSpec.by",
        "WebhookTenantSpec.from",
        "WebhookContract.fetch",
    ),
    reason="The same event may be another tenant's, or have a job done with something else.",
)
TOLERANCE_CHANGED = ChangeClass(
    id="D957",
    name="webhook-tolerance-changed",
    reader=None,
    severity=Severity.RISKY,
    words=("WebhookContract.tolerance",),
    reason="Requests are refused that were taken, or may be repeated for longer by whoever overhears them.",
)
KEEP_SHORTENED = ChangeClass(
    id="D958",
    name="webhook-keep-shortened",
    reader=None,
    severity=Severity.RISKY,
    words=("WebhookContract.keep",),
    reason="An event that comes again late is worked on again, and what is old can't be replayed any more.",
)
KEEP_LENGTHENED = ChangeClass(
    id="D959",
    name="webhook-keep-lengthened",
    reader=None,
    severity=Severity.SAFE,
    words=("WebhookContract.keep",),
    reason="Events are known and can be replayed for longer.",
)
