"""A job that works for each tenant needs tenants, and the field that names its tenant holds one."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.json_schema import is_required
from treaty.resolve.model import Scalar
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at `tenant` of every job, and at the field of its input that is called like the tenant's id."""
    for key, job in book.model.jobs.items():
        if not job.each_tenant:
            continue
        field = book.model.tenant_field(job)
        if book.model.tenant_entity is None:
            if not book.contracts.broken:
                yield Finding(
                    book.parsed(key).at("tenant"),
                    "No entity is the tenant.",
                    "Write `tenant: none`, or `tenant: id` in the entity whose rows are the tenants.",
                )
        elif field and field.at not in book.unresolved and (field.type != Scalar("uuid") or not is_required(field)):
            yield Finding(
                field.at,
                f"`{field.name}` is the tenant that the job works for.",
                f"Write `{field.name}: uuid`, or give the field another name.",
            )


RULE = Rule("job-tenant", "A job sees the rows of one tenant, and has to be told the same one.", check)
