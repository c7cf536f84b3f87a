"""Who may import whom: the contracts hold, and a breach of each is caught."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BREACHES = {
    "The generator installs and runs alone": ("generator/treaty/diagnostics.py", "import sqlalchemy"),
    "The runtime knows neither the generator nor what it makes": ("runtime/treaty_runtime/clock.py", "import yaml"),
    "Generated code stands on the runtime only": ("generated/saas/billing/usage_record.py", "import saas.billing"),
    "Implementations know the runtime": ("runtime/saas/billing/__init__.py", "import generated.app"),
    "The simulator of Stripe": ("runtime/stripe_simulator/context.py", "import treaty_runtime.clock"),
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(folder / part) for part in (".", "generator", "runtime"))
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_directions_hold() -> None:
    said = lint_imports(ROOT)
    assert said.returncode == 0, said.stdout + said.stderr
    assert f"{len(BREACHES)} kept, 0 broken" in said.stdout


def test_every_breach_is_caught(tmp_path: Path) -> None:
    for name in ("generator", "runtime", "generated"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, line in BREACHES.values():
        with (tmp_path / file).open("a") as module:
            module.write(f"\n{line}\n")
    said = lint_imports(tmp_path)
    assert said.returncode != 0
    broken = [line for line in said.stdout.splitlines() if " BROKEN" in line]
    assert len(broken) == len(BREACHES), said.stdout
    for promise in BREACHES:
        assert any(line.startswith(promise) for line in broken), said.stdout
