"""Folders and files as file systems have them: missing, forbidden, oddly named, not files at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.generator.checking import check, model, project, write
from treaty.check import load
from treaty.source import folder, gherkin
from treaty.source.reader import MAX_BYTES

COLOR = "kind: type\nkey: shop.Color\nversion: 1.0.0\ndescription: Colours.\nvalues: [red]\n"
RED = {"contracts/shop/Color.yaml": COLOR}


def said(root: Path) -> list[str]:
    return [str(problem) for problem in check(root)]


def test_missing_folder(tmp_path: Path) -> None:
    assert said(tmp_path) == ["contracts:1:1 folder-missing There is no such folder of contracts."]


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    write(tmp_path, {"contracts": "here"})
    assert said(tmp_path) == ["contracts:1:1 folder-missing There is no such folder of contracts."]


def test_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    assert said(tmp_path) == []


def test_endings_that_only_some_file_systems_take_for_the_same(tmp_path: Path) -> None:
    write(tmp_path, {"contracts/shop/Color.YAML": COLOR, "contracts/shop/Size.Yml": COLOR})
    assert said(tmp_path) == [
        "contracts/shop/Color.YAML:1:1 file-extension Contracts end in `.yaml`.",
        "contracts/shop/Size.Yml:1:1 file-extension Contracts end in `.yaml`.",
    ]


def test_too_large(tmp_path: Path) -> None:
    write(tmp_path, {"contracts/shop/Color.yaml": COLOR + "#" * MAX_BYTES})
    assert said(tmp_path) == ["contracts/shop/Color.yaml:1:1 file-too-large This file is larger than 1,000,000 bytes."]


def test_large_enough(tmp_path: Path) -> None:
    write(tmp_path, {"contracts/shop/Color.yaml": (COLOR + "#" * MAX_BYTES)[:MAX_BYTES]})
    assert said(tmp_path) == []


def test_too_large_feature(tmp_path: Path) -> None:
    write(tmp_path, RED | {"features/shop/a.feature": "Feature: A\n" + "#" * MAX_BYTES})
    assert said(tmp_path) == ["features/shop/a.feature:1:1 file-too-large This file is larger than 1,000,000 bytes."]


def test_feature_that_is_not_utf8(tmp_path: Path) -> None:
    write(tmp_path, RED | {"features/shop/a.feature": "Feature: Größe\n".encode("latin-1")})
    assert said(tmp_path) == ["features/shop/a.feature:1:1 not-utf8 This is not UTF-8."]


def test_not_an_ordinary_file(tmp_path: Path) -> None:
    write(tmp_path, RED)
    os.mkfifo(tmp_path / "contracts/shop/pipe.yaml")  # reading it would wait for ever
    (tmp_path / "contracts/shop/gone.yaml").symlink_to(tmp_path / "nowhere")
    assert said(tmp_path) == [
        "contracts/shop/gone.yaml:1:1 file-unreadable This is not an ordinary file.",
        "contracts/shop/pipe.yaml:1:1 file-unreadable This is not an ordinary file.",
    ]


def test_folder_with_the_name_of_a_contract(tmp_path: Path) -> None:
    write(tmp_path, RED)
    (tmp_path / "contracts/shop/Size.yaml").mkdir()
    assert said(tmp_path) == []


@pytest.fixture
def forbidding() -> Iterator[Path]:
    """A folder in which permissions count: root, who may read everything, becomes somebody else."""
    with TemporaryDirectory(dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        before = os.geteuid()
        yield Path(name)
        os.seteuid(before)


def test_no_permission(forbidding: Path) -> None:
    write(forbidding, RED | {"contracts/other/Size.yaml": COLOR})
    assert said(forbidding) == [
        "contracts/other/Size.yaml:2:6 key-path The key `shop.Color` does not match the file's path."
    ]
    (forbidding / "contracts/shop/Color.yaml").chmod(0)
    (forbidding / "contracts/other").chmod(0)
    if os.geteuid() == 0:
        os.seteuid(65534)
    assert said(forbidding) == [
        "contracts/other:1:1 folder-unreadable This folder can't be read: Permission denied.",
        "contracts/shop/Color.yaml:1:1 file-unreadable This can't be read: Permission denied.",
    ]


def test_odd_names_can_be_printed(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "contracts/shop")
    Path(os.fsdecode(folder)).mkdir(parents=True)
    for name in (b"\xff\xfe.yaml", b"new\nline.yaml", "größe.yaml".encode()):
        Path(os.fsdecode(folder + b"/" + name)).write_text(COLOR)
    found = said(tmp_path)
    assert len(found) == 3
    assert all(" path-name " in line and line.isprintable() for line in found)
    "\n".join(found).encode()


def test_hidden_files_and_others_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, RED | {"contracts/.git/x.yaml": "{", "contracts/shop/.x.yaml": "{", "contracts/README.md": "{"})
    assert said(tmp_path) == []


def test_other_contracts_may_use_what_could_not_be_read(tmp_path: Path) -> None:
    """One broken file is one diagnostic, whoever refers to it."""
    write(tmp_path, {"contracts/shop/Color.yaml": "kind: type\n\tkey: x\n"})
    write(
        tmp_path,
        {"contracts/shop/Box.yaml": COLOR.replace("Color", "Box").replace("values: [red]", "fields: {c: Color}")},
    )
    assert [line.split(" ")[1] for line in said(tmp_path)] == ["yaml-tab"]


def test_the_model_of_what_is_right(tmp_path: Path) -> None:
    model, problems = load(project(write(tmp_path, RED)))
    assert problems == []
    assert list(model.types) == ["shop.Color"]


def test_names_that_windows_keeps_for_devices(tmp_path: Path) -> None:
    for path in ("shop/nul.Color.yaml", "shop/aux/Color.yaml", "shop/Com1@1.yaml", "shop/null.yaml"):
        write(tmp_path, {f"contracts/{path}": COLOR.replace("shop.Color", path[:-5].replace("/", "."))})
    assert said(tmp_path) == [
        "contracts/shop/Com1@1.yaml:1:1 path-reserved Windows keeps the name `Com1` for a device.",
        "contracts/shop/aux/Color.yaml:1:1 path-reserved Windows keeps the name `aux` for a device.",
        "contracts/shop/nul.Color.yaml:1:1 path-reserved Windows keeps the name `nul` for a device.",
    ]


def test_paths_that_differ_in_capital_letters_only(tmp_path: Path) -> None:
    write(tmp_path, RED | {"contracts/shop/color.yaml": COLOR.replace("shop.Color", "shop.color")})
    assert said(tmp_path) == [
        "contracts/shop/color.yaml:1:1 path-twin Only capital letters tell this path from `contracts/shop/Color.yaml`."
    ]


@pytest.mark.parametrize("key", ["../../../etc/passwd", "/etc/passwd", "shop/../Color", "shop..Color", "C:\\Color"])
def test_keys_that_lead_elsewhere(tmp_path: Path, key: str) -> None:
    write(tmp_path, {"contracts/shop/Color.yaml": COLOR.replace("shop.Color", key)})
    assert [problem.code for problem in check(tmp_path)] == ["value-invalid"]


def test_links_out_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, RED | {"elsewhere/Size.yaml": COLOR, "elsewhere/a.feature": "Feature: A"})
    (tmp_path / "features").mkdir()
    (tmp_path / "contracts/shop/Size.yaml").symlink_to(tmp_path / "elsewhere/Size.yaml")
    (tmp_path / "contracts/other").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "features/a.feature").symlink_to(tmp_path / "elsewhere/a.feature")
    assert said(tmp_path) == [
        "contracts/other:1:1 path-link This is a link to a folder, and links to folders are not followed.",
        "contracts/shop/Size.yaml:1:1 path-link This is a link to a file elsewhere.",
        "features/a.feature:1:1 path-link This is a link to a file elsewhere.",
    ]


def test_links_in_a_circle(tmp_path: Path) -> None:
    write(tmp_path, RED)
    (tmp_path / "contracts/shop/around").symlink_to(tmp_path / "contracts")
    (tmp_path / "contracts/shop/itself.yaml").symlink_to(tmp_path / "contracts/shop/itself.yaml")
    assert [problem.code for problem in check(tmp_path)] == ["path-link", "file-unreadable"]


def test_files_that_are_removed_while_the_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, RED | {"contracts/shop/Size.yaml": COLOR.replace("Color", "Size"), "features/a.feature": "{"})
    listed = folder.walk

    def walk_and_remove(*arguments: Any, **options: Any) -> list[str]:
        paths = list(listed(*arguments, **options))
        (tmp_path / "contracts/shop/Size.yaml").unlink(missing_ok=True)
        (tmp_path / "features/a.feature").unlink(missing_ok=True)
        return paths

    monkeypatch.setattr(folder, "walk", walk_and_remove)
    monkeypatch.setattr(gherkin, "walk", walk_and_remove)
    model, problems = load(project(tmp_path))
    assert problems == []
    assert list(model.types) == ["shop.Color"]


def test_hundreds_of_errors_in_one_file(tmp_path: Path) -> None:
    fields = "".join(f"  f{number}: {{type: strng, minLenght: {number}}}\n" for number in range(500))
    write(tmp_path, {"contracts/shop/Color.yaml": COLOR.replace("values: [red]\n", f"fields:\n{fields}")})
    found = check(tmp_path)
    assert len(found) == 1000
    assert len({problem.at.line for problem in found}) == 500


def test_contracts_that_differ_only_by_version(tmp_path: Path) -> None:
    """Copies with another version are fine but for what tells requests and events apart."""
    ask = "kind: query\nkey: shop.ask\nversion: {}.0.0\ndescription: Ask.\nhttp: GET /ask\noutput: {{text: string}}\n"
    told = "kind: event\nkey: shop.told\nversion: {}.0.0\ndescription: Told.\npayload: {{text: string}}\n"
    files = {
        f"contracts/shop/{name}{mark}.yaml": text.format(major)
        for name, text in (("ask", ask), ("told", told))
        for mark, major in (("", 2), ("@1", 1))
    }
    write(tmp_path, files)
    assert said(tmp_path) == [
        "contracts/shop/ask@1.yaml:5:7 routes `shop.ask` answers `GET /ask` already.",
        "contracts/shop/told@1.yaml:2:6 event-types `shop.told` and `shop.told@1` both have the type `shop.told`.",
    ]
    write(tmp_path, {"contracts/shop/ask@1.yaml": ask.format(1).replace("/ask", "/ask-before")})
    write(tmp_path, {"contracts/shop/told@1.yaml": f"{told.format(1)}type: shop.told.v1\n"})
    assert set(model(tmp_path).operations) == {"shop.ask", "shop.ask@1"}
    assert set(model(tmp_path).events) == {"shop.told", "shop.told@1"}


@pytest.mark.parametrize("pattern", ["(", "^2[]{3}-x]$"])  # Python knows the second
def test_examples_beside_a_pattern_that_is_none(tmp_path: Path, pattern: str) -> None:
    text = (
        "kind: query\nkey: shop.ask\nversion: 1.0.0\ndescription: Ask.\nhttp: GET /ask\n"
        f"input:\n  who: {{type: string, pattern: '{pattern}', default: me}}\noutput: {{text: string}}\n"
        "acceptance: {examples: [{key: one, input: {who: you}, output: {text: Hi.}}]}\n"
    )
    write(tmp_path, {"contracts/shop/ask.yaml": text})
    assert said(tmp_path) == ["contracts/shop/ask.yaml:7:32 patterns The pattern is not a regular expression."]
