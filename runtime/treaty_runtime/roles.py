"""The three database roles, and where each finds the database.

*owner* owns the tables and migrates. *app* serves requests, under row-level security. *system* does what spans tenants:
it looks up keys and memberships, relays events, writes the audit of refusals, deletes what is old.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["APP", "OWNER", "SYSTEM", "DatabaseUrls"]

OWNER = "treaty_owner"
APP = "treaty_app"
SYSTEM = "treaty_system"


@dataclass(frozen=True, slots=True, repr=False)
class DatabaseUrls:
    """One database, as each role reaches it (`postgresql://…`). Not printed: passwords may stand in it."""

    owner: str | None
    app: str
    system: str
