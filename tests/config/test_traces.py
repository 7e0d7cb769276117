"""Traces (config.traces): one from request over task to statement, nothing of anybody in it, no cost while off."""

import http.server
import json
import os
import subprocess
import sys
import threading

import kombu
import pytest
import redis
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from config import traces
from config.celery import app
from config.environment import BASE_DIR
from reviews.models import Material
from tests import factories
from tests.reviews import material_files
from tests.rivals import wait_until

NAME, NUMBER = "王秀兰", "110101196003070024"
OUTSIDE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def told(transactional_db):
    """What would be sent, while this process is traced on connections of its own."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(traces.Discreet(exporter)))
    connection.close()
    traces.instrument(provider)
    yield exporter.get_finished_spans
    traces.leave_alone()
    connection.close()


def uploaded(account):
    """An upload, whose message the worker of its queue then takes."""
    broker = redis.from_url(settings.CELERY_BROKER_URL)
    broker.delete("convert")
    file = SimpleUploadedFile(f"{NAME}{NUMBER}.jpg", material_files.jpeg(), content_type="image/jpeg")
    sent = factories.api(account).post(
        f"{reverse('materials')}?q={NAME}",
        {"file": file, "kind": "residence_permit"},
        format="multipart",
        headers={"User-Agent": NAME.encode().decode("latin-1"), "X-Forwarded-For": "198.51.100.77"},
    )
    assert sent.status_code == 201
    [message] = [json.loads(message) for message in broker.lrange("convert", 0, -1)]
    with start_worker(app, pool="solo", perform_ping_check=False, queues=["convert"]):
        wait_until(lambda: Material.objects.get(pk=sent.json()["id"]).status == "ready")
    return message


def test_one_trace_from_request_over_task_to_statement(told):
    account = factories.citizen()

    message = uploaded(account)

    spans = {span.context.span_id: span for span in told()}
    [request] = [span for span in spans.values() if span.name.startswith("POST")]
    [task] = [span for span in spans.values() if span.name == "run/reviews.tasks.process_material"]
    statements = [span for span in spans.values() if span.parent and span.parent.span_id == task.context.span_id]
    assert request.name == "POST api/v1/materials/"
    assert request.attributes["http.response.status_code"] == 201
    assert f"{request.context.trace_id:032x}" in message["headers"]["traceparent"]
    assert spans[spans[task.parent.span_id].parent.span_id] is request  # over the span of the message
    assert task.context.trace_id == request.context.trace_id
    assert any("reviews_material" in span.attributes["db.query.text"] for span in statements)


def test_nothing_of_anybody_is_in_a_trace(told):
    account = factories.citizen()

    uploaded(account)
    with connection.cursor() as cursor, pytest.raises(Exception, match="invalid input syntax"):
        cursor.execute(f"SELECT %s::int, '{NAME}' AS who, {NUMBER} AS number", [NAME])

    everything = "".join(span.to_json() for span in told())
    [broken] = [span for span in told() if "AS who" in str(span.attributes)]
    for personal in (NAME, NUMBER, "198.51.100.77", "\\u738b", str(account.pk), "?q="):
        assert personal not in everything
    assert broken.attributes["db.query.text"] == "SELECT %s::int, ? AS who, ? AS number"
    assert (broken.status.status_code, broken.status.description) == (StatusCode.ERROR, None)
    assert {name for span in told() for name in span.attributes} <= traces.KEPT


def test_of_a_callers_trace_only_the_numbers_are_taken_and_the_next_request_is_not_in_it(told):
    sent = {"traceparent": f"00-{OUTSIDE}-b7ad6b7169203331-01", "tracestate": f"who={NUMBER}", "baggage": "who=someone"}

    Client().get("/api/v1/areas/", headers=sent)
    Client().get("/api/v1/areas/")

    first, second = (span for span in told() if span.name == "GET api/v1/areas/")
    assert f"{first.context.trace_id:032x}" == OUTSIDE
    assert not first.context.trace_state
    assert second.parent is None


def test_a_message_that_no_broker_took_leaves_nothing_behind(told, monkeypatch):
    nowhere = kombu.Connection("redis://127.0.0.1:1/0")
    monkeypatch.setattr(app, "connection_for_write", lambda **options: nowhere)
    file = SimpleUploadedFile("a.jpg", material_files.jpeg(), content_type="image/jpeg")

    sent = factories.api(factories.citizen()).post(
        reverse("materials"), {"file": file, "kind": "residence_permit"}, format="multipart"
    )
    Client().get("/api/v1/areas/")

    [after] = (span for span in told() if span.name == "GET api/v1/areas/")
    assert sent.status_code == 201
    assert after.parent is None


def test_off_it_costs_no_import_and_on_it_sends_and_names_itself_in_the_log():
    received, answered = [], threading.Event()

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            answered.set()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Collector) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{collector.server_port}"
        off, on = (asked(url) for url in ("", endpoint))
        (loaded, _), (traced, log) = (process.communicate(timeout=180) for process in (off, on))
        collector.shutdown()

    assert (loaded.split(), traced.split()) == (["404", "False"], ["404", "True"])
    [(path, body)] = received
    [resource] = ExportTraceServiceRequest.FromString(body).resource_spans
    spans = [span for scope in resource.scope_spans for span in scope.spans]
    assert path == "/v1/traces"
    assert [
        attribute.value.string_value for attribute in resource.resource.attributes if attribute.key == "service.name"
    ] == ["yidi-web"]
    [line] = [json.loads(line) for line in log.splitlines() if "request_finished" in line]
    assert line["trace_id"] in {span.trace_id.hex() for span in spans}


def asked(endpoint):
    """A web process that is asked for what there is none of, and says whether it loaded what traces (Redis' client has a look at OpenTelemetry by itself)."""
    code = (
        "import sys; from policies.language import filing_rules; filing_rules.shipped = list;"
        " from config.wsgi import application; from django.test import RequestFactory;"
        " answer = application.get_response(RequestFactory().get('/api/v1/nothing/'));"
        " print(answer.status_code, bool({'config.traces', 'opentelemetry.instrumentation'} & {*sys.modules}))"
    )
    given = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "LOG_JSON": "1", "ALLOWED_HOSTS": "testserver", "SIMULATION": "0"}
    env = {**os.environ, **given}
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=BASE_DIR, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
