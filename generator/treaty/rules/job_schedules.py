"""A schedule means certain times, and can give the job all that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from treaty.json_schema import is_required
from treaty.resolve.model import Field, Job, Schedule
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at the schedule of every job that has one, and at the input that nobody but the schedule gives."""
    for key, job in book.model.jobs.items():
        if job.schedule and job.on is None:
            owner = book.parsed(key)
            if not _is_cron(job.schedule.cron):
                yield Finding(
                    owner.at("schedule", "cron"),
                    f"`{job.schedule.cron}` means no time at all.",
                    "Write minute (0-59), hour (0-23), day (1-31), month (1-12), day of the week (0-6, from Sunday).",
                )
            if not _is_zone(job.schedule):
                yield Finding(
                    owner.at("schedule", "zone"),
                    f"There is no time zone `{job.schedule.zone}`.",
                    "Write a name of the IANA database, such as `UTC` or `Europe/Berlin`.",
                )
            for field in _not_given(book, job):
                yield Finding(
                    field.at,
                    f"A schedule can't give `{field.name}`.",
                    _hint(book, job),
                )


def _is_cron(line: str) -> bool:
    from croniter import croniter  # here, because only projects with schedules need to wait for it

    return bool(croniter.is_valid(line)) and _comes(line)


def _comes(line: str) -> bool:
    """Whether there is such a day: the 31st of June is none."""
    from croniter import CroniterBadDateError, croniter

    try:
        croniter(line).get_next()
    except CroniterBadDateError:
        return False
    return True


def _is_zone(schedule: Schedule) -> bool:
    try:
        ZoneInfo(schedule.zone)
    except (KeyError, ValueError, OSError):  # not found, not a name, a folder of names
        return False
    return True


def _not_given(book: Book, job: Job) -> Iterator[Field]:
    tenant = book.model.tenant_field(job)
    for field in job.input:
        if field is not tenant and is_required(field):
            yield field


def _hint(book: Book, job: Job) -> str:
    name = book.model.tenant_field_name
    if name and job.each_tenant:
        return f"Make it optional, or give it a default: a schedule knows `{name}` only."
    return "Make it optional, or give it a default: a schedule knows nothing but the time."


RULE = Rule("job-schedule", "What nobody asks for must be able to run without being asked.", check)
