"""What the vocabulary cannot say."""

from collections.abc import Mapping
from typing import Any

from treaty_runtime.acceptance import World


async def blow(world: World, values: Mapping[str, Any]) -> None:
    """A storm takes as many letters with it as it is strong."""
    for number in range(values["force"]):
        await world.call("post.letter.post", {"code": f"storm-{number}", "grams": 1})


def remembers(world: World, values: Mapping[str, Any]) -> None:
    """The letter of this code answers another one."""
    if world.value(f"{values['code']}.answers") is None:
        world.broke([f"promised that {values['code']} answers a letter, but it answers none"])
