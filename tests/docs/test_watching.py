"""The metrics and alerts that are documented, and what the dashboard asks for, are there."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import promql_parser
import pytest
import yaml
from flask.testing import FlaskClient
from promql_parser import AggregateExpr, VectorSelector

from app.dao.base import Dao
from app.dao.measured import OUTCOMES
from app.factory import create_app
from app.http_problems import HTTP_PROBLEMS
from app.problem_kinds import PROBLEMS
from app.services.jobs import FINISHED, JobKind
from app.settings import read_settings
from app.watching import metrics
from tests.docs.test_readme import BLOCK, rows, section
from tests.support.metrics import read
from tests.support.server import ROOT

PAGE = (ROOT / "docs" / "watching.md").read_text()
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "dashboard.json").read_text())
ALERTS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())
PANELS = [each for each in DASHBOARD["panels"] if each["type"] != "row"]
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
EXPRESSIONS = [
    target["expr"].replace("$__rate_interval", "5m")
    for panel in PANELS
    for target in panel["targets"]
] + [rule["expr"] for rule in RULES]
ENDINGS = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",), "gauge": ("",)}
# Of those labels that a rule may ask for by value, all that there are.
VALUES = {
    "outcome": {"ok", *OUTCOMES.values()},
    "operation": {*Dao.__abstractmethods__},
    "found": {metrics.APPLIED, metrics.REFUSED, metrics.OPEN},
    "code": {each.code for each in (*PROBLEMS.values(), *HTTP_PROBLEMS.values())},
    "kind": {*JobKind},
    "state": {*FINISHED},
}


def defined() -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Name, type, labels and meaning of every metric."""
    for metric in metrics._OWN._collector_to_names:
        (family,) = metric.collect()
        labels: tuple[str, ...] = metric._labelnames  # type: ignore[attr-defined]
        ending = "_total" if family.type == "counter" else ""
        yield family.name + ending, family.type, labels, family.documentation


SERIES = {
    name.removesuffix("_total") + ending: {*labels, *(["le"] if ending == "_bucket" else [])}
    for name, kind, labels, _ in defined()
    for ending in ENDINGS[kind]
}


def test_the_documented_metrics_are_those_there_are() -> None:
    told = [
        (name, kind, tuple(re.findall(r"`(\w+)`", f"`{labels}`")), meaning)
        for name, kind, labels, meaning in rows(section("Metrics", PAGE))
    ]
    assert sorted(told) == sorted(defined())


def test_the_documented_alerts_are_those_there_are() -> None:
    told = dict(rows(section("Dashboard and alerts", PAGE)))
    assert told == {rule["alert"]: rule["annotations"]["summary"] for rule in RULES}


def test_the_documented_members_are_those_of_a_line(
    client: FlaskClient, capfd: pytest.CaptureFixture[str]
) -> None:
    parent = f"00-{1:032x}-{1:016x}-01"
    client.get("/health/live", headers={"traceparent": parent})
    line = json.loads(capfd.readouterr().err)
    named = [row[0].replace("`", "").split(", ") for row in rows(section("Log", PAGE))]
    assert {name for names in named for name in names} | {"event"} == line.keys()


@pytest.fixture
def client(dao: Dao) -> FlaskClient:
    return create_app(read_settings(), dao).test_client()


def test_what_is_asked_for_is_shown_after_some_traffic(client: FlaskClient) -> None:
    for method, path in [("POST", "/profiles"), ("GET", "/profiles/nobody")]:
        client.open(path, method=method, json={})
    metrics.RETRIES.labels("write")
    shown: dict[str, set[str]] = {}
    for name, labels in read(client.get("/metrics").text):
        shown.setdefault(name, set()).update(label for label, _ in labels)
    # An embedded store has no requests in flight.
    assert asked_for() - shown.keys() <= {"profiles_store_requests_in_flight"}
    assert {name: SERIES[name] for name in shown if name in SERIES} == {
        name: labels for name, labels in shown.items() if name in SERIES
    }


def asked_for() -> set[str]:
    return {each.name for expression in EXPRESSIONS for each in selectors(expression)}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_asks_for_metrics_and_labels_there_are(expression: str) -> None:
    known = {"instance"}
    for selector in selectors(expression):
        labels = SERIES[selector.name]
        known |= labels
        for matcher in selector.matchers.matchers:
            assert matcher.name in labels
            if "=~" not in str(matcher.op) and matcher.name in VALUES:
                assert matcher.value in VALUES[matcher.name]
    assert grouped_by(expression) <= known


def selectors(expression: str) -> list[Any]:
    return [each for each in parts(expression) if isinstance(each, VectorSelector)]


def grouped_by(expression: str) -> set[str]:
    aggregates = [each for each in parts(expression) if isinstance(each, AggregateExpr)]
    return {label for each in aggregates if each.modifier for label in each.modifier.labels}


def parts(expression: str) -> list[Any]:
    found: list[Any] = []
    promql_parser.walk(promql_parser.parse(expression), found.append)
    return found


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"].keys() == {"summary", "runbook"}
        assert all(text.endswith(".") for text in rule["annotations"].values())
        assert promql_parser.parse_duration(rule.get("for", "1s"))


def test_every_metric_is_on_the_dashboard_or_in_an_alert() -> None:
    shown = {name.removesuffix("_bucket").removesuffix("_count") for name in asked_for()}
    assert shown == {name for name, *_ in defined()}


def test_the_panels_of_the_dashboard_stand_beside_each_other() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert not [pair for pair in combinations(places, 2) if overlap(*pair)]


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    return all(
        one[start] < other[start] + other[size] and other[start] < one[start] + one[size]
        for start, size in (("x", "w"), ("y", "h"))
    )


def test_the_dashboard_lets_its_reader_choose_the_data_source() -> None:
    (variable,) = DASHBOARD["templating"]["list"]
    assert (variable["type"], variable["query"]) == ("datasource", "prometheus")
    chosen = {"type": "prometheus", "uid": f"${{{variable['name']}}}"}
    for panel in PANELS:
        assert panel["title"]
        assert all(each["datasource"] == chosen for each in (panel, *panel["targets"]))
        references = [target["refId"] for target in panel["targets"]]
        assert sorted(set(references)) == references


def test_the_shown_configuration_of_prometheus_is_one() -> None:
    (job,) = yaml.safe_load(dict(BLOCK.findall(PAGE))["yaml"])["scrape_configs"]
    assert job["static_configs"][0]["targets"]
