"""/healthz, /readyz and /metrics (API.md, Operations)."""

import os
import subprocess
import sys
import time
from datetime import timedelta

import httpx
import kombu
import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import Message
from config import health, metrics
from config.celery import app
from config.environment import BASE_DIR
from core import clock
from reviews.models import Material, Status, Submission
from tests import factories

NOON = factories.moment("2026-03-02 12:00")


@pytest.fixture
def worker():
    """Workers of every queue that have just said they live."""
    cache.clear()
    health.note_worker(["decide", "deliver", "convert"])
    yield
    cache.clear()


@pytest.fixture
def waiting(db):
    """A submission of Monday noon, due on Wednesday at 17:00, to be looked at by the sweep at 15:00."""
    factories.working_calendar()
    with clock.standing_at(NOON):
        filing = factories.draft()
    Submission.objects.filter(id=filing.id).update(
        status=Status.SUBMITTED,
        submitted_at=NOON,
        due_at=factories.moment("2026-03-04 17:00"),
        wake_at=NOON + timedelta(hours=3),
    )


def test_healthz_answers_without_asking_anybody(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_when_every_part_works(client, worker):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "parts": {"database": "ok", "broker": "ok", "worker": "ok", "sweep": "ok"},
    }


@pytest.mark.django_db
def test_not_ready_before_a_worker_was_seen(client):
    cache.clear()

    answer = client.get("/readyz")

    assert answer.status_code == 503
    unseen = "decide: no worker seen; deliver: no worker seen; convert: no worker seen"
    assert answer.json()["parts"] == {"database": "ok", "broker": "ok", "worker": unseen, "sweep": "ok"}


@pytest.mark.django_db
def test_a_balancer_asks_for_the_part_without_which_a_process_is_no_use(client):
    cache.clear()

    alone, unknown = client.get("/readyz?part=database"), client.get("/readyz?part=databse")

    assert (alone.status_code, alone.json()["parts"]) == (200, {"database": "ok"})
    assert unknown.status_code == 404


@pytest.mark.django_db
def test_not_ready_when_the_worker_of_one_queue_fell_silent(client, worker, settings):
    cache.set(health.SEEN_AT + "decide", time.time() - settings.WORKER_SILENCE_SECONDS - 3600)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"]["worker"].startswith("decide: last seen 36")


@pytest.mark.django_db
def test_not_ready_when_the_broker_is_gone(client, worker, monkeypatch):
    monkeypatch.setattr(
        app, "connection_for_write", lambda **options: kombu.Connection("redis://127.0.0.1:1/0", **options)
    )

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"]["broker"] == "no answer (OperationalError)"


def test_not_ready_when_the_database_is_gone_and_no_detail_leaks(client, worker, monkeypatch):
    monkeypatch.setattr(connection, "cursor", _refuse)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "no answer (DatabaseError)"
    assert "secret-host" not in answer.content.decode()


def _refuse(*_, **__):
    raise DatabaseError("connection to secret-host failed")


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (NOON + timedelta(hours=3, minutes=2), "ok"),
        (NOON + timedelta(hours=3, minutes=2, seconds=1), "121 s behind"),
    ],
)
def test_sweep_may_be_two_minutes_late(waiting, worker, at, state):
    with clock.standing_at(at):
        assert health.report()["sweep"] == state


@pytest.mark.parametrize(
    ("at", "figures"),
    [
        ("2026-03-02 14:59", {"submissions_waiting": 1, "submissions_overdue": 0, "sweep_lag_seconds": 0}),
        ("2026-03-02 15:10", {"submissions_waiting": 1, "submissions_overdue": 0, "sweep_lag_seconds": 600}),
        ("2026-03-04 17:01", {"submissions_waiting": 1, "submissions_overdue": 1, "sweep_lag_seconds": 180060}),
    ],
)
def test_figures_of_the_queue(waiting, at, figures):
    with clock.standing_at(factories.moment(at)):
        found = {name: figure for name, (_meaning, figure) in health.queue_figures().items()}

    assert found == {**figures, "upload_lag_seconds": 0, "delivery_lag_seconds": 0}


def test_figures_of_what_waits_for_the_other_workers(db, account_with_both):
    with clock.standing_at(NOON):
        found = {name: figure for name, (_meaning, figure) in health.queue_figures().items()}

    assert found["upload_lag_seconds"] == pytest.approx(90, abs=30)
    assert found["delivery_lag_seconds"] == 240


@pytest.fixture
def account_with_both(db):
    """An upload of a minute and a half ago, and a message of four minutes ago, of which no worker knows."""
    account, sent_at = factories.citizen(), NOON - timedelta(minutes=4)
    Message.objects.create(account=account, title="t", text="t", created_at=sent_at)
    upload = factories.material(account)
    Material.objects.filter(pk=upload.pk).update(
        status=Material.State.PROCESSING, uploaded_at=timezone.now() - timedelta(seconds=90)
    )


def test_a_worker_shows_its_tasks_to_who_brings_the_token(settings):
    settings.METRICS_TOKEN, settings.HOST = "right", "127.0.0.1"
    with metrics.serve(0) as server:
        address = f"http://127.0.0.1:{server.server_port}/metrics"
        shown = httpx.get(address, headers={"Authorization": "Bearer right"})
        refused = httpx.get(address)
        server.shutdown()

    assert (shown.status_code, refused.status_code, refused.text) == (200, 401, "")
    assert "yidi_task_seconds" in shown.text
    assert "yidi_submissions_waiting" not in shown.text


@pytest.mark.django_db
def test_metrics_count_requests_by_route_and_never_show_addresses(client):
    before = _count(client, 'yidi_requests_total{method="GET",route="/api/v1/areas/<str:code>/",status="404"}')
    client.get("/api/v1/areas/somebodys-secret/")
    client.get("/api/v1/areas/somebodys-secret/")

    text = client.get("/metrics").content.decode()

    assert (
        _count(client, 'yidi_requests_total{method="GET",route="/api/v1/areas/<str:code>/",status="404"}') == before + 2
    )
    assert "somebodys-secret" not in text
    assert "yidi_submissions_overdue 0.0" in text


def _count(client, series: str) -> float:
    lines = client.get("/metrics").content.decode().splitlines()
    return sum(float(line.removeprefix(series)) for line in lines if line.startswith(series))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Bearer réght"}, 401),
        ({"Authorization": "Bearer right"}, 200),
    ],
)
def test_metrics_may_ask_for_a_token(client, settings, header, status):
    settings.METRICS_TOKEN = "right"

    assert client.get("/metrics", headers=header).status_code == status


def test_figures_of_several_processes_add_up(tmp_path):
    count = "from config import metrics; metrics.tasks.labels('t', 'done').inc(3)"
    show = "from config import metrics; metrics.Queue.collect = lambda self: []; print(metrics.exposition().decode())"
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    texts = [
        subprocess.run(
            [sys.executable, "-c", f"import django; django.setup(); {code}"],
            cwd=BASE_DIR, env=env, capture_output=True, text=True, check=True,
        ).stdout
        for code in (count, count, show)
    ]  # fmt: skip

    assert 'yidi_tasks_total{outcome="done",task="t"} 6.0' in texts[-1]
