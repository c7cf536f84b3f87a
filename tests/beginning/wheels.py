"""A machine that has the built wheels, what they say they depend on, and nothing else.

Third-party packages are linked from the present environment, each for itself: what a wheel forgets to declare is
not there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["OWN", "Machine", "build"]

ROOT = Path(__file__).parents[2]
OWN = {"treaty": "generator", "treaty-runtime": "runtime"}
PACKAGES = Path(sysconfig.get_path("purelib"))
SCRIPTS = Path(sysconfig.get_path("scripts"))


def build(name: str, folder: Path) -> Path:
    """The wheel of one of our distributions, built without a network."""
    said = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT / OWN[name], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout
    (wheel,) = folder.glob(f"{name.replace('-', '_')}-*.whl")
    return wheel


@dataclass(frozen=True, slots=True)
class Machine:
    """A virtual environment in which wheels were installed."""

    folder: Path

    @classmethod
    def with_wheels(cls, folder: Path, wheels: Sequence[Path]) -> Machine:
        """A new environment with these wheels and what they need."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        machine = cls(folder)
        pip = [sys.executable, "-m", "pip", "--python", str(machine.python), "--disable-pip-version-check", "install"]
        subprocess.run([*pip, "--quiet", "--no-index", "--no-deps", *map(str, wheels)], check=True)
        for needed in machine.needed():
            machine._link(needed)
        return machine

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        """Where it keeps packages."""
        return self.folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"

    def run(self, *command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command as somebody does who has activated the environment."""
        return subprocess.run(
            command, cwd=folder, env=self.environment(environment), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip

    def must(self, *command: str, folder: Path, **environment: str) -> str:
        """Run a command that has to succeed; what it said."""
        said = self.run(*command, folder=folder, **environment)
        assert said.returncode == 0, f"{' '.join(command)}\n{said.stdout}"
        return said.stdout

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """Nothing of the tests' own environment but where the system's commands are."""
        path = os.pathsep.join((str(self.folder / "bin"), "/usr/local/bin", "/usr/bin", "/bin"))
        return {"PATH": path, "HOME": str(self.folder), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **more}

    def needed(self) -> list[Distribution]:
        """The distributions that the installed ones declare, and those that these declare, and so on."""
        own = {canonicalize_name(found.name): found for found in distributions(path=[str(self.packages)])}
        waiting = [requirement for found in own.values() for requirement in _requirements(found, frozenset())]
        seen: dict[tuple[str, frozenset[str]], Distribution] = {}
        while waiting:
            requirement = waiting.pop()
            place = (canonicalize_name(requirement.name), frozenset(requirement.extras))
            if place not in seen and place[0] not in own:
                seen[place] = distribution(requirement.name)
                waiting += _requirements(seen[place], place[1])
        return list({found.name: found for found in seen.values()}.values())

    def _link(self, needed: Distribution) -> None:
        assert needed.files is not None, needed.name
        for part in {file.parts[0] for file in needed.files} - {"..", "__pycache__"}:
            self._link_one(PACKAGES / part, self.packages / part)
        for file in needed.files:
            if file.parts[0] == ".." and file.parts[-2] == "bin":
                self._link_one(SCRIPTS / file.name, self.folder / "bin" / file.name)

    @staticmethod
    def _link_one(source: Path, target: Path) -> None:
        if source.exists() and not target.exists():
            target.symlink_to(source)


def _requirements(found: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    for text in found.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield requirement
