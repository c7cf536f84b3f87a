"""Group commit: calls that come while others are being served are served together, next.

A lone call waits for no timer. Nobody is answered before the transaction of the group has been committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from treaty_runtime.problems import refusal_of
from treaty_runtime.refusals import Unavailable

if TYPE_CHECKING:
    from treaty_runtime.calls import Call  # which knows the service, which knows the groups

__all__ = ["Groups", "Join", "Work", "alone"]

LARGEST_GROUP = 250  # as many as share one transaction; whoever waits for a group waits no longer than that takes

Work = Callable[[Sequence["Call"]], Awaitable[None]]
"""What is done for calls: afterwards each has what it asked for, or a setback. May raise what befalls all of them."""


class Join(Protocol):
    """Has a call served, alone or together with others of the same group."""

    async def __call__(self, group: Hashable, call: Call, work: Work, /) -> None:
        """Return when the work is done. Raises what befell the call."""


async def alone(_group: Hashable, call: Call, work: Work, /) -> None:
    """Serve a call by itself."""
    await work([call])
    if call.setback:
        raise call.setback


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    call: Call
    served: asyncio.Future[None]


class Groups:
    """Who is waiting for whom, in one process."""

    def __init__(self) -> None:
        """Nobody is waiting yet."""
        self._waiting: dict[Hashable, list[_Waiting]] = {}
        self._serving: set[asyncio.Task[None]] = set()

    async def join(self, group: Hashable, call: Call, work: Work, /) -> None:
        """Serve a call together with those of its group that come at the same time. `work` is the group's own."""
        member = _Waiting(call, asyncio.get_running_loop().create_future())
        if group in self._waiting:
            self._waiting[group].append(member)
        else:
            self._waiting[group] = [member]
            # In a task of its own: a caller that goes away must not take the others along.
            task = asyncio.create_task(self._serve(group, work))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        await member.served
        if call.setback:
            raise call.setback

    async def close(self) -> None:
        """Wait until everybody has been served."""
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, group: Hashable, work: Work) -> None:
        while waiting := self._waiting[group]:
            members, self._waiting[group] = _next(waiting)
            await _each(work, [member.call for member in members])
            for member in members:
                if not member.served.done():
                    member.served.set_result(None)
        del self._waiting[group]


def _next(waiting: Sequence[_Waiting]) -> tuple[list[_Waiting], list[_Waiting]]:
    """Who is served next and who after that: calls with one idempotency key follow one another."""
    members: list[_Waiting] = []
    later: list[_Waiting] = []
    keys: set[str] = set()
    for member in waiting:
        key = member.call.idempotency_key
        if len(members) == LARGEST_GROUP or key in keys:
            later.append(member)
            continue
        members.append(member)
        if key is not None:
            keys.add(key)
    return members, later


async def _each(work: Work, calls: Sequence[Call]) -> None:
    """Have the work done for all of them; when it fails as a whole, for one after the other, so that one fails alone.

    A database that can't be reached is not asked again for each of them.
    """
    try:
        await work(calls)
    except Exception as error:
        if len(calls) == 1 or isinstance(refusal_of(error), Unavailable):
            for call in calls:
                call.setback = error
            return
        for call in calls:
            call.start_over()
            await _each(work, [call])
