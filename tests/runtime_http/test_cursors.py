"""Cursors are sealed for one question, by secrets that change; items without a place of their own make no page."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from generated.app import DEFINITION
from generated.saas.billing.usage_list import OPERATION
from treaty_runtime.cursors import open_cursor, seal_cursor
from treaty_runtime.errors import SettingsError
from treaty_runtime.pages import Page, check_places
from treaty_runtime.service import open_service
from treaty_runtime.settings import Settings
from treaty_runtime.wire import ContractBroken

OLD, NEW, OTHER = "o" * 32, "n" * 32, "x" * 32


def test_a_cursor_outlives_the_change_of_its_secret() -> None:
    cursor = seal_cursor([OLD], b"question", b"[1]")
    assert open_cursor([NEW, OLD], b"question", cursor) == b"[1]"
    assert open_cursor([NEW], b"question", cursor) is None
    assert open_cursor([OLD], b"another", cursor) is None
    assert open_cursor([OLD], b"question[", seal_cursor([OLD], b"question", b"[1]")) is None


def test_every_changed_character_is_noticed() -> None:
    cursor = seal_cursor([OLD], b"question", b"[12]")  # 36 bytes: no bit of the last character is left over
    for position, character in enumerate(cursor):
        changed = cursor[:position] + ("A" if character != "A" else "B") + cursor[position + 1 :]
        assert open_cursor([OLD], b"question", changed) is None


def test_which_secrets_seal() -> None:
    signed = Settings(jwt_secret=SecretStr(NEW), jwt_secret_before=SecretStr(OLD))
    assert signed.cursor_secrets == (NEW, OLD)
    assert signed.model_copy(update={"cursor_secret": SecretStr(f"{OTHER} {OLD}")}).cursor_secrets == (OTHER, OLD)


async def _open(settings: Settings) -> None:
    async with open_service(DEFINITION, settings):
        pass


def test_a_service_without_any_secret_does_not_start() -> None:
    settings = Settings(
        database_url=SecretStr("postgresql://app@127.0.0.1:1/x"),
        database_system_url=SecretStr("postgresql://system@127.0.0.1:1/x"),
        jwt_jwks="https://login.example/jwks.json",
    )
    with pytest.raises(SettingsError, match="TREATY_CURSOR_SECRET"):
        asyncio.run(_open(settings))


@pytest.mark.parametrize(
    ("after", "places"),
    [(None, [(1,), (1,)]), ((1,), [(1,), (2,)]), (None, [(1,), (2,), (3,), (4,)])],
    ids=["twice", "again", "too many"],
)
def test_items_without_a_place_of_their_own_are_refused(after: tuple[int] | None, places: list[tuple[int]]) -> None:
    with pytest.raises(ContractBroken):
        check_places(OPERATION, Page(after, 2), list(places))
    check_places(OPERATION, Page(None, 2), [(1,), (2,), (3,)])
