"""Alerts and the dashboard ask for figures that there are, of routes and tasks that there are; each alert says what to do."""

import json
import re

import pytest
import yaml
from django.urls import URLResolver, get_resolver

from config import metrics
from config.celery import app
from config.environment import BASE_DIR
from tests.deploy.delivered import DEPLOY, manifests

ALERTS = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
PANELS = json.loads((DEPLOY / "grafana" / "yidi.json").read_text())["panels"]
SCALED = [each for each in manifests() if each["kind"] == "ScaledObject"]
EXPRESSIONS = [
    *(rule["expr"] for rule in ALERTS),
    *(target["expr"] for panel in PANELS for target in panel["targets"]),
    *(each["spec"]["triggers"][0]["metadata"]["query"] for each in SCALED),
]


def routes(resolver=None, before="/"):
    """Every route as `Measured` counts it."""
    for each in (resolver or get_resolver()).url_patterns:
        own = str(each.pattern)
        route = before + (own.removeprefix("^") if before != "/" else own)
        if isinstance(each, URLResolver):
            yield from routes(each, route)
        else:
            yield route


@pytest.mark.django_db
def test_every_metric_is_one_of_ours():
    metrics.requests.labels("GET", "none", 404).inc()
    metrics.request_seconds.labels("none").observe(1)
    metrics.tasks.labels("tests", "done").inc()
    metrics.task_seconds.labels("tests").observe(1)
    metrics.count_gateway_call("9001", "done", 0.1)
    shown = {
        line.split("{")[0].split(" ")[0]
        for line in metrics.exposition(metrics.Queue()).decode().splitlines()
        if line[0] != "#"
    }
    asked = {name for text in EXPRESSIONS for name in re.findall(r"\byidi_\w+", text)}

    assert len(asked) > 8
    assert asked - shown == set()
    assert {
        name for name in shown if name.startswith("yidi_") and not name.endswith(("_created", "_sum", "_count"))
    } - asked == set()


def test_every_route_and_task_is_one_of_ours():
    app.loader.import_default_modules()
    known = set(routes())
    text = " ".join(EXPRESSIONS)

    assert set(re.findall(r'route="([^"]+)"', text)) <= known
    assert all(
        any(re.fullmatch(pattern, route) for route in known) for pattern in re.findall(r'route=~"([^"]+)"', text)
    )
    assert set(re.findall(r'task="([^"]+)"', text)) <= set(app.tasks)


def test_every_alert_has_its_lines_and_every_line_its_alert():
    told = (BASE_DIR / "docs" / "operations.md").read_text()
    headings = re.findall(r"^### (Yidi\w+)\n(?!#|\n)", told, flags=re.MULTILINE)

    assert [rule["annotations"]["runbook"] for rule in ALERTS] == [
        f"docs/operations.md#{name.lower()}" for name in headings
    ]
    assert [rule["alert"] for rule in ALERTS] == headings
    assert {rule["labels"]["severity"] for rule in ALERTS} == {"page", "ticket"}
