"""Is it well? `/healthz` and `/readyz` with its parts (API.md, Operations), and the figures of the queue."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import outbox
from core import clock
from reviews import materials
from reviews.models import Status, Submission

SEEN_AT = "worker_seen_at:"
log = structlog.get_logger(__name__)


class Unwell(Exception):
    """A part does not do its work; the message says what is wrong, without secrets."""


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when every part works, else 503; each part says how it is. `?part=` asks for some alone: a balancer for the database,
    without which a process is no use, while the others' workers are no reason to send people elsewhere."""
    named = request.GET.getlist("part")
    if not PARTS.keys() >= set(named):
        raise Http404
    parts = report(*named)
    well = all(state == "ok" for state in parts.values())
    return JsonResponse({"status": "ok" if well else "unwell", "parts": parts}, status=200 if well else 503)


def note_worker(queues: Iterable[str]) -> None:
    """A worker of these queues lives: remembered where every web process can see it."""
    cache.set_many({SEEN_AT + queue: time.time() for queue in queues}, timeout=3600)


def report(*named: str) -> dict[str, str]:
    """Each part's state, or that of those named: "ok", or what is wrong with it."""
    return {name: _state(part) for name, part in PARTS.items() if not named or name in named}


def _state(part: Callable[[], None]) -> str:
    try:
        part()
    except Unwell as reason:
        return str(reason)
    except Exception as error:
        log.warning("part_unwell", part=part.__name__, exc_info=True)
        return f"no answer ({type(error).__name__})"
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    with current_app.connection_for_write(connect_timeout=1) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)


def _worker() -> None:
    seen = cache.get_many([SEEN_AT + queue for queue in settings.QUEUES])
    silences = {queue: time.time() - seen.get(SEEN_AT + queue, 0) for queue in settings.QUEUES}
    silent = {queue: seconds for queue, seconds in silences.items() if seconds > settings.WORKER_SILENCE_SECONDS}
    if silent:
        raise Unwell("; ".join(_told(queue, seconds, seen) for queue, seconds in silent.items()))


def _told(queue: str, silence: float, seen: dict[str, float]) -> str:
    return f"{queue}: last seen {silence:.0f} s ago" if SEEN_AT + queue in seen else f"{queue}: no worker seen"


def _sweep() -> None:
    if (lag := sweep_lag(clock.now())) > timedelta(seconds=settings.SWEEP_LAG_SECONDS):
        raise Unwell(f"{lag.total_seconds():.0f} s behind")


PARTS: dict[str, Callable[[], None]] = {"database": _database, "broker": _broker, "worker": _worker, "sweep": _sweep}


def sweep_lag(now: datetime) -> timedelta:
    """For how long the longest waiting submission should have been looked at."""
    first = Submission.objects.filter(wake_at__lte=now).order_by("wake_at").values_list("wake_at", flat=True).first()
    return now - first if first else timedelta()


def queue_figures() -> dict[str, tuple[str, float]]:
    """Name → (meaning, value) of what an operator watches. One time for all of them."""
    now = clock.now()
    waiting = Submission.objects.filter(status=Status.SUBMITTED)
    return {
        "submissions_waiting": ("Submissions under review", waiting.count()),
        "submissions_overdue": (
            "Submissions whose deadline has passed undecided",
            waiting.filter(due_at__lt=now).count(),
        ),
        "sweep_lag_seconds": (
            "How long the longest waiting submission was left unswept",
            sweep_lag(now).total_seconds(),
        ),
        "upload_lag_seconds": ("How long the longest waiting upload has waited", materials.lag().total_seconds()),
        "delivery_lag_seconds": (
            "How long the longest waiting message should have gone out",
            outbox.lag().total_seconds(),
        ),
    }
