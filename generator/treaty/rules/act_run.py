"""A phrase runs jobs with the input that they need, for tenants where they work for tenants."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.contract.spelling import suggestion
from treaty.contract.vocabulary import RunAct
from treaty.json_schema import is_required
from treaty.resolve.model import Job
from treaty.rules.act_call import unknown_fields
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, PhrasePlace
from treaty.rules.fit import Known
from treaty.source.document import Path


def check(book: Book) -> Iterator[Finding]:
    """Compare what `run` says with the job's tenant and input."""
    for place in book.phrases:
        for position, act in enumerate(place.phrase.acts):
            job = book.model.jobs.get(act.run) if isinstance(act, RunAct) else None
            if isinstance(act, RunAct) and job:
                path = place.act_path(position)
                yield from _tenant(place, path, job, act)
                yield from _unknown(book, place, (*path, "input"), job, act)
                yield from _missing(book, place, (*path, "run"), job, act)


def _tenant(place: PhrasePlace, path: Path, job: Job, act: RunAct) -> Iterator[Finding]:
    if act.tenant is not None and not job.each_tenant:
        yield Finding(
            place.owner.key_at(*path, "tenant"),
            f"`{job.header.key}` works for no tenant.",
            "Delete `tenant` here, or write `tenant: each` in the job.",
        )


def _unknown(book: Book, place: PhrasePlace, path: Path, job: Job, act: RunAct) -> Iterator[Finding]:
    known = Known(book.model, job.input)
    for inner in unknown_fields(known, act.input, ()):
        names = [field.name for field in known.at(inner[:-1])]
        meant = suggestion(str(inner[-1]), names)
        hint = f"Did you mean `{meant}`?" if meant else f"Its fields: {', '.join(names) or 'none'}."
        yield Finding(
            place.owner.key_at(*path, *inner), f"The input of `{job.header.key}` has no field `{inner[-1]}`.", hint
        )


def _missing(book: Book, place: PhrasePlace, path: Path, job: Job, act: RunAct) -> Iterator[Finding]:
    given = {*act.input, *filter(None, [tenant.name if (tenant := book.model.tenant_field(job)) else None])}
    for field in job.input:
        if is_required(field) and field.name not in given:
            yield Finding(
                place.owner.at(*path),
                f"`{job.header.key}` can't run without `{field.name}`.",
                f"Write `input: {{{field.name}: …}}` beside `run`.",
            )


RULE = Rule("act-run", "A job that is enqueued wrongly in a scenario proves nothing about the right one.", check)
