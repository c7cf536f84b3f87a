"""What the vocabulary cannot say about the catalogue."""

from collections.abc import Mapping
from typing import Any

from treaty_runtime.acceptance.world import World


async def languages_are(world: World, values: Mapping[str, Any]) -> None:
    """Every book that was found is in one of the languages `among`, and there are some."""
    found = {book["language"] for book in world.exchange.field("books")}
    if not found or not found <= set(values["among"]):
        world.broke([f"promised books in {values['among']}, but answered with {sorted(found)}"])
