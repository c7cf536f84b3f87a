"""Whether a log is SARIF."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

SCHEMA = Path(__file__).parents[1] / "sarif/sarif-2.1.0-rtm.5.schema.json"


def check_sarif(document: Any) -> None:
    """Hold a log to the schema of SARIF 2.1.0. Raises `ValidationError`."""
    _validator().validate(document)


@cache
def _validator() -> Any:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    # As it was published it is no regular expression: a bracket is closed that was not opened. We say no language.
    for part in ("run", "toolComponent"):
        del schema["definitions"][part]["properties"]["language"]["pattern"]
    return jsonschema_rs.validator_for(schema, validate_formats=True)
