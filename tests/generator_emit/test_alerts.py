"""Alert rules: Prometheus takes them, they say what the contract says, and texts of contracts stay texts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from tests.generator.checking import model, write
from tests.support.project import ROOT
from treaty.emit.alerts import emit_alerts
from treaty_runtime.observability.metrics import ARRIVALS
from treaty_runtime.observability.queues import QUEUES

COMMAND = """
kind: command
key: shop.buy
version: 1.0.0
description: Buy something.
owners: {owners}
http: POST /buy
slo:
{slo}
  runbook: {runbook}
"""


def rules(text: str) -> list[dict[str, Any]]:
    """The rules of a file that is held against what Prometheus takes: its structure, and the grammar of PromQL.

    Where `promtool` is installed (Debian's package `prometheus`), it has the last word.
    """
    found = yaml.safe_load(text)
    assert set(found) == {"groups"}
    for group in found["groups"]:
        assert set(group) == {"name", "rules"}
        for rule in group["rules"]:
            assert set(rule) == {"alert", "expr", "labels", "annotations"}
            assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", rule["alert"])
            for kind in ("labels", "annotations"):
                assert all(re.fullmatch(r"[a-z_]+", name) for name in rule[kind])
                assert all(isinstance(value, str) for value in rule[kind].values())
            promql_parser.parse(rule["expr"])
    names = [group["name"] for group in found["groups"]]
    assert len(set(names)) == len(names)
    if promtool := shutil.which("promtool"):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            said = subprocess.run([promtool, "check", "rules", file.name], text=True, capture_output=True, check=False)
        assert said.returncode == 0, said.stdout + said.stderr
    return [rule for group in found["groups"] for rule in group["rules"]]


def made(folder: Path, slo: str, *, owners: str = '["@shop"]', runbook: str = "https://runbooks.example/buy") -> str:
    text = COMMAND.format(slo=f"  {slo}", owners=owners, runbook=runbook).lstrip()
    alerts = emit_alerts(model(write(folder, {"contracts/shop/buy.yaml": text})))
    assert alerts is not None
    return alerts


def numbers(rule: dict[str, Any]) -> list[tuple[str, str]]:
    """Windows and limits of an alert."""
    return re.findall(r"\[(\w+)\]\)\) > ([0-9.]+)", rule["expr"])


def test_this_repository_s_rules_are_taken() -> None:
    found = rules((ROOT / "generated" / "alerts.yaml").read_text())
    promising = {
        file.relative_to(ROOT / "contracts").with_suffix("").as_posix().replace("/", ".")
        for file in (ROOT / "contracts").rglob("*.yaml")
        if "\nslo:" in file.read_text()
    }
    assert len(promising) > 10
    assert {rule["labels"]["operation"] for rule in found} == {*promising, "saas.billing.stripe.webhook"}
    assert {rule["labels"]["owner"] for rule in found} == {"@example.saas-boilerplate"}
    webhooks = [rule for rule in found if rule["alert"].startswith("Webhook")]
    assert len(webhooks) == 5
    # What they look at is there.
    queues = {
        name
        for rule in webhooks
        for names in re.findall(r'queue=~?"([^"]+)"', rule["expr"])
        for name in names.split("|")
    }
    assert queues <= QUEUES.keys()
    outcomes = [
        name
        for rule in webhooks
        for names in re.findall(r'outcome=~"([^"]+)"', rule["expr"])
        for name in names.split("|")
    ]
    assert outcomes
    assert set(outcomes) <= set(ARRIVALS)
    for rule in found:
        if rule in webhooks:
            continue
        assert rule["annotations"]["runbook_url"].endswith(rule["labels"]["operation"].removeprefix("saas.billing."))


@pytest.mark.parametrize(
    ("slo", "page", "ticket"),
    [
        (
            "availability: 99.9%",
            [("1h", "0.0144"), ("5m", "0.0144"), ("6h", "0.006"), ("30m", "0.006")],
            [("1d", "0.003"), ("2h", "0.003"), ("3d", "0.001"), ("6h", "0.001")],
        ),
        (
            "{availability: 99.999%, window: 7d",
            [("14m", "0.000144"), ("1m10s", "0.000144"), ("1h24m", "0.00006"), ("7m", "0.00006")],
            [("5h36m", "0.00003"), ("28m", "0.00003"), ("16h48m", "0.00001"), ("1h24m", "0.00001")],
        ),
        (
            "{availability: 90%, window: 90d",  # at 14.4 times the rate, more than all would have to fail
            [("18h", "0.6"), ("1h30m", "0.6")],
            [("3d", "0.3"), ("6h", "0.3"), ("9d", "0.1"), ("18h", "0.1")],
        ),
    ],
)
def test_windows_and_limits_follow_from_the_promise(
    tmp_path: Path, slo: str, page: list[tuple[str, str]], ticket: list[tuple[str, str]]
) -> None:
    lines = slo.removeprefix("{").replace(", ", "\n  ")
    found = rules(made(tmp_path, lines))
    assert [rule["labels"]["severity"] for rule in found] == ["page", "ticket"]
    assert [numbers(rule) for rule in found] == [page, ticket]
    assert {rule["alert"] for rule in found} == {"ServiceLevelAvailability"}
    assert all('treaty_requests_total{operation="shop.buy",status=~"5.."}' in rule["expr"] for rule in found)


@pytest.mark.parametrize(("under", "bound"), [("200ms", "0.2"), ("1ms", "0.001"), ("2s", "2.0"), ("1500ms", "1.5")])
def test_a_latency_is_read_at_its_own_bound(tmp_path: Path, under: str, bound: str) -> None:
    found = rules(made(tmp_path, f"latency: {{of: 95%, under: {under}}}"))
    assert {rule["alert"] for rule in found} == {"ServiceLevelLatency"}
    assert all(f'outcome="success",le="{bound}"' in rule["expr"] for rule in found)
    assert numbers(found[0])[0] == ("1h", "0.72")


ODD = ["{{ $labels.x }}", 'a "b" \\ c', "é 日本 🎉", "a: b # c", "\x85\u2028\ufeffx", "{{{{"]


@pytest.mark.parametrize("owner", ODD)
def test_texts_of_contracts_stay_texts(tmp_path: Path, owner: str) -> None:
    found = rules(made(tmp_path, "availability: 99%", owners=_written(owner), runbook=json.dumps("https://x/{{y}}")))
    assert all(_expanded(rule["labels"]["owner"]) == owner for rule in found)
    assert all(_expanded(rule["annotations"]["runbook_url"]) == "https://x/{{y}}" for rule in found)


def _written(owner: str) -> str:
    """A list of one owner for YAML, which knows no pairs of surrogates."""
    return json.dumps([owner], ensure_ascii="🎉" not in owner)


def _expanded(text: str) -> str:
    """What Prometheus' templates make of it: the only action is one that writes two brackets."""
    assert "{{" not in text.replace('{{ "{{" }}', "")
    return text.replace('{{ "{{" }}', "{{")


def test_without_service_levels_there_is_no_file(tmp_path: Path) -> None:
    text = "kind: query\nkey: shop.ask\nversion: 1.0.0\ndescription: Ask.\nhttp: GET /ask\n"
    assert emit_alerts(model(write(tmp_path, {"contracts/shop/ask.yaml": text}))) is None
