"""What `treaty migrate` writes, and what it refuses to write."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime_database.schemas import Tables, column, organization, table, write
from treaty_runtime.errors import MigrationError
from treaty_runtime.migrations.revise import Outcome, revise

Migrate = Callable[..., Outcome]
ROOT = Path(__file__).parents[2]


def _things(**columns: object) -> Tables:
    return {"thing": table(columns)}


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_change_makes_the_same_files(tmp_path: Path) -> None:
    wanted = write(tmp_path / "wanted.json", _things(size=column("bigint")))
    for folder in ("one", "two"):
        revise("the first tables", wanted, tmp_path / folder)
    assert _files(tmp_path / "one") == _files(tmp_path / "two")
    assert set(_files(tmp_path / "one")) == {"schema.json", "versions/0001_the_first_tables.py"}
    assert (tmp_path / "one" / "schema.json").read_bytes() == wanted.read_bytes()


def test_another_parent_makes_another_revision(migrate: Migrate, migrations: Path) -> None:
    for tables in (_things(), _things(size=column("bigint", null=True)), _things()):
        migrate(tables, allow_data_loss=True)
    identities = {path.read_text().split('revision = "')[1][:12] for path in migrations.glob("versions/*.py")}
    assert len(identities) == 3


def test_nothing_is_written_when_nothing_changed(migrate: Migrate, migrations: Path) -> None:
    migrate(_things())
    before = _files(migrations)
    assert migrate(_things()) == Outcome(path=None, noted=False)
    assert _files(migrations) == before


def test_what_the_database_need_not_know_is_noted_without_a_revision(migrate: Migrate, migrations: Path) -> None:
    migrate(_things(size=column("bigint", null=True)))
    again = _things(size=column("bigint", null=True, was="length"))
    again["thing"]["entity"] = "shop.Renamed"
    assert migrate(again) == Outcome(path=None, noted=True)
    assert b"shop.Renamed" in _files(migrations)["schema.json"]
    assert len(_files(migrations)) == 2


def test_a_write_that_was_cut_short_is_completed(migrate: Migrate, migrations: Path) -> None:
    migrate(_things())
    before = (migrations / "schema.json").read_bytes()
    migrate(_things(size=column("bigint", null=True)))
    complete = _files(migrations)
    (migrations / "schema.json").write_bytes(before)
    assert migrate(_things(size=column("bigint", null=True))) == Outcome(path=None, noted=True)
    assert _files(migrations) == complete


def test_both_files_or_neither(migrate: Migrate, migrations: Path) -> None:
    migrate(_things())
    (migrations / "schema.json").rename(migrations / "kept.json")
    before = _files(migrations)
    (migrations / "schema.json").mkdir()  # nothing can be put in its place
    with pytest.raises(MigrationError, match=r"is not a schema snapshot: .*Is a directory"):
        migrate(_things(size=column("bigint", null=True)))
    assert _files(migrations) == before


def test_a_folder_that_cannot_be_written_is_explained_and_left_alone(migrate: Migrate, migrations: Path) -> None:
    migrations.write_text("a file where the folder should be")
    with pytest.raises(MigrationError, match=r"cannot be written: .* Nothing was changed"):
        migrate(_things())


def test_a_renamed_column_is_renamed_and_what_is_named_after_it_follows(migrate: Migrate) -> None:
    old = _things(size=column("bigint"))
    old["thing"] |= {"checks": {"ck_size": "size >= 0 AND 'size' <> ''"}, "indexes": {"ix_size": ["size"]}}
    new = _things(extent=column("bigint", was="size"))
    new["thing"] |= {"checks": {"ck_extent": "extent >= 0 AND 'size' <> ''"}, "indexes": {"ix_extent": ["extent"]}}
    migrate(old)
    outcome = migrate(new)
    assert outcome.path
    body = outcome.path.read_text().split("def upgrade")[1].split("def downgrade")[0]
    assert [line.strip() for line in body.splitlines()[2:] if line] == [
        'op.alter_column("thing", "size", new_column_name="extent")',
        'op.execute("ALTER TABLE thing RENAME CONSTRAINT ck_size TO ck_extent")',
        'op.execute("ALTER INDEX ix_size RENAME TO ix_extent")',
    ]


def test_a_rename_that_was_made_may_go_on_being_said(migrate: Migrate) -> None:
    migrate(_things(size=column("bigint")))
    migrate(_things(extent=column("bigint", was="size")))
    extent = column("bigint", was="size")
    assert migrate(_things(extent=extent, size=column("bigint", null=True))).path
    assert migrate(_things(extent=extent), allow_data_loss=True).path


REFUSALS: dict[str, tuple[Tables, Tables, str]] = {
    "a new required column": (
        _things(),
        _things(size=column("bigint")),
        (
            "thing.size is new and required, but rows that exist have no value for it. In shop.Thing, give the "
            "field a `default`, make it `optional`, or say `renamedFrom` if it had another name."
        ),
    ),
    "no longer optional": (
        _things(size=column("bigint", null=True)),
        _things(size=column("bigint")),
        (
            "thing.size is no longer optional, but rows may have no value for it. In shop.Thing, give the field a"
            " `default` to fill them with, or leave it `optional`."
        ),
    ),
    "a narrower type": (
        _things(name=column("varchar(20)")),
        _things(name=column("varchar(10)")),
        (
            "thing.name changes from varchar(20) to varchar(10), which may not hold its values. In shop.Thing, "
            "add a field with another name and the new type, fill it in a revision written by hand, and remove "
            "the old one later."
        ),
    ),
    "another type": (
        _things(name=column("varchar(20)", null=True)),
        _things(name=column("jsonb", null=True)),
        (
            "thing.name changes from varchar(20) to jsonb, which may not hold its values. In shop.Thing, add a "
            "field with another name and the new type, fill it in a revision written by hand, and remove the old "
            "one later."
        ),
    ),
    "a column that goes": (
        _things(size=column("bigint")),
        _things(),
        (
            "It would drop the values of thing.size. If that is meant, add --allow-data-loss; if a field only got"
            " another name, say `renamedFrom` on it."
        ),
    ),
    "a table that goes": (
        _things() | {"organization": organization()},
        _things(),
        (
            "It would drop the rows of organization. If that is meant, add --allow-data-loss; if a field only got"
            " another name, say `renamedFrom` on it."
        ),
    ),
    "a name whose values another column keeps": (
        _things(size=column("bigint")),
        _things(size=column("bigint"), extent=column("bigint", null=True, was="size")),
        (
            "thing.extent says `renamedFrom` of size, whose values thing.size keeps. Take `renamedFrom` away, or "
            "rename in a revision of its own."
        ),
    ),
    "a name that two columns claim": (
        _things(size=column("bigint")),
        _things(one=column("bigint", was="size"), two=column("bigint", null=True, was="size")),
        (
            "thing.two says `renamedFrom` of size, whose values thing.one keeps. Take `renamedFrom` away, or "
            "rename in a revision of its own."
        ),
    ),
    "another primary key": (
        _things(size=column("bigint")),
        {"thing": table({"size": column("bigint")}, primaryKey=["size"])},
        (
            "thing changes its primary key from id to size. Leave it as it is in shop.Thing, or make a new entity"
            " and move the rows in a revision written by hand."
        ),
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_not_safe_is_refused(name: str, migrate: Migrate, migrations: Path) -> None:
    old, new, said = REFUSALS[name]
    migrate(old)
    before = _files(migrations)
    with pytest.raises(MigrationError) as refusal:
        migrate(new)
    assert str(refusal.value) == f"No revision is written:\n  {said}"
    assert _files(migrations) == before


def test_all_that_is_wrong_is_said_at_once(migrate: Migrate) -> None:
    migrate(_things(size=column("bigint"), name=column("varchar(20)")) | {"organization": organization()})
    with pytest.raises(MigrationError) as refusal:
        migrate(_things(extent=column("bigint"), name=column("uuid")))
    assert len(str(refusal.value).splitlines()) == 5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("varchar(10)", "varchar(20)"),
        ("bigint", "numeric(38,10)"),
        ("numeric(20,2)", "numeric(38,10)"),
    ],
)
def test_a_type_with_more_room_is_fine(old: str, new: str, migrate: Migrate) -> None:
    migrate(_things(value=column(old)))
    assert migrate(_things(value=column(new))).path


@pytest.mark.parametrize(("old", "new"), [("numeric(38,10)", "bigint"), ("bigint", "numeric(20,10)")])
def test_digits_are_never_lost(old: str, new: str, migrate: Migrate) -> None:
    migrate(_things(value=column(old)))
    with pytest.raises(MigrationError, match="which may not hold its values"):
        migrate(_things(value=column(new)), allow_data_loss=True)


@pytest.mark.parametrize("text", ['{"format": 2, "tables": {}}', "{", '{"tables": {"a": {}}}', "[]"])
def test_a_file_that_is_no_schema_is_explained(text: str, tmp_path: Path, migrations: Path) -> None:
    (tmp_path / "wanted.json").write_text(text)
    with pytest.raises(MigrationError, match=r"wanted.json is not a schema snapshot: .*Run `treaty generate`"):
        revise("change", tmp_path / "wanted.json", migrations)


def test_a_type_that_is_sql_of_its_own_is_no_type(migrate: Migrate) -> None:
    with pytest.raises(MigrationError, match="is not a schema snapshot"):
        migrate(_things(size=column("bigint); DROP TABLE thing; --")))


@pytest.mark.parametrize("name", ["", "  ", "***", "\N{SNOWMAN}"])
def test_a_name_needs_a_letter(name: str, migrate: Migrate) -> None:
    with pytest.raises(MigrationError, match="has no letter to name a file with"):
        migrate(_things(), name)


@pytest.mark.parametrize(
    "name", ['"""', "a\nb\\", "\N{LATIN SMALL LETTER E WITH ACUTE}tat \u202e", "x" * 300, "../../x"]
)
def test_any_other_name_is_text(name: str, migrate: Migrate, migrations: Path) -> None:
    outcome = migrate(_things(), f"word {name}")
    assert outcome.path
    assert outcome.path.parent == migrations / "versions"
    compile(outcome.path.read_text(), str(outcome.path), "exec")


def test_two_newest_revisions_are_explained(migrate: Migrate, migrations: Path) -> None:
    migrate(_things())
    outcome = migrate(_things(size=column("bigint", null=True)))
    assert outcome.path
    text = outcome.path.read_text()
    (migrations / "versions" / "0002_of_another_branch.py").write_text(text.replace('revision = "', 'revision = "0', 1))
    with pytest.raises(MigrationError, match=r"several newest revisions: .*Two branches each wrote one"):
        migrate(_things(extent=column("bigint", null=True)), allow_data_loss=True)


def test_revisions_look_as_the_house_writes_python(migrate: Migrate, migrations: Path) -> None:
    """Formatted, linted, typed, whatever is in them: long conditions, quotes, words that SQL or Python reserve."""
    long = " OR ".join(f"\"order\" = '{'x' * 20}{number}'" for number in range(9))
    first = _things(
        order=column("varchar(100)", default="'it''s \"quoted\" \\ {brace}'"),
        a_rather_long_name_of_a_column_that_goes_on_and_on_and_on=column("numeric(38,10)", null=True, default="1.50"),
        user=column("jsonb", default="'{\"a\":1}'::jsonb"),
    )
    first["thing"] |= {
        "checks": {"ck_long": long, "ck_colon": "\"order\" ~ '^(?:a|%b)$'"},
        "unique": {"uq_" + "x" * 59: ["order", "a_rather_long_name_of_a_column_that_goes_on_and_on_and_on", "id"]},
    }
    migrate(first)
    second = _things(class_=column("varchar(200)", was="order", default="'b'"), user=column("jsonb"))
    migrate(second, allow_data_loss=True)
    for command in (["ruff", "format", "--check"], ["ruff", "check"], ["mypy", "--strict"]):
        files = sorted(map(str, migrations.glob("versions/*.py")))
        settings = ["--config" if command[0] == "ruff" else "--config-file", str(ROOT / "pyproject.toml")]
        tool = str(Path(sys.executable).with_name(command[0]))
        done = subprocess.run(
            [tool, *command[1:], *settings, *files], capture_output=True, text=True, check=False, cwd=ROOT
        )
        assert done.returncode == 0, done.stdout + done.stderr
