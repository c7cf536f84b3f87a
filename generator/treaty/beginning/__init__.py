"""How things begin: a project from nothing (`treaty init`), a contract from its key (`treaty new`)."""


class BeginningError(Exception):
    """It can't be begun; the message says why, and what to do."""
