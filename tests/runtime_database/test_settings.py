"""Settings: read once, validated, and each complaint names the variable and what to write."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from treaty_runtime.development import development_secret
from treaty_runtime.errors import SettingsError
from treaty_runtime.settings import Settings, variable_of
from treaty_runtime.settings_page import settings_page

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
APP = {"DATABASE_URL": "postgresql://app:hidden@db/shop"}
SYSTEM = {"DATABASE_SYSTEM_URL": "postgresql://system:hidden@db/shop"}
OWNER = {"DATABASE_OWNER_URL": "postgresql://owner:hidden@db/shop"}
SECRET = {"TREATY_JWT_SECRET": "hidden" * 6}


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("TREATY_", "DATABASE_", "STRIPE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TREATY_DATA_DIR", str(tmp_path / "data"))


def _load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


def test_nothing_need_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = _load(monkeypatch)
    assert settings.embedded
    assert settings.port == 8000
    secret = tmp_path / "data" / "jwt-secret"
    assert settings.jwt_key == secret.read_text()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert Settings.load().jwt_key == settings.jwt_key


def test_the_data_folder_is_the_projects_wherever_in_it_one_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.treaty]\n")
    (tmp_path / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "down")
    assert _load(monkeypatch, TREATY_DATA_DIR="kept").data_dir == tmp_path / "kept"
    (tmp_path / "pyproject.toml").unlink()
    assert _load(monkeypatch, TREATY_DATA_DIR="kept").data_dir == tmp_path / "deep" / "down" / "kept"
    absolute = tmp_path / "elsewhere"
    assert _load(monkeypatch, TREATY_DATA_DIR=str(absolute)).data_dir == absolute


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _load(monkeypatch, DATABASE_URL="", TREATY_PORT="").embedded


def test_a_database_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _load(monkeypatch, **APP, **SYSTEM, **SECRET)
    assert not settings.embedded
    assert settings.database_owner_url is None  # the service does without
    assert settings.jwt_key == SECRET["TREATY_JWT_SECRET"]


def test_stripe_is_the_simulator_where_nothing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = _load(monkeypatch)
    assert settings.stripe_api_key
    assert settings.stripe_api_key.get_secret_value() == "simulator"
    kept = (tmp_path / "data" / "stripe-webhook-secret").read_text()
    assert settings.stripe_secrets == Settings.load().stripe_secrets == (f"whsec_{kept}",)
    several = {"STRIPE_WEBHOOK_SECRETS": f"whsec_{'new' * 11}, whsec_{'old' * 11}"}
    settings = _load(monkeypatch, **APP, **SYSTEM, **SECRET, **several)
    assert settings.stripe_secrets == (f"whsec_{'new' * 11}", f"whsec_{'old' * 11}")
    assert settings.stripe_api_key is None  # with a database of one's own, somebody has to say


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _load(monkeypatch, **APP, **SYSTEM, **OWNER, **SECRET)
    assert "hidden" not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"TREATY_PORT": "eighty"}, "TREATY_PORT: input should be a valid integer"),
        ({"TREATY_PORT": "99999"}, "TREATY_PORT: input should be less than or equal to 65535"),
        ({"TREATY_LOG_LEVEL": "loud"}, "TREATY_LOG_LEVEL: input should be 'debug', 'info', 'warning' or 'error'"),
        ({"TREATY_EVENTS_URL": "nats://x"}, "TREATY_EVENTS_URL: string should match pattern"),
        ({"TREATY_EVENTS_URL": "https://x"}, "TREATY_EVENTS_URL is set, so TREATY_EVENTS_SECRET must be set as well."),
        ({"TREATY_EVENTS_SECRET": f"{'0' * 32} hidden"}, "TREATY_EVENTS_SECRET: is shorter than 32 bytes"),
        ({"TREATY_JWT_SECRET": "hidden"}, "TREATY_JWT_SECRET: is shorter than 32 bytes, so it could be guessed"),
        ({"DATABASE_URL": "postgresql://app:hidden@db:port/shop"}, "DATABASE_URL: is not a URL"),
        ({"DATABASE_URL": "hidden"}, "DATABASE_URL: is not a URL"),
        ({"DATABASE_URL": "mysql://hidden"}, "DATABASE_URL: is not the URL of a PostgreSQL database"),
        ({**APP, **SECRET}, "DATABASE_URL is set, so DATABASE_SYSTEM_URL must be set as well."),
        ({**APP, **SYSTEM}, "DATABASE_URL is set, so TREATY_JWT_SECRET or TREATY_JWT_JWKS must be set as well."),
        ({"TREATY_JWT_JWKS": "ftp://keys"}, "TREATY_JWT_JWKS: is neither the URL nor the path of a file"),
        (APP, "DATABASE_URL is set, so DATABASE_SYSTEM_URL and TREATY_JWT_SECRET or TREATY_JWT_JWKS must be set"),
        ({"STRIPE_API_KEY": "pk_hidden"}, "STRIPE_API_KEY: is neither a secret key of Stripe (sk_… or rk_…) nor"),
        ({"STRIPE_WEBHOOK_SECRETS": "hidden"}, "STRIPE_WEBHOOK_SECRETS: is shorter than 32 bytes"),
        ({"STRIPE_WEBHOOK_SECRETS": f"{'hidden' * 6}, "}, "STRIPE_WEBHOOK_SECRETS: holds an empty secret, with which"),
        (OWNER, "DATABASE_URL is not set, but DATABASE_OWNER_URL is; set both or neither."),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError) as refusal:
        _load(monkeypatch, **variables)
    first, second = str(refusal.value).splitlines()
    assert first == "The settings are wrong:"
    assert second.strip().startswith(said)
    assert "hidden" not in second


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as refusal:
        _load(monkeypatch, TREATY_PORT="x", TREATY_LOG_LEVEL="loud", TREATY_STATEMENT_TIMEOUT="-1")
    assert len(str(refusal.value).splitlines()) == 4
    assert "Write, for example, TREATY_PORT=8000" in str(refusal.value)


def test_processes_that_start_together_share_one_secret(tmp_path: Path) -> None:
    for attempt in range(20):
        path = tmp_path / str(attempt) / "jwt-secret"
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(development_secret, [path] * 8))) == 1
        assert [file.name for file in path.parent.iterdir()] == ["jwt-secret"]


def test_a_secret_that_cannot_be_kept_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="TREATY_DATA_DIR, or set TREATY_JWT_SECRET"):
        development_secret(tmp_path / "file" / "jwt-secret")


def test_half_a_secret_is_none(tmp_path: Path) -> None:
    (tmp_path / "jwt-secret").write_text("ab")
    with pytest.raises(SettingsError, match="Delete the file, and a new one is made"):
        development_secret(tmp_path / "jwt-secret")


def test_the_page_of_the_documentation_is_up_to_date() -> None:
    assert PAGE.read_text() == settings_page(), "run `treaty settings > docs/settings.md`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_variable_is_described_with_an_example_that_works(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    field: FieldInfo = Settings.model_fields[name]
    assert field.description
    assert field.examples
    variable = variable_of(name, field)
    assert f"## `{variable}`\n\n{field.description}\n" in PAGE.read_text()
    example = str(field.examples[0])
    if not example.startswith("$("):  # a command for the shell
        secrets = SECRET | {"TREATY_EVENTS_SECRET": "0" * 32}
        settings = _load(monkeypatch, **(APP | SYSTEM | secrets | {variable: example}))
        assert getattr(settings, name) is not None
