"""`treaty new`: a contract that says itself what is left to say in it."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import Project
from treaty.beginning.project import begin_project
from treaty.contract.kinds import KINDS

LEFT = re.compile(r"^(\S+\.yaml):\d+:\d+ (\S+) ", re.MULTILINE)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("beginning") / "shop"
    begin_project(folder)
    return folder


@pytest.fixture
def shop(begun: Path, tmp_path: Path) -> Project:
    """A project that `treaty init` made; its folder of contracts has defaults and a schema for editors."""
    return Project(shutil.copytree(begun, tmp_path / "shop"))


def bare(folder: Path, contracts: dict[str, str]) -> Project:
    """A project with nothing but these contracts."""
    (folder / "pyproject.toml").write_text('[tool.treaty]\ntitle = "Shop"\nversion = "1.0.0"\n')
    (folder / "contracts").mkdir()
    for path, text in contracts.items():
        (folder / "contracts" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "contracts" / path).write_text(text)
    return Project(folder)


@pytest.mark.parametrize("kind", KINDS)
def test_check_names_what_is_left_to_say(shop: Project, kind: str) -> None:
    said = shop.must(
        "treaty", "new", kind, "shop.order.done" if kind in ("command", "query", "event") else "shop.Order"
    )
    file = re.match(r"Wrote (\S+\.yaml)\. What is left to say:\n", said)
    assert file, said
    text = (shop.folder / file[1]).read_text()
    checked = shop.run("treaty", "check")
    assert checked.returncode == 1
    assert said.partition("\n")[2] == checked.stdout, "what `new` says is what `check` says"
    assert LEFT.findall(said) == [(file[1], "still-to-say")] * text.count("<say ")
    assert "description" in said
    assert "nothing to format" in shop.must("treaty", "fmt", "--check")


def test_what_the_folders_say_is_not_asked_again(shop: Project) -> None:
    shop.must("treaty", "new", "command", "shop.order.place")
    text = (shop.folder / "contracts/shop/order.place.yaml").read_text()
    assert "owners:" not in text
    assert "policy:" not in text
    assert text.startswith("# yaml-language-server: $schema=../contract.schema.json\nkind: command\n")
    assert "- key: place-order\n" in text


def test_what_no_folder_says_is_asked(tmp_path: Path) -> None:
    project = bare(tmp_path, {"_defaults.yaml": "stability: beta\n", "shop/_defaults.yaml": "policy: {auth: user}\n"})
    project.must("treaty", "new", "query", "shop.order.find")
    text = (project.folder / "contracts/shop/order.find.yaml").read_text()
    assert "owners: [<say " in text
    assert "stability:" not in text
    assert "auth" not in text
    assert text.startswith("kind: query\n")


def test_an_entity_belongs_to_the_tenant(shop: Project) -> None:
    shop.must("treaty", "new", "entity", "shop.Order")
    assert (
        "tenant: team\nfields:\n  id: {type: uuid, primary: true}\n  team: Team\n"
        in (shop.folder / "contracts/shop/Order.yaml").read_text()
    )
    shop.must("treaty", "new", "entity", "post.Parcel")
    assert "  team: shop.Team\n" in (shop.folder / "contracts/post/Parcel.yaml").read_text()


def test_the_first_entity_is_asked_for_its_tenant(tmp_path: Path) -> None:
    said = bare(tmp_path, {}).must("treaty", "new", "entity", "shop.Customer")
    assert "`tenant` is still to be said: id when its rows are the tenants themselves." in said


@pytest.mark.parametrize(
    ("there", "kind", "key", "file"),
    [
        ([], "command", "saas.billing.usage.record", "saas/billing/usage.record.yaml"),
        ([], "command", "shop.order", "shop/order.yaml"),
        ([], "type", "saas.billing.Meter", "saas/billing/Meter.yaml"),
        ([], "vocabulary", "saas.billing.phrases", "saas/billing/phrases.yaml"),
        (["saas/_defaults.yaml"], "event", "saas.billing.usage.recorded", "saas/billing.usage.recorded.yaml"),
        (["saas/billing/x.yaml"], "event", "saas.billing.usage.recorded", "saas/billing/usage.recorded.yaml"),
        (["saas/a.yaml", "saas/billing/usage/b.yaml"], "type", "saas.billing.usage.T", "saas/billing/usage/T.yaml"),
    ],
)
def test_where_it_goes(tmp_path: Path, there: list[str], kind: str, key: str, file: str) -> None:
    project = bare(tmp_path, dict.fromkeys(there, "stability: beta\n"))
    said = project.must("treaty", "new", kind, key)
    assert said.startswith(f"Wrote contracts/{file}.")
    assert f"key: {key}\n" in (tmp_path / "contracts" / file).read_text()


@pytest.mark.parametrize(
    ("kind", "key", "message"),
    [
        ("comand", "shop.order.place", "There is no kind `comand`. Did you mean `command`?"),
        ("poem", "shop.order.place", "There is no kind `poem`. There are: command,"),
        ("command", "shop.task.add", "There is a contract `shop.task.add` already"),
        ("query", "shop.task.add", "There is a contract `shop.task.add` already"),
        ("type", "shop.TEAM", "There is a contract `shop.Team`, and file systems differ"),
        ("command", "order", "`order` is not a contract key. Write words"),
        ("command", "../shop.order", "`../shop.order` is not a contract key."),
        ("command", "/etc/shop.order", "`/etc/shop.order` is not a contract key."),
        ("command", "shop..order", "`shop..order` is not a contract key."),
        ("command", "shop.order\n.x", "is not a contract key."),
        ("command", "Shop.order.place", "`Shop` would be a folder"),
        ("command", "con.order.place", "Windows keeps the name `con`"),
        ("command", "json.order.place", "`json` belongs to Python or to Treaty"),
        ("command", "shop." + "a" * 300, "is not a contract key."),
    ],
)
def test_what_cannot_be(shop: Project, kind: str, key: str, message: str) -> None:
    before = shop.files()
    said = shop.run("treaty", "new", kind, key)
    assert said.returncode == 1
    assert message in said.stdout
    assert "Traceback" not in said.stdout
    assert shop.files() == before


def test_a_full_disk_leaves_nothing(shop: Project) -> None:
    schema = shop.folder / "contracts/contract.schema.json"
    before = shop.files()
    for command in (["new", "type", "post.Full"], ["schema", "--output", str(schema)]):
        said = subprocess.run(
            [sys.executable, "-B", "-m", "treaty", *command],
            cwd=shop.folder,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10)),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert said.returncode == 1
        assert "can't be written: File too large." in said.stdout
        assert shop.files() == before
    assert not (shop.folder / "contracts/post").exists()


def test_a_file_in_the_way_is_left_alone(shop: Project) -> None:
    file = shop.folder / "contracts/shop/order.place.yaml"
    file.symlink_to("/nowhere")
    said = shop.run("treaty", "new", "command", "shop.order.place")
    assert said.returncode == 1
    assert "There is a file for `shop.order.place` already" in said.stdout
    assert file.is_symlink()


def test_outside_of_a_project(tmp_path: Path) -> None:
    said = Project(tmp_path).run("treaty", "new", "command", "shop.order.place")
    assert said.returncode == 1
    assert "project-missing" in said.stdout


def test_it_can_be_said_and_is_understood(shop: Project) -> None:
    shop.must("treaty", "new", "event", "shop.order.placed")
    file = shop.folder / "contracts/shop/order.placed.yaml"
    answers = {"in one sentence what happened": "An order was placed.", "the type of what is told such as uuid": "uuid"}
    text = file.read_text()
    for asked, answer in answers.items():
        text = text.replace(f"<say {asked}>", answer)
    file.write_text(text)
    assert shop.must("treaty", "check") == "9 contracts, no problems.\n"
