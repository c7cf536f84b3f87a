"""Logs: one JSON object a line, this code's and its libraries'. No bodies, no tokens, no sensitive values."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Collection
from typing import Any

import pydantic
import sqlalchemy.exc
import structlog

from treaty_runtime.sensitive import blackened

__all__ = ["configure", "failure"]

# They tell every request again, with addresses that may hold secrets; Stripe's SDK tells bodies, too.
QUIET = ("httpx", "httpcore", "stripe", "uvicorn.access")


def configure(level: str = "info") -> None:
    """Write JSON lines to standard output, from `level` on."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _exception_as_failure,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    handler.addFilter(_tells_no_job)
    logging.basicConfig(level=level.upper(), handlers=[handler])
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _tells_no_job(record: logging.LogRecord) -> bool:
    """Procrastinate tells every job again, with its arguments."""
    return not (
        record.name.startswith("procrastinate") and (hasattr(record, "job") or record.levelno < logging.WARNING)
    )


def failure(error: BaseException, secrets: Collection[str] = ()) -> dict[str, Any]:
    """An exception for the log: what it was, where it came from, what caused it. It shows none of `secrets`."""
    message = blackened(_message(error), secrets)
    said: dict[str, Any] = {"error": type(error).__name__, "message": message, "where": _frames(error)}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        said["cause"] = failure(cause, secrets)
    return said


def _message(error: BaseException) -> str:
    """Databases and validators quote the values that they refuse: of theirs, only what names no value is kept."""
    match error:
        case pydantic.ValidationError():
            errors = error.errors(include_url=False, include_input=False, include_context=False)
            return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in errors)
        case sqlalchemy.exc.DBAPIError():
            return _database_message(error.orig)
        case _ if getattr(error, "diag", None) is not None:
            return _database_message(error)
        case _:
            return str(error)


def _database_message(error: BaseException | None) -> str:
    diagnosis = getattr(error, "diag", None)
    if diagnosis is None or diagnosis.message_primary is None:
        return f"{type(error).__name__}: {error}"
    place = " ".join(name for name in (diagnosis.table_name, diagnosis.column_name, diagnosis.constraint_name) if name)
    return f"{type(error).__name__} {diagnosis.sqlstate}" + (f" at {place}" if place else "")


def _frames(error: BaseException) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


def _exception_as_failure(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Libraries log exceptions with their text; write them as ours are written."""
    event.pop("color_message", None)  # uvicorn says everything twice
    raised = event.pop("exc_info", None)
    if isinstance(raised, tuple) and isinstance(raised[1], BaseException):
        event["failure"] = failure(raised[1])
    return event
