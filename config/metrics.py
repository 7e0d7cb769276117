"""What Prometheus reads at `/metrics`: requests, tasks, and how the queue stands.

Several processes serve and work; with PROMETHEUS_MULTIPROC_DIR set they add up their counters in files there, and any of them can answer for all.
"""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import REGISTRY, Collector

from config import health

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

requests = Counter("yidi_requests", "Requests answered", ["method", "route", "status"])
request_seconds = Histogram("yidi_request_seconds", "Time to answer a request", ["route"], buckets=BUCKETS)
tasks = Counter("yidi_tasks", "Tasks run", ["task", "outcome"])
task_seconds = Histogram("yidi_task_seconds", "Time to run a task", ["task"], buckets=BUCKETS)

gateway_calls = Counter("yidi_gateway_calls", "Calls of the national interface answered", ["infno", "outcome"])
gateway_seconds = Histogram(
    "yidi_gateway_seconds", "Time to answer a call of the national interface", ["infno"], buckets=BUCKETS
)


def count_gateway_call(infno: str, outcome: str, seconds: float) -> None:
    """Count and time one call: done, again (the first answer repeated), refused or failed."""
    gateway_calls.labels(infno, outcome).inc()
    gateway_seconds.labels(infno).observe(seconds)


@contextmanager
def timed_task(name: str) -> Iterator[None]:
    """Count and time one task."""
    began, outcome = time.perf_counter(), "failed"
    try:
        yield
        outcome = "done"
    finally:
        tasks.labels(name, outcome).inc()
        task_seconds.labels(name).observe(time.perf_counter() - began)


class Queue(Collector):
    """How the queue stands now, asked of the database at each scrape."""

    def collect(self) -> Iterable[Metric]:
        """One gauge for each figure of `health.queue_figures`."""
        for name, (meaning, figure) in health.queue_figures().items():
            yield GaugeMetricFamily(f"yidi_{name}", meaning, value=figure)

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not ask the database."""
        return []


@require_safe
@never_cache
def prometheus(request: HttpRequest) -> HttpResponse:
    """The figures; with METRICS_TOKEN set, only for who brings it as a bearer token; in production for nobody without one."""
    if settings.METRICS_CLOSED:
        raise Http404
    if not _known(request.headers.get("Authorization", "")):
        return HttpResponse(status=401)
    return HttpResponse(exposition(Queue()), content_type=CONTENT_TYPE_LATEST)


def _known(sent: str) -> bool:
    expected = f"Bearer {settings.METRICS_TOKEN}"
    return not settings.METRICS_TOKEN or hmac.compare_digest(sent.encode(), expected.encode())


def serve(port: int) -> WSGIServer:
    """Show a worker's figures at a port of its own, in a thread: its tasks, not the queue, which web processes show."""
    server = make_server(settings.HOST, port, _worker, handler_class=_Quiet)
    Thread(target=server.serve_forever, daemon=True, name="metrics").start()
    return server


def _worker(environ: dict[str, Any], start: StartResponse) -> list[bytes]:
    known = not settings.METRICS_CLOSED and _known(environ.get("HTTP_AUTHORIZATION", ""))
    start("200 OK" if known else "401 Unauthorized", [("Content-Type", CONTENT_TYPE_LATEST)])
    return [exposition() if known else b""]


class _Quiet(WSGIRequestHandler):
    """No line for each scrape, and nobody keeps it waiting."""

    timeout = 5

    def log_message(self, *_: Any) -> None:
        pass


def exposition(*more: Collector) -> bytes:
    """All figures of the processes in Prometheus' text format, and those of `more`."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Own())
    for collector in more:
        registry.register(collector)
    return generate_latest(registry)


class _Own(Collector):
    """This process's own figures."""

    def collect(self) -> Iterable[Metric]:
        return REGISTRY.collect()

    def describe(self) -> Iterable[Metric]:
        return []
