"""What an operator must put right: one exception hierarchy, each message a sentence and what to do.

    OperatorError
        SettingsError            an environment variable is missing or wrong
        EmbeddedPostgresError    the embedded PostgreSQL cannot be made or started
        DatabaseError            the database cannot be reached, or its role may too much
        MigrationError           a revision cannot be written or applied

Commands print the message alone and exit with 1. What a caller of the service did wrong is a `Refusal`.
"""

from __future__ import annotations

__all__ = ["DatabaseError", "EmbeddedPostgresError", "MigrationError", "OperatorError", "SettingsError"]


class OperatorError(Exception):
    """Something outside the program is not as it must be; the message says what to do."""


class SettingsError(OperatorError):
    """An environment variable is missing or wrong."""


class EmbeddedPostgresError(OperatorError):
    """The embedded PostgreSQL cannot be made or started."""


class DatabaseError(OperatorError):
    """The database cannot be reached, or the role that connects may more than it should."""


class MigrationError(OperatorError):
    """A revision cannot be written or applied."""
