"""`treaty explain`: every code, why it is there and an example."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.test_command import treaty
from treaty.reporting.codes import codes
from treaty.reporting.explanation import explanation, overview


@pytest.mark.parametrize("code", codes())
def test_every_code_can_be_explained(code: str) -> None:
    said = list(explanation(codes()[code]))
    assert said[0].startswith(f"{code}: ")
    assert said[0].endswith(".")
    assert said[2].startswith("Why: ")
    assert all(line.isprintable() for line in said)


def test_all_codes_are_listed() -> None:
    listed = "\n".join(overview())
    assert all(f"  {code} " in listed for code in codes())


def test_the_command(tmp_path: Path) -> None:
    code, printed = treaty("explain", "key-path", at=tmp_path)
    assert code == 0
    assert "contracts/shop/Color.yaml:2:6 key-path The key `shop.Colour` does not match" in printed
    assert "    key: shop.Color\n" in printed
    assert treaty("explain", at=tmp_path) == (0, "".join(f"{line}\n" for line in overview()))


def test_a_slip(tmp_path: Path) -> None:
    assert treaty("explain", "key-pth", at=tmp_path) == (
        1,
        "There is no code `key-pth`. Did you mean `key-path`?\n",
    )
    assert treaty("explain", "zzz", at=tmp_path) == (1, "There is no code `zzz`. `treaty explain` lists all codes.\n")
