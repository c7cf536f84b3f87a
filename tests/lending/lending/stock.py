"""Where copies stand: what `lending.copy.move` promises."""

from generated.lending.copy import Copy
from generated.lending.copy_move import CopyMoveInput, CopyMoveOutput, CopyUnknown
from treaty_runtime.unit_of_work import UnitOfWork


async def move(uow: UnitOfWork, payload: CopyMoveInput, /) -> CopyMoveOutput:
    """Put a copy somewhere else."""
    copy = await uow.session.get(Copy, payload.copy_, with_for_update=True)
    if copy is None:
        raise CopyUnknown
    moved = (copy.shelf, copy.order) != (payload.shelf, payload.order)
    copy.shelf, copy.order, copy.weight = payload.shelf, payload.order, payload.weight
    return CopyMoveOutput(copy_=copy.id, shelf=copy.shelf, order=copy.order, moved=moved)
