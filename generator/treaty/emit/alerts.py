"""`alerts.yaml`: rules for Prometheus that tell the owners of an operation when its service level is in danger.

The owners of a webhook are told when events wait for somebody.

What may fail within the window is its budget. It burns at rate 1 when it would just last. An alert looks at a long
window, so that what it tells matters, and at a short one, so that it ends soon after the trouble does; the rates are
those of Google's "Site Reliability Workbook", chapter 5, and the windows grow and shrink with the service level's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from treaty.emit.render import render
from treaty.emit.scope import ORIGIN_OF_ALL
from treaty.emit.service_levels import percent, seconds
from treaty.resolve.model import Model, Operation, Webhook
from treaty.resolve.service_levels import ServiceLevel

__all__ = ["emit_alerts"]

# How fast the budget burns, and the long window: so many hours of a service level's 30 days. At 14.4 times its rate,
# one hour takes 2 % of the budget.
_BURNS = {
    "page": ((Decimal("14.4"), 1), (Decimal(6), 6)),
    "ticket": ((Decimal(3), 24), (Decimal(1), 72)),
}
_HOURS = 720
_SHORT = 12  # the short window is this part of the long one
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_DAY = 86_400
# What YAML 1.1 takes for the end of a line or refuses, and JSON leaves as it is.
_ESCAPED = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff]")


# The queues are those of all webhooks: the database is asked how much waits.
_OF_WEBHOOKS = (
    (
        "WebhookGivenUp",
        "page",
        'max(treaty_queue_waiting{queue="webhooks_given_up"}) > 0',
        "events were tried in vain and wait for somebody; see `treaty webhooks list --state failed`.",
    ),
    (
        "WebhookJobsGivenUp",
        "page",
        'max(treaty_queue_waiting{queue="jobs_failed"}) > 0',
        "jobs were tried in vain and wait for somebody; see `treaty jobs list --state failed`.",
    ),
    (
        "WebhookLags",
        "page",
        'max(treaty_queue_oldest_seconds{queue="webhooks"}) > 300',
        "events wait for a worker for more than five minutes.",
    ),
    (
        "WebhookNotUnderstood",
        "ticket",
        'max(treaty_queue_waiting{queue=~"webhooks_unmatched|webhooks_unreadable"}) > 0',
        "events are of nobody who is known here, or not what they should be; see `treaty webhooks list`.",
    ),
    (
        "WebhookRefuses",
        "ticket",
        'sum(increase(treaty_webhook_deliveries_total{webhook="WEBHOOK",outcome=~"missing|wrong|old|future"}[1h])) > 9',
        "requests are not signed, or not now: somebody tries, a secret is not the sender's, or clocks differ.",
    ),
)


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert, ready to be printed."""

    name: str
    severity: str
    expression: str
    summary: str


@dataclass(frozen=True, slots=True)
class GroupView:
    """The alerts of one contract; texts are quoted for YAML."""

    name: str
    operation: str
    owner: str
    runbook: str | None
    alerts: tuple[AlertView, ...]


@dataclass(frozen=True, slots=True)
class _Objective:
    """What may be missed: its share, what happens then, and what misses it in a window."""

    alert: str
    promised: Decimal
    trouble: str
    missed: str


def emit_alerts(model: Model) -> str | None:
    """The rules file; `None` when no contract has a service level, and there is no webhook."""
    groups = [
        _group(operation, operation.service_level) for operation in model.operations.values() if operation.service_level
    ]
    groups += [_webhook_group(webhook) for webhook in model.webhooks.values()]
    if not groups:
        return None
    return render("alerts.yaml.jinja", origin=ORIGIN_OF_ALL.splitlines(), groups=groups)


def _group(operation: Operation, level: ServiceLevel) -> GroupView:
    key = operation.header.key
    return GroupView(
        name=_text(key),
        operation=_text(key),
        owner=_text(", ".join(operation.header.owners)),
        runbook=_text(level.runbook),
        alerts=tuple(_alerts(key, level)),
    )


def _webhook_group(webhook: Webhook) -> GroupView:
    key = webhook.header.key
    return GroupView(
        name=_text(key),
        operation=_text(key),
        owner=_text(", ".join(webhook.header.owners)),
        runbook=None,
        alerts=tuple(
            AlertView(alert, severity, expression.replace("WEBHOOK", key), _text(f"{key}: {trouble}"))
            for alert, severity, expression, trouble in _OF_WEBHOOKS
        ),
    )


def _alerts(key: str, level: ServiceLevel) -> Iterator[AlertView]:
    for objective in _objectives(key, level):
        for severity in _BURNS:
            burns = list(_burns(severity, objective, level))
            if burns:
                yield AlertView(
                    name=objective.alert,
                    severity=severity,
                    expression="\nor\n".join(burns),
                    summary=_text(_summary(key, objective, level, severity)),
                )


def _objectives(key: str, level: ServiceLevel) -> Iterator[_Objective]:
    if level.availability is not None:
        failed = f'treaty_requests_total{{operation="{key}",status=~"5.."}}'
        all_of_them = f'treaty_requests_total{{operation="{key}"}}'
        yield _Objective(
            "ServiceLevelAvailability",
            level.availability,
            "fails too often",
            f"sum(rate({failed}[WINDOW])) / sum(rate({all_of_them}[WINDOW]))",
        )
    if level.latency_share is not None and level.latency_milliseconds is not None:
        histogram, labels = "treaty_request_duration_seconds", f'operation="{key}",outcome="success"'
        fast = f'{histogram}_bucket{{{labels},le="{seconds(level.latency_milliseconds)}"}}'
        yield _Objective(
            "ServiceLevelLatency",
            level.latency_share,
            f"takes longer than {level.latency_milliseconds} ms too often",
            f"1 - sum(rate({fast}[WINDOW])) / sum(rate({histogram}_count{{{labels}}}[WINDOW]))",
        )


def _burns(severity: str, objective: _Objective, level: ServiceLevel) -> Iterator[str]:
    """One condition for each rate; a rate at which more than all requests would have to fail says nothing."""
    budget = 1 - objective.promised
    for rate, hours in _BURNS[severity]:
        if rate * budget >= 1:
            continue
        long = level.window_days * _DAY * hours // _HOURS
        windows = (_duration(long), _duration(long // _SHORT))
        limit = f"{(rate * budget).normalize():f}"
        both = "\n  and\n".join(f"  {objective.missed.replace('WINDOW', window)} > {limit}" for window in windows)
        yield f"(\n{both}\n)"


def _summary(key: str, objective: _Objective, level: ServiceLevel, severity: str) -> str:
    pace = "much faster" if severity == "page" else "faster"
    return (
        f"{key} {objective.trouble}: what may miss its {percent(objective.promised)} in {level.window_days} days is "
        f"used up {pace} than it may be."
    )


def _duration(seconds_: int) -> str:
    """A duration as PromQL writes it: `1h`, `1m10s`."""
    said = ""
    for unit, size in _UNITS:
        count, seconds_ = divmod(seconds_, size)
        said += f"{count}{unit}" if count else ""
    return said


def _text(text: str) -> str:
    """A text for YAML that Prometheus takes as it is: not as a template, either."""
    plain = text.replace("{{", '{{ "{{" }}')
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(plain, ensure_ascii=False))
