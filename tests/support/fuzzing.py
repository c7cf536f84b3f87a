"""schemathesis, every check on, against a running service."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.project import Service

__all__ = ["Found", "fuzz"]

# A signature can't be made up: what is signed and strange is sent by tests/runtime_http/test_webhooks.py.
SIGNED = "^/webhooks/"
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

[phases.coverage]
enabled = {edges}

[phases.stateful]
enabled = true
generation.max-examples = {chains}

[auth.openapi.{scheme}]
bearer = {token}

[reports.ndjson]
path = {report}
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What a run found, in schemathesis' words, and how often each operation was answered with which status."""

    nothing: bool
    said: str
    answers: Mapping[str, Counter[int]]


def fuzz(service: Service, token: str, folder: Path, *, examples: int, edges: bool = True) -> Found:
    """Send `examples` requests to each operation, and more: its examples, chains of operations, and `edges`."""
    document = json.loads((service.project.folder / "generated" / "openapi.json").read_bytes())
    (scheme,) = document["components"]["securitySchemes"]
    hooks, report, configuration = folder / "fuzz_hooks.py", folder / "report.ndjson", folder / "schemathesis.toml"
    hooks.write_text(HOOKS)
    numbers = {"examples": examples, "chains": max(examples // 2, 5), "edges": edges, "seed": _seed()}
    values = {"hooks": "fuzz_hooks", "token": token, "report": str(report), **numbers}
    quoted = {name: json.dumps(value) for name, value in values.items()}
    configuration.write_text(CONFIGURATION.format(scheme=scheme, **quoted))
    url = f"{service.address}/openapi.json"
    said = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "--config-file", configuration, "run", url),
            *("--exclude-path-regex", SIGNED),
        ],
        cwd=folder, env={"PYTHONPATH": str(folder), "FUZZ_DATABASE": service.database.superuser, "HOME": str(folder)},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    return Found(said.returncode == 0, said.stdout, _answers(report))


def _seed() -> int:
    """Always the same one in the tests; with an empty variable another one each time, which the report names."""
    return int(os.environ.get("TREATY_FUZZ_SEED", "1") or secrets.randbelow(2**31))


def _answers(report: Path) -> dict[str, Counter[int]]:
    answers: dict[str, Counter[int]] = {}
    for line in report.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for interaction in recorder.get("interactions", {}).values():
            if interaction.get("response"):
                counter = answers.setdefault(recorder["label"], Counter())
                counter[interaction["response"]["status_code"]] += 1
    return answers
