"""schemathesis, every check on, against a running service."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.support.project import Service

__all__ = ["Found", "fuzz"]

# Limits are proved elsewhere; here they would only hide what lies behind them.
HOOKS = """
import os

import psycopg
import schemathesis

connection = psycopg.connect(os.environ["FUZZ_DATABASE"], autocommit=True)


@schemathesis.hook
def before_call(context, case, kwargs):
    connection.execute("DELETE FROM treaty.rate_limit")
    connection.execute("DELETE FROM treaty.failed_attempt")
"""

CONFIGURATION = """
hooks = {hooks}
seed = {seed}
continue-on-failure = true
request-timeout = 30
workers = 1

[generation]
max-examples = {examples}
database = "none"

[checks]
enabled = true

[phases.stateful]
enabled = true

[auth.openapi.{scheme}]
bearer = {token}

[reports.ndjson]
path = {report}
"""


class Found:
    """What a run did and what it found."""

    def __init__(self, said: str, code: int, report: Path) -> None:
        self.said = said
        self.nothing = code == 0
        self.cases = Counter(_answered(report))


def fuzz(service: Service, token: str, folder: Path, *, examples: int, seed: int = 1) -> Found:
    """Send `examples` requests to each operation and more from examples, edges and chains of operations."""
    document = json.loads((service.project.folder / "generated" / "openapi.json").read_bytes())
    (scheme,) = document["components"]["securitySchemes"]
    hooks, report, configuration = folder / "fuzz_hooks.py", folder / "report.ndjson", folder / "schemathesis.toml"
    hooks.write_text(HOOKS)
    configuration.write_text(
        CONFIGURATION.format(
            hooks=json.dumps("fuzz_hooks"), seed=seed, examples=examples, scheme=scheme, token=json.dumps(token),
            report=json.dumps(str(report)),
        )
    )  # fmt: skip
    said = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), "--config-file", configuration, "run", f"{service.address}/openapi.json"],
        cwd=folder, env={"PYTHONPATH": str(folder), "FUZZ_DATABASE": service.database.superuser, "HOME": str(folder)},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    return Found(said.stdout, said.returncode, report)
