"""`treaty fmt` as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.checking import write
from tests.generator.test_command import PROJECT, treaty
from treaty.formatting.files import replace

GOOD = "kind: type\nkey: shop.Color\nversion: 1.0.0\ndescription: Colours.\nvalues: [red]\n"
UGLY = "key:   shop.Size\nkind: type\r\nversion: 1.0.0\ndescription: Sizes. # all\nvalues: [s,m]"
NEAT = "kind: type\nkey: shop.Size\nversion: 1.0.0\ndescription: Sizes.  # all\nvalues: [s, m]\n"


def shop(root: Path, **others: str) -> Path:
    files = {"pyproject.toml": PROJECT, "contracts/shop/Color.yaml": GOOD, "contracts/shop/Size.yaml": UGLY}
    return write(root, files | {f"contracts/shop/{name}.yaml": text for name, text in others.items()})


def test_everything_of_the_project(tmp_path: Path) -> None:
    size = shop(tmp_path) / "contracts/shop/Size.yaml"
    size.chmod(0o640)
    said = "contracts/shop/Size.yaml: formatted.\n2 contracts, 1 formatted.\n"
    assert treaty("fmt", at=tmp_path / "contracts") == (0, said)
    assert size.read_bytes() == NEAT.encode()
    assert size.stat().st_mode & 0o777 == 0o640
    assert treaty("fmt", at=tmp_path) == (0, "2 contracts, nothing to format.\n")
    assert sorted(path.name for path in size.parent.iterdir()) == ["Color.yaml", "Size.yaml"]


def test_check_writes_nothing(tmp_path: Path) -> None:
    shop(tmp_path)
    said = "contracts/shop/Size.yaml: would be formatted.\n2 contracts, 1 would be formatted.\n"
    assert treaty("fmt", "--check", at=tmp_path) == (1, said)
    assert (tmp_path / "contracts/shop/Size.yaml").read_bytes() == UGLY.encode()
    assert treaty("fmt", at=tmp_path)[0] == 0
    assert treaty("fmt", "--check", at=tmp_path)[0] == 0


def test_some_files(tmp_path: Path) -> None:
    shop(tmp_path)
    color, size = "contracts/shop/Color.yaml", "contracts/shop/Size.yaml"
    assert treaty("fmt", color, color, at=tmp_path) == (0, "1 contract, nothing to format.\n")
    assert treaty("fmt", size, "contracts", at=tmp_path)[1].endswith("2 contracts, 1 formatted.\n")
    code, said = treaty("fmt", "nowhere.yaml", at=tmp_path)
    assert code == 1
    assert "nowhere.yaml:1:1 file-unreadable There is no such file or folder." in said


def test_what_cannot_be_read_stays(tmp_path: Path) -> None:
    shop(tmp_path, Bad="kind: [", Kept="kind: type\nvalues: &a [x]\n")
    code, said = treaty("fmt", at=tmp_path)
    assert code == 1
    assert "contracts/shop/Bad.yaml:2:1 yaml-syntax" in said
    assert "contracts/shop/Kept.yaml: left as it is: an anchor can't be laid out.\n" in said
    assert "contracts/shop/Size.yaml: formatted.\n" in said
    assert (tmp_path / "contracts/shop/Bad.yaml").read_text() == "kind: ["


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, {"A.yaml": "old"}) / "A.yaml"

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace(file, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["A.yaml"]
    assert file.read_text() == "old"


def test_a_link_stays_one(tmp_path: Path) -> None:
    shop(tmp_path)
    link = tmp_path / "contracts/shop/Link.yaml"
    link.symlink_to("Size.yaml")
    assert treaty("fmt", at=tmp_path)[0] == 0
    assert link.is_symlink()
    assert link.read_text() == NEAT
