"""`treaty jobs`: look after the queue."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from treaty_runtime.commands import opening

if TYPE_CHECKING:
    from treaty_runtime.jobs.inspection import State, WaitingJob

__all__ = ["discard", "moment", "retry", "show", "show_all"]

JobId = Annotated[int, typer.Argument(help="The job's number, as `treaty jobs list` shows it.", show_default=False)]
LONGEST = 100  # of what is said in a line


class JobState(StrEnum):
    """What a job may be doing."""

    WAITING = "waiting"
    RUNNING = "running"
    FAILED = "failed"
    DONE = "done"


_STATES: dict[JobState, State] = {
    JobState.WAITING: "waiting",
    JobState.RUNNING: "running",
    JobState.FAILED: "failed",
    JobState.DONE: "done",
}


def show_all(
    state: Annotated[
        list[JobState] | None, typer.Option(help="Only those. May be repeated; all when left out.", show_default=False)
    ] = None,
    job: Annotated[
        str | None, typer.Option(help="Only jobs of this contract, by its key.", metavar="KEY", show_default=False)
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most, the newest first.")] = 50,
) -> None:
    """Show what waits, runs, was done in the last week, and was given up."""
    for found in asyncio.run(_list([_STATES[item] for item in state or ()], job, most)):
        typer.echo(_line(found))


def show(job_id: JobId) -> None:
    """Show one job with its input and what became of it, without what is sensitive."""
    typer.echo("\n".join(_lines(asyncio.run(_one(job_id)))))


def retry(job_id: JobId) -> None:
    """Have a job that failed tried again, now, as often as its contract says."""
    typer.echo(f"Waits again: {_line(asyncio.run(_retry(job_id)))}")


def discard(job_id: JobId) -> None:
    """Give a job up that waits or failed: it is deleted."""
    typer.echo(f"Discarded: {_line(asyncio.run(_discard(job_id)))}")


def _line(job: WaitingJob) -> str:
    when = {"waiting": job.due_at, "failed": job.failed_at, "done": job.done_at}.get(job.state)
    tenant = f" tenant {job.tenant}" if job.tenant else ""
    said = f" {job.failures} failed: {job.error[:LONGEST]}" if job.error else ""
    return f"{job.id:>6} {job.state:<7} {moment(when):<20} {job.key}{tenant}{said}"


def _lines(job: WaitingJob) -> list[str]:
    facts = {
        "job": f"{job.id} {job.key}",
        "state": job.state,
        "tenant": job.tenant,
        "request": job.request_id,
        "input": json.dumps(job.input, ensure_ascii=False),
        "due": moment(job.due_at),
        "failures": job.failures or None,
        "failed": moment(job.failed_at),
        "error": job.error,
        "done": moment(job.done_at),
        "output": json.dumps(job.output, ensure_ascii=False) if job.output is not None else None,
    }
    return [f"{name:<9} {value}" for name, value in facts.items() if value]


def moment(at: datetime | None) -> str:
    """A moment as these commands write it; nothing when there is none."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""


async def _list(states: list[State], key: str | None, most: int) -> list[WaitingJob]:
    from treaty_runtime.jobs.inspection import jobs_in

    async with opening.opened_service() as service:
        return await jobs_in(service, states, key, most)


async def _one(job_id: int) -> WaitingJob:
    from treaty_runtime.jobs.inspection import one_job

    async with opening.opened_service() as service:
        return await one_job(service, job_id)


async def _retry(job_id: int) -> WaitingJob:
    from treaty_runtime.jobs.inspection import retry as retry_job

    async with opening.opened_service() as service:
        return await retry_job(service, job_id)


async def _discard(job_id: int) -> WaitingJob:
    from treaty_runtime.jobs.inspection import discard as discard_job

    async with opening.opened_service() as service:
        return await discard_job(service, job_id)
