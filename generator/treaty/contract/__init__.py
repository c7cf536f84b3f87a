"""What authors write: one pydantic model per kind, closed and documented."""
