"""A shop's contracts in two states, written by tests."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.diff.comparing import HERE

SELL = """\
kind: command
key: shop.sell
version: {version}
stability: {stability}
{more}description: Sell something.
http: POST /sales
input:
{input}"""
NAME = "  name: string\n"


def sell(version: str = "1.0.0", stability: str = "stable", fields: str = NAME, more: str = "") -> str:
    """The contract of a command."""
    return SELL.format(version=version, stability=stability, input=fields, more=more)


def shop(folder: Path, **files: str) -> Path:
    """A project in `folder`: what all tests share, and `files` of its contracts by name."""
    shutil.rmtree(folder / "contracts", ignore_errors=True)
    shutil.copytree(HERE / "base", folder, dirs_exist_ok=True)
    (folder / "pyproject.toml").write_text('[tool.treaty]\ntitle = "Shop"\nversion = "1.0.0"\n')
    for name, text in files.items():
        (folder / "contracts" / "shop" / f"{name}.yaml").write_text(text)
    return folder
