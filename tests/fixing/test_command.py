"""`treaty fix` as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.checking import project, write
from tests.generator.test_command import COLOR, PROJECT, treaty
from treaty.fixing.files import ChangedMeanwhileError
from treaty.fixing.files import write as write_mended
from treaty.fixing.plan import mend

ASK = """\
# About asking.
version: v1.0.0   # the first
kind: query
key: "shop.aks"
description: Ask: what it costs.

http: get /ask/
input:
  name:  string?
  count: optional  integer   # how many
output: {answer: strnig}
"""
MENDED = """\
# About asking.
kind: query
version: 1.0.0   # the first
key: "shop.ask"
description: 'Ask: what it costs.'

http: GET /ask
input:
  name:  optional string
  count: optional integer   # how many
output: {answer: string}
"""
SLIP = COLOR.replace("values", "vlaues")
DIFF = """\
--- a/contracts/shop/Color.yaml
+++ b/contracts/shop/Color.yaml
@@ -2,4 +2,4 @@
 key: shop.Color
 version: 1.0.0
 description: Colours.
-vlaues: [red]
+values: [red]
contracts/shop/Color.yaml:5:1 word-unknown: write `values` for `vlaues`.
"""


def shop(root: Path, **contracts: str) -> Path:
    files = {f"contracts/shop/{name}.yaml": text for name, text in contracts.items()}
    return write(root, {"pyproject.toml": PROJECT, **files})


def test_a_diff_and_then_the_contract(tmp_path: Path) -> None:
    color = shop(tmp_path, Color=SLIP) / "contracts/shop/Color.yaml"
    color.chmod(0o640)
    said = f"{DIFF}1 problem would be mended; nothing was written.\n"
    assert treaty("fix", "--dry-run", at=tmp_path) == (1, said)
    assert color.read_text() == SLIP
    assert treaty("fix", at=tmp_path / "contracts") == (0, f"{DIFF}1 problem mended.\n")
    assert color.read_text() == COLOR
    assert color.stat().st_mode & 0o777 == 0o640
    assert treaty("fix", at=tmp_path) == (0, "Nothing to mend.\n")


def test_mends_that_come_to_light_by_others(tmp_path: Path) -> None:
    ask = shop(tmp_path, ask=ASK) / "contracts/shop/ask.yaml"
    code, said = treaty("fix", at=tmp_path)
    assert (code, said.splitlines()[-1]) == (0, "8 problems mended.")
    assert ask.read_text() == MENDED


def test_what_is_left(tmp_path: Path) -> None:
    shop(tmp_path, Color=f"{SLIP}owner: me\nmood: blue\n")
    code, said = treaty("fix", at=tmp_path)
    assert code == 1
    assert "word-unknown: write `values` for `vlaues`.\n" in said
    assert said.endswith(
        "3 problems mended.\n"
        "contracts/shop/Color.yaml:7:1 word-unknown The language has no word `mood`.\n"
        "    mood: blue\n"
        "    ^\n"
        "    Known here: description, fields, key, kind, owners, stability, tags, values, version.\n"
        "1 problem.\n"
    )


def test_a_mend_that_would_make_another_problem(tmp_path: Path) -> None:
    color = shop(tmp_path, Color=f"{COLOR}vlaues: [green]\n", Size=SLIP.replace("Color", "Size"))
    code, said = treaty("fix", at=tmp_path)
    assert code == 1
    assert "contracts/shop/Color.yaml:6:1 word-unknown is left to you: then there would be contracts/shop/" in said
    assert "key-duplicate" in said
    assert "1 problem mended.\n" in said
    assert (color / "contracts/shop/Color.yaml").read_text() == f"{COLOR}vlaues: [green]\n"


def test_some_contracts(tmp_path: Path) -> None:
    shop(tmp_path, Color=SLIP, Size=SLIP.replace("Color", "Size"))
    assert treaty("fix", "contracts/shop/Color.yaml", at=tmp_path) == (0, f"{DIFF}1 problem mended.\n")
    assert "vlaues" in (tmp_path / "contracts/shop/Size.yaml").read_text()
    code, said = treaty("fix", "nowhere.yaml", at=tmp_path)
    assert code == 1
    assert said.startswith("nowhere.yaml:1:1 file-unreadable There is no such file or folder.")


def test_a_write_that_fails_leaves_all_contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop(tmp_path, Color=SLIP, Size=SLIP.replace("Color", "Size"))
    before = contents(tmp_path)
    mending = mend(project(tmp_path), lambda _: True)
    replace, moved = Path.replace, []

    def fails_at_the_second(self: Path, target: Path) -> Path:
        moved.append(target)
        if len(moved) == 2:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fails_at_the_second)
    with pytest.raises(OSError, match="No space"):
        write_mended(mending, project(tmp_path))
    assert len(moved) == 3
    assert contents(tmp_path) == before


def test_what_somebody_else_wrote_meanwhile_stays(tmp_path: Path) -> None:
    shop(tmp_path, Color=SLIP, Size=SLIP.replace("Color", "Size"))
    mending = mend(project(tmp_path), lambda _: True)
    write(tmp_path, {"contracts/shop/Size.yaml": "kind: type\n"})
    before = contents(tmp_path)
    with pytest.raises(ChangedMeanwhileError, match=r"contracts/shop/Size.yaml"):
        write_mended(mending, project(tmp_path))
    assert contents(tmp_path) == before


def contents(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / "contracts").rglob("*") if path.is_file()}
