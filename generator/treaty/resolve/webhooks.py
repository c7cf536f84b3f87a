"""Webhooks, linked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from treaty import names
from treaty.contract.parse import Parsed
from treaty.contract.spelling import respelling, suggestion
from treaty.contract.webhook import HandlesSpec, WebhookContract
from treaty.resolve.acceptance import scenarios
from treaty.resolve.context import Context
from treaty.resolve.durations import seconds
from treaty.resolve.model import Entity, Given, Handling, Header, Job, Webhook, WebhookTenant
from treaty.resolve.operations import http_of
from treaty.source.document import Path


def webhook(
    parsed: Parsed[WebhookContract],
    header: Header,
    jobs: Mapping[str, Job],
    tenant: Entity | None,
    context: Context,
) -> Webhook:
    """A webhook: who sends, whose events are, and which jobs are done after which."""
    contract = parsed.contract
    http = http_of(parsed, context)
    module, _, function = (contract.fetch or "").partition(":")
    return Webhook(
        header=header,
        module=names.module(parsed.namespace, parsed.name),
        class_name=names.class_name(parsed.name),
        goal=contract.goal,
        context=contract.context,
        method=http.method,
        http_path=http.path,
        provider=contract.provider,
        tolerance_seconds=seconds(contract.tolerance),
        keep_seconds=seconds(contract.keep),
        tenant=_tenant(parsed, tenant, context),
        fetch=(module, function) if contract.fetch else None,
        handles=tuple(
            handling
            for position, spec in enumerate(contract.handles)
            if (handling := _handling(parsed, spec, position, jobs, context))
        ),
        scenarios=scenarios(parsed),
    )


def _tenant(parsed: Parsed[WebhookContract], entity: Entity | None, context: Context) -> WebhookTenant | None:
    spec = parsed.contract.tenant
    if spec is None or entity is None:  # a rule complains where there is no tenant
        return None
    found = next((field for field in entity.fields if field.name == spec.by), None)
    if found is None:
        known = [field.name for field in entity.fields]
        meant = suggestion(spec.by, known)
        at = parsed.at("tenant", "by")
        context.complain(
            at,
            "field-unknown",
            f"`{entity.header.name}` has no field `{spec.by}`.",
            f"Did you mean `{meant}`?" if meant else f"Add `{spec.by}: optional string` to it, and make it `unique`.",
            respelling(at, spec.by, known),
        )
        return None
    return WebhookTenant(by=found, where=spec.from_)


def _handling(
    parsed: Parsed[WebhookContract], spec: HandlesSpec, position: int, jobs: Mapping[str, Job], context: Context
) -> Handling | None:
    path: Path = ("handles", position)
    key = context.reference(spec.job, parsed.namespace, ("job",), parsed.at(*path, "job"))
    if key is None or key not in jobs:  # a job that could not be understood
        return None
    return Handling(
        events=spec.events,
        job=key,
        given=tuple(_given(parsed, spec, (*path, "input"), jobs[key], context)),
        tenant=spec.tenant,
        position=position,
    )


def _given(
    parsed: Parsed[WebhookContract], spec: HandlesSpec, path: Path, job: Job, context: Context
) -> Iterator[Given]:
    fields = {field.name: field for field in job.input}
    for name, where in spec.input.items():
        if name in fields:
            yield Given(field=fields[name], path=where, at=parsed.at(*path, name))
            continue
        meant = suggestion(name, fields)
        at = parsed.key_at(*path, name)
        context.complain(
            at,
            "field-unknown",
            f"The input of `{job.header.key}` has no field `{name}`.",
            f"Did you mean `{meant}`?" if meant else f"Its fields: {', '.join(fields) or 'none'}.",
            respelling(at, name, fields),
        )
