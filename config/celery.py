"""The Celery app. Nothing with a deadline lives in the broker: tasks only wake services that look into the database (DESIGN.md §4).

The worker loads this file before Django is ready: what needs the models is imported by what runs afterwards.
"""

import gc
import os
from importlib import import_module
from typing import Any

import celery
from celery.signals import heartbeat_sent, setup_logging, worker_init, worker_process_init, worker_ready
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Task(celery.Task):  # type: ignore[type-arg]
    """One task has one business time, as one request has; it is counted and timed."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from config import metrics
        from core import clock

        with metrics.timed_task(self.name), clock.standing_at(clock.now()):
            return super().__call__(*args, **kwargs)


app = celery.Celery("yidi", task_cls=Task)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()  # in every thread of the web process, not only in the one that imported it
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """Django's LOGGING stands; being connected keeps Celery from adding handlers of its own."""


@worker_init.connect
def _require_keys(**_: Any) -> None:
    """Leave where the database was made under other keys; what is no SystemExit, Celery would log and go on."""
    from accounts import rotation

    try:
        rotation.require_keys()
    except ImproperlyConfigured as reason:
        raise SystemExit(str(reason)) from None
    finally:
        connection.close()


@worker_init.connect
def _read_the_policies(**_: Any) -> None:
    """Once, before the worker's processes are forked: they share what was read, and never look through it for rubbish."""
    from policies.language import filing_rules

    filing_rules.shipped()
    gc.collect()
    gc.freeze()


@worker_process_init.connect
def _trace(**_: Any) -> None:
    """In each of the worker's processes: what sends the traces away is a thread, which no fork takes along."""
    if settings.TRACES:
        import_module("config.traces").start("yidi-worker")


@worker_ready.connect
def _show_figures(**_: Any) -> None:
    if settings.METRICS_PORT:
        import_module("config.metrics").serve(settings.METRICS_PORT)


@worker_ready.connect
@heartbeat_sent.connect
def _say_we_live(**_: Any) -> None:
    """Every two seconds, from the worker's main process: what `/readyz` looks for."""
    from config import health

    health.note_worker(app.amqp.queues.consume_from)
