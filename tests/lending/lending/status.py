"""A sign of life: what `lending.status` promises."""

from generated.lending.status import StatusInput, StatusOutput
from treaty_runtime.unit_of_work import UnitOfWork

MOTTO = "Ex libris: \"{{ books }}\" \\ {'and'} more — 本 📚"


async def run(uow: UnitOfWork, _: StatusInput, /) -> StatusOutput:
    """Say what time it is here, and the motto."""
    return StatusOutput(now=uow.now, motto=MOTTO)
