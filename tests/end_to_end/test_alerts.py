"""Every series that an alert asks for is one that the running service tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.end_to_end.conftest import Billing
from tests.support.project import ROOT


def selectors(node: Any) -> Iterator[Any]:
    """The vector selectors of an expression."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    for name in ("lhs", "rhs", "expr", "vector_selector"):
        if (below := getattr(node, name, None)) is not None:
            yield from selectors(below)
    for argument in getattr(node, "args", None) or ():
        yield from selectors(argument)


def matches(selector: Any, name: str, labels: dict[str, str]) -> bool:
    return name == selector.name and all(
        re.fullmatch(matcher.value, labels.get(matcher.name, "")) if matcher.op == promql_parser.MatchOp.Re
        else matcher.value == labels.get(matcher.name, "")
        for matcher in selector.matchers.matchers
    )  # fmt: skip


def test_alerts_ask_for_series_that_are_there(billing: Billing) -> None:
    rules = yaml.safe_load((ROOT / "generated" / "alerts.yaml").read_text())
    expressions = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    wanted = {str(found): found for text in expressions for found in selectors(promql_parser.parse(text))}
    assert len(wanted) >= 4 * 5
    with billing.service.client(billing.service.secret) as client:
        families = text_string_to_metric_families(client.get("/metrics").text)
    told = [(sample.name, sample.labels) for family in families for sample in family.samples]
    for text, selector in wanted.items():
        assert any(matches(selector, *series) for series in told), text
