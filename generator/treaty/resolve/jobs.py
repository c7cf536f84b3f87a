"""Jobs, linked."""

from __future__ import annotations

from collections.abc import Mapping

from treaty import names
from treaty.contract.job import JobContract
from treaty.contract.parse import Parsed
from treaty.contract.spelling import suggestion
from treaty.resolve.acceptance import scenarios
from treaty.resolve.context import Context
from treaty.resolve.durations import seconds
from treaty.resolve.fields import FieldReader
from treaty.resolve.model import Event, Field, Header, Job, Schedule
from treaty.resolve.operations import emits_of, output_of


def job(parsed: Parsed[JobContract], header: Header, events: Mapping[str, Event], context: Context) -> Job:
    """A job: when it runs, for whom, what it takes and tells. What follows an event takes its payload."""
    contract = parsed.contract
    class_name = names.class_name(parsed.name)
    reader = FieldReader(context, parsed)
    on = context.reference(contract.on, parsed.namespace, ("event",), parsed.at("on")) if contract.on else None
    own = reader.read(contract.input, ("input",), f"{class_name}Input")
    fields = events[on].payload if on is not None and on in events else own
    schedule = contract.schedule
    return Job(
        header=header,
        module=names.module(parsed.namespace, parsed.name),
        class_name=class_name,
        implementation=names.implementation(parsed.namespace, parsed.name, contract.handler),
        goal=contract.goal,
        context=contract.context,
        schedule=Schedule(cron=schedule.cron, zone=schedule.zone) if schedule else None,
        on=on,
        each_tenant=contract.tenant == "each",
        input=fields,
        output=output_of(parsed, reader, class_name, context),
        once=_once(parsed, fields, context),
        attempts=contract.retry.attempts,
        backoff_seconds=seconds(contract.retry.backoff),
        timeout_seconds=seconds(contract.timeout),
        emits=emits_of(parsed, context),
        audit=contract.audit,
        scenarios=scenarios(parsed),
    )


def _once(parsed: Parsed[JobContract], fields: tuple[Field, ...], context: Context) -> Field | None:
    name = parsed.contract.once
    if parsed.contract.on and not fields:
        return None  # the event could not be understood
    found = next((field for field in fields if field.name == name), None)
    if name is not None and found is None:
        meant = suggestion(name, [field.name for field in fields])
        context.complain(
            parsed.at("once"),
            "field-unknown",
            f"`once` names `{name}`, and the input has no such field.",
            f"Did you mean `{meant}`?" if meant else f"Add `{name}: string` to `input`.",
        )
    return found
