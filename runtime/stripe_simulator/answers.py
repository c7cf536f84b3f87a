"""Answers that are not an object: pages and ways to other pages."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Html", "Redirect"]


@dataclass(frozen=True, slots=True)
class Html:
    """A page for a browser."""

    text: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on there."""

    url: str
