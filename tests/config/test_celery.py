"""Tasks: the request's id reaches them, each has one moment, the broker holds nothing with a deadline."""

import json

import pytest
import redis
import structlog
from django.conf import settings

from config import metrics
from config.celery import app
from core import clock


@pytest.fixture
def queue():
    """The broker's queue for what is not routed elsewhere, empty."""
    broker = redis.from_url(settings.CELERY_BROKER_URL)
    broker.delete("deliver")
    yield lambda: [json.loads(message) for message in broker.lrange("deliver", 0, -1)]
    broker.delete("deliver")


@app.task(name="tests.moments")
def moments():
    return clock.now(), clock.now()


@app.task(name="tests.fails")
def fails():
    raise ValueError("no")


def test_request_id_travels_with_the_task(queue):
    with structlog.contextvars.bound_contextvars(request_id="request-0001"):
        moments.delay()

    assert [message["headers"]["__django_structlog__"]["request_id"] for message in queue()] == ["request-0001"]


@pytest.mark.django_db
def test_one_task_has_one_moment():
    first, second = moments.apply().get()

    assert first == second


@pytest.mark.django_db
def test_tasks_are_counted_by_outcome():
    before = [
        metrics.tasks.labels(*series)._value.get() for series in (("tests.moments", "done"), ("tests.fails", "failed"))
    ]

    moments.apply()
    fails.apply()

    after = [
        metrics.tasks.labels(*series)._value.get() for series in (("tests.moments", "done"), ("tests.fails", "failed"))
    ]

    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1]


def test_every_scheduled_task_exists_and_what_waited_too_long_is_dropped():
    app.loader.import_default_modules()

    scheduled = app.conf.beat_schedule.values()

    assert {entry["task"] for entry in scheduled} <= set(app.tasks)
    assert all(entry["options"]["expires"] <= entry["schedule"] for entry in scheduled)


def test_nothing_is_lost_with_a_worker_and_nothing_unsafe_is_read():
    conf = app.conf

    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    assert (conf.task_ignore_result, list(conf.accept_content), conf.task_serializer) == (True, ["json"], "json")
    assert conf.task_time_limit < conf.broker_transport_options["visibility_timeout"]
