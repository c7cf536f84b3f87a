"""What the service logs while scenarios run: kept aside, shown beside an answer that should not have been."""

from __future__ import annotations

import io
import logging

from treaty_runtime.logging import configure

__all__ = ["ServiceLog"]


class ServiceLog:
    """The service's log, line by line, in memory."""

    def __init__(self) -> None:
        self._text = io.StringIO()

    def attach(self) -> None:
        """Take the log from now on; nothing of it reaches the terminal."""
        configure("info")
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(self._text)

    def position(self) -> int:
        """Where the log ends now."""
        return len(self._text.getvalue())

    def since(self, position: int) -> str:
        """What was logged after `position`."""
        return self._text.getvalue()[position:].strip()

    def clear(self) -> None:
        """Forget everything."""
        self._text.seek(0)
        self._text.truncate()
