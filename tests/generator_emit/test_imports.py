"""Imports come out sorted as ruff sorts them, and no name is used twice."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

from ruff.__main__ import find_ruff_bin  # type: ignore[import-untyped]

from treaty.emit.imports import Imports
from treaty.format import format_python

MODULES = [
    "datetime", "decimal", "typing", "uuid", "litestar", "litestar.handlers", "pydantic", "sqlalchemy", "sqlmodel",
    "treaty_runtime.fields", "treaty_runtime.models", "treaty_runtime.unit_of_work", "generated.saas.billing",
    "generated.saas.billing.usage_record", "generated.saas.billing.usage_10", "generated.saas.billing.usage_9",
    "generated.saas.billing.usage", "generated.saas.billing_2.usage", "saas.billing", "saas.Billing",
    "saas.a_b", "saas.ab",
]  # fmt: skip
SYMBOLS = [
    "Any", "UUID", "URL", "A", "a", "b", "B2", "B10", "b2", "b10", "Field", "FIELD", "FIELD_2", "field", "usage_event",
    "usageEvent", "UsageEvent", "Usage", "usage", "x_1", "x1", "X1", "Xy", "XY", "_", "_private", "_Private",
]  # fmt: skip


def test_order_is_ruffs(tmp_path: Path) -> None:
    chance = random.Random(1)
    texts = {f"{number}.py": _module(chance) for number in range(150)}
    for name, text in format_python(texts).items():
        (tmp_path / name).write_text(text)
    said = subprocess.run(
        [find_ruff_bin(), "check", "--isolated", "--no-cache", "--select=I", "--line-length=120",
         "--config", 'lint.isort.known-first-party = ["treaty_runtime", "generated", "saas"]', tmp_path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout


def _module(chance: random.Random) -> str:
    imports = Imports(taken=["Taken"])
    for _ in range(chance.randrange(1, 25)):
        imports.name(chance.choice(MODULES), chance.choice(SYMBOLS))
    if chance.random() < 0.3:
        imports.module(chance.choice(["datetime", "decimal", "json"]))
    return "\n\n".join("\n".join(group) for group in imports.groups) + "\n\nTaken = 1\n"


def test_a_name_that_is_taken_gets_another() -> None:
    imports = Imports(taken=["Event"])
    assert imports.name("treaty_runtime.models", "Event") == "ModelsEvent"
    assert imports.name("treaty_runtime.models", "Event") == "ModelsEvent"
    assert imports.name("generated.crm.event", "Event", "CrmEvent") == "CrmEvent"
    assert imports.name("generated.a.b.usage", "usage") == "usage"
    assert imports.name("generated.b.c.usage", "usage") == "usage_usage"
    assert imports.module("usage") == "usage_module"
    assert imports.module("billing") == "billing"
    assert imports.groups == [
        [
            "import billing",
            "import usage as usage_module",
            "from generated.a.b.usage import usage",
            "from generated.b.c.usage import usage as usage_usage",
            "from generated.crm.event import Event as CrmEvent",
            "from treaty_runtime.models import Event as ModelsEvent",
        ]
    ]
