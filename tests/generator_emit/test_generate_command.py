"""`treaty generate` and `--check`: what is written, what is left alone, and what is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.generator_emit import projects
from tests.support.project import Project

GOLDEN = Path(__file__).parent / "golden" / "shapes"
STALE = "generated/shop/orders/price.py"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with contracts that were never generated."""
    return Project(projects.copy(GOLDEN, tmp_path / "project"))


@pytest.fixture
def generated(project: Project) -> Project:
    """A project whose output is up to date."""
    project.must("treaty", "generate")
    migrations = project.folder / "migrations"
    migrations.mkdir()
    shutil.copy(project.folder / "generated/schema.json", migrations)
    return project


def snapshot(project: Project) -> dict[str, tuple[bytes, int]]:
    """Every file with its content and the time it was written."""
    return {path: (content, (project.folder / path).stat().st_mtime_ns) for path, content in project.files().items()}


def test_the_second_run_writes_nothing(generated: Project) -> None:
    generated.must("treaty", "generate")  # a copy of a project looks at everything once
    before = snapshot(generated)
    assert "0 written, 0 removed" in generated.must("treaty", "generate")
    assert snapshot(generated) == before


def test_it_does_not_matter_what_it_remembers(generated: Project) -> None:
    for content in (None, "no JSON", "[]", '{"settings": []}', '{"settings": [], "files": 3}'):
        memory = generated.folder / ".treaty" / "formatted.json"
        memory.unlink() if content is None else memory.write_text(content)
        assert "0 written, 0 removed" in generated.must("treaty", "generate")


def test_settings_of_the_project_do_not_change_what_comes_out(project: Project) -> None:
    (project.folder / "ruff.toml").write_text('line-length = 60\n[format]\nquote-style = "single"\n')
    project.must("treaty", "generate")
    assert (project.folder / "generated/app.py").read_text() == (GOLDEN / "expected/app.py").read_text()


def test_check_writes_nothing_and_names_what_differs(generated: Project) -> None:
    generated.must("treaty", "generate", "--check")
    (generated.folder / STALE).unlink()
    with (generated.folder / "generated/app.py").open("a") as file:
        file.write("# changed\n")
    (generated.folder / "contracts/shop/orders/ping.yaml").unlink()
    before = snapshot(generated)
    said = generated.run("treaty", "generate", "--check")
    assert said.returncode == 1
    assert "generated/app.py: edited by hand\n" in said.stdout
    assert "generated/openapi.json: differs\n" in said.stdout
    assert f"{STALE}: missing\n" in said.stdout
    assert "generated/shop/orders/ping.py: stale\n" in said.stdout
    assert "run `treaty generate`" in said.stdout
    assert snapshot(generated) == before
    generated.must("treaty", "generate", "--force")
    generated.must("treaty", "generate", "--check")


def test_check_of_a_project_that_was_never_generated(project: Project) -> None:
    said = project.run("treaty", "generate", "--check")
    assert said.returncode == 1
    assert not (project.folder / "generated").exists()
    assert not (project.folder / ".treaty").exists()


def test_check_fails_when_the_database_schema_changed(generated: Project) -> None:
    contract = generated.folder / "contracts/shop/orders/Warehouse.yaml"
    contract.write_text(contract.read_text().replace("maxLength: 8", "maxLength: 9"))
    said = generated.must("treaty", "generate")
    assert "The database schema changed: run `treaty migrate NAME`" in said
    said = generated.run("treaty", "generate", "--check").stdout
    assert "The database schema changed: run `treaty migrate NAME`" in said
    assert generated.run("treaty", "generate", "--check").returncode == 1


def test_an_unreadable_snapshot_of_migrations_counts_as_another(generated: Project) -> None:
    (generated.folder / "migrations/schema.json").write_text("{")
    assert generated.run("treaty", "generate", "--check").returncode == 1


def test_problems_in_contracts_write_nothing(generated: Project) -> None:
    (generated.folder / "contracts/shop/orders/ping.yaml").write_text("kind: command\n")
    (generated.folder / STALE).unlink()
    before = snapshot(generated)
    for arguments in (("generate",), ("generate", "--check")):
        said = generated.run("treaty", *arguments)
        assert said.returncode == 1
        assert "contracts/shop/orders/ping.yaml:1:" in said.stdout
    assert snapshot(generated) == before


def test_what_nobody_makes_any_more_is_removed(generated: Project) -> None:
    folder = generated.folder / "contracts/shop/old"
    folder.mkdir()
    (folder / "gone.yaml").write_text(
        "kind: event\nkey: shop.old.gone\nversion: 1.0.0\ndescription: Gone.\npayload: {at: datetime}\n"
    )
    generated.must("treaty", "generate")
    compiled = generated.folder / "generated/shop/old/__pycache__"
    compiled.mkdir()
    (compiled / "gone.cpython-311.pyc").write_bytes(b"")
    shutil.rmtree(folder)
    assert "2 written, 3 removed" in generated.must("treaty", "generate")
    assert not (generated.folder / "generated/shop/old").exists()


def test_files_of_others_are_left_alone(generated: Project) -> None:
    foreign = {
        "generated/README.md": b"ours",
        "generated/shop/orders/notes.py": b'"""Written by hand."""\n',
        "generated/shop/mine/data.bin": bytes(range(256)),
        "generated/empty": b"",
    }
    for path, content in foreign.items():
        (generated.folder / path).parent.mkdir(exist_ok=True)
        (generated.folder / path).write_bytes(content)
    shutil.rmtree(generated.folder / "contracts/shop")
    projects.write(
        generated.folder,
        {"contracts/demo/ping.yaml": (GOLDEN.parent / "smallest/contracts/demo/ping.yaml").read_text()},
    )
    generated.must("treaty", "generate")
    present = generated.files()
    assert {path: present[path] for path in foreign} == foreign
    assert STALE not in present


def test_somebody_elses_file_in_the_way_is_not_overwritten(generated: Project) -> None:
    (generated.folder / "contracts/shop/orders/fresh.yaml").write_text(
        "kind: event\nkey: shop.orders.fresh\nversion: 1.0.0\ndescription: Fresh.\npayload: {at: datetime}\n"
    )
    (generated.folder / "generated/shop/orders/fresh.py").write_text("my own work\n")
    before = snapshot(generated)
    for arguments in (("generate",), ("generate", "--check"), ("generate", "--force")):
        said = generated.run("treaty", *arguments)
        assert said.returncode == 1
        assert "fresh.py is in the way" in said.stdout
        assert "Traceback" not in said.stdout
    assert snapshot(generated) == before


def test_links_are_not_followed(generated: Project, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text('"""Generated by treaty from somewhere else."""\n')
    (generated.folder / "generated/link.py").symlink_to(outside)
    (generated.folder / "generated/folder").symlink_to(tmp_path)
    generated.must("treaty", "generate")
    assert outside.exists()
    assert (generated.folder / "generated/link.py").is_symlink()


def test_a_folder_that_cannot_be_written(project: Project) -> None:
    (project.folder / "generated").write_text("a file\n")
    for arguments in (("generate",), ("generate", "--check")):
        said = project.run("treaty", *arguments)
        assert said.returncode == 1
        assert "generated" in said.stdout
        assert "Traceback" not in said.stdout


def test_a_folder_where_a_file_should_be(generated: Project) -> None:
    (generated.folder / STALE).unlink()
    (generated.folder / STALE).mkdir()
    said = generated.run("treaty", "generate")
    assert said.returncode == 1
    assert "price.py can't be read: Is a directory" in said.stdout
    assert "Traceback" not in said.stdout


def test_contracts_with_much_to_say_are_still_ours(generated: Project) -> None:
    sentence = '"' + "𝄞\\u202e" * 2000 + '"'
    contract = generated.folder / "contracts/shop/orders/ping.yaml"
    text = contract.read_text().replace("description: Do nothing, with nothing, and answer a shared shape.", "")
    contract.write_text(text + f"description: {sentence}\ngoal: {sentence}\ncontext: {sentence}\n")
    generated.must("treaty", "generate")
    contract.write_text(text + f"description: Less.\ngoal: {sentence}\ncontext: {sentence}\n")
    assert "written" in generated.must("treaty", "generate")
    contract.unlink()
    assert "1 removed" in generated.must("treaty", "generate")


def test_another_output_folder_is_another_package(project: Project) -> None:
    settings = project.folder / "pyproject.toml"
    settings.write_text(settings.read_text().replace('output = "generated"', 'output = "build/made"'))
    project.must("treaty", "generate")
    assert "from made.shop.orders import" in (project.folder / "build/made/app.py").read_text()


def test_renaming_an_output_field_changes_only_what_shows_it(generated: Project) -> None:
    before = generated.files("generated")
    contracts = generated.folder / "contracts/shop/orders"
    for name, old, new in (
        ("order.list.yaml", "orders: {type: list of object", "found: {type: list of object"),
        ("price.yaml", "  price: optional Money", "  sum: optional Money"),
    ):
        text = (contracts / name).read_text()
        assert old in text
        (contracts / name).write_text(text.replace(old, new))
    generated.must("treaty", "generate")
    after = generated.files("generated")
    assert {path for path in after if after[path] != before.get(path)} == {
        ".treaty-manifest.json",
        "openapi.json",
        "shop/orders/order_list.py",
        "shop/orders/price.py",
    }


def test_memory_is_kept_beside_the_project(generated: Project) -> None:
    memory = json.loads((generated.folder / ".treaty/formatted.json").read_text())
    assert memory["files"].keys() == {path for path in generated.files("generated") if path.endswith(".py")}
