"""Services: PostgreSQL, Redis, the background work, the logs."""

import logging
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from config import logs
from config.environment import DATA_DIR, PRODUCTION, env
from core import sentinel
from devservices import state


def _session(seconds: int) -> str:
    """What is prepared is planned once (`core.prepared`). In web processes (config.wsgi) no statement runs longer than so many
    seconds, and no lock is waited for longer than a third of it.
    """
    limits = f" -c statement_timeout={seconds}s -c lock_timeout={seconds * 1000 // 3} -c idle_in_transaction_session_timeout={seconds}s"
    return "-c plan_cache_mode=force_generic_plan" + (limits if seconds else "")


# Services: named by the environment, else those of the data folder.
_OWN = {} if PRODUCTION else state.urls(DATA_DIR)
REDIS_URL = env.str("REDIS_URL", default=_OWN.get("REDIS_URL", ""))
_ADDRESSES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_PURGE_URL")
_DATABASE, _OWNER, _PURGE = (
    env.str(name, default="" if env.str("DATABASE_URL", default="") else _OWN.get(name, "")) for name in _ADDRESSES
)
# Behind a pooler that hands out connections by transaction nothing may be left to a session: the pooler itself limits statements.
POOLED = env.bool("DATABASE_POOLED", default=False)
DATABASES = {
    "default": {
        **env.db_url_config(_DATABASE),
        "ENGINE": "core.postgresql",
        "CONN_MAX_AGE": env.int("DATABASE_SECONDS", default=600),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": POOLED,
    }
}
_OPTIONS = {
    "connect_timeout": 5,
    **({} if POOLED else {"options": _session(env.int("DATABASE_STATEMENT_SECONDS", default=0))}),
    "prepare_threshold": 0 if env.bool("DATABASE_PREPARED", default=not POOLED) else None,
}
DATABASES["default"]["OPTIONS"] = {**_OPTIONS, **DATABASES["default"].get("OPTIONS", {})}
# By three roles, where the environment names them (docs/operations.md): the owner migrates (`core.grants`), whatever serves and
# works is the application, what deletes when its time is over (`core.retention`) is the purge. Else DATABASE_URL is all three.


def _role(address: str, **options: Any) -> dict[str, Any]:
    """How another role, or the replica, is signed in to: where its address leads, with the options that stand there (TLS, a socket)."""
    given = env.db_url_config(address)
    login = {key: given[key] for key in ("USER", "PASSWORD", "HOST", "PORT") if key in given}
    return {**login, "OPTIONS": {**_OPTIONS, **options, **given.get("OPTIONS", {})}}


DATABASE_OWNER = _role(_OWNER or _DATABASE)
if _PURGE:
    DATABASES["purge"] = {**DATABASES["default"], **_role(_PURGE), "CONN_MAX_AGE": 0, "TEST": {"MIRROR": "default"}}
# What may be read a moment later than it was written (`core.replica`): by connections of its own, for a pooler by transaction would
# ask one replica how far it is and read from another.
if _REPLICA := env.str("DATABASE_REPLICA_URL", default=""):
    DATABASES["replica"] = {
        **DATABASES["default"],
        **_role(_REPLICA, connect_timeout=2),
        "TEST": {"MIRROR": "default"},
    }
    DATABASE_ROUTERS = ["core.replica.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _next_redis_database(url: str) -> str:
    """The Redis database after the broker's: clearing the cache must not empty the queue."""
    parts = urlsplit(url)
    return parts._replace(path=f"/{int(parts.path.strip('/') or 0) + 1}").geturl()


CACHES = {
    "default": {
        "BACKEND": "core.cache.Cache",
        "LOCATION": env.str("CACHE_URL", default=_next_redis_database(REDIS_URL)),
        "KEY_PREFIX": "yidi",
        "OPTIONS": {"pool_class": "core.sentinel.Pool", "socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }
}

# By urgency: what decides cases, what is short and reaches people, what takes its time. A worker with `-Q decide` does nothing
# else, so that no upload holds up a deadline; one without `-Q` serves all three.
QUEUES = ["decide", "deliver", "convert"]

# Work in the background: the broker only wakes workers, the database is the queue (STACK.md §1, §9).
_BROKER = env.str("BROKER_URL", default=REDIS_URL)
_WAITS = {"socket_connect_timeout": 2, "socket_timeout": 10}
CELERY_BROKER_URL = sentinel.broker_urls(_BROKER)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    **_WAITS,
    **sentinel.broker_options(_BROKER, _WAITS),
}
CELERY_TASK_QUEUES = [Queue(name) for name in QUEUES]
CELERY_TASK_DEFAULT_QUEUE = "deliver"
CELERY_TASK_ROUTES = {
    "reviews.tasks.sweep": {"queue": "decide"},
    "reviews.tasks.process_*": {"queue": "convert"},
    "scenarios.tasks.*": {"queue": "convert"},
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 120, 150
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_ENABLE_UTC, CELERY_TIMEZONE = True, "Asia/Shanghai"
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}}  # what waited that long is asked again
    for task, seconds in {
        "reviews.tasks.sweep": 5,
        "reviews.tasks.process_waiting_materials": 15,
        "reviews.tasks.purge_presences": 3600,
        "accounts.tasks.deliver": 3,
        "accounts.tasks.refresh_persons": 300,
        "accounts.tasks.end_lapsed_mandates": 600,
        "accounts.tasks.purge": 3600,
        "gateway.tasks.purge": 3600,
        "scenarios.tasks.run_scenarios": 10,
    }.items()
}
WORKER_SILENCE_SECONDS = env.int("WORKER_SILENCE_SECONDS", default=30)
SWEEP_LAG_SECONDS = env.int("SWEEP_LAG_SECONDS", default=120)

TRACES = bool(
    env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
)  # config.traces; the SDK reads the rest of OTEL_… itself
if TRACES and not find_spec("opentelemetry"):
    raise ImproperlyConfigured(
        "OTEL_EXPORTER_OTLP_ENDPOINT is set: pip install --require-hashes -r requirements-traces.txt"
    )
LOGGING = logs.configuration(
    json=env.bool("LOG_JSON", default=PRODUCTION), level=env.str("LOG_LEVEL", default="INFO"), traced=TRACES
)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request is enough
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG  # the sweeps run every few seconds
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # config.middleware.RequestId has looked at it
