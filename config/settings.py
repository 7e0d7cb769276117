"""Settings from the environment (django-environ). `.env.example` lists every variable with its meaning.

Development needs none of them. Production (`ENVIRONMENT=production`) starts only when nothing is missing and nothing is lax
(`config/production.py`).
"""

import logging
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from config import embedded, logs, production
from config.admin_site import UNFOLD as UNFOLD
from config.environment import BASE_DIR, DATA_DIR, PRODUCTION, choice, env, load_development_secrets

if PRODUCTION:
    production.require()
else:
    load_development_secrets()

DEBUG = env.bool("DEBUG", default=False)
SIMULATION = env.bool("SIMULATION", default=not PRODUCTION)
REVIEW_MODE = choice("REVIEW_MODE", *(("simulated", "human") if SIMULATION else ("human",)))
SANDBOX = env.bool("SANDBOX", default=not PRODUCTION)

SECRET_KEY = env.str("SECRET_KEY")
DATA_KEYS = env.list("DATA_KEYS")
HASH_KEY = env.str("HASH_KEY")

HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if HOST == "127.0.0.1" else ["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PROXIES = env.int("PROXIES", default=0)

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "knox",
    "axes",
    "csp",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core",
    "regions",
    "policies",
    "accounts",
    "reviews",
    "filings",
    "referrals",
    "chronic",
    "settlements",
    "claims",
    "estimates",
    "scenarios",
    "mobile",
    "config",
]
MIDDLEWARE = [
    "config.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.Logged",
    "config.middleware.Measured",
    "config.middleware.WholeText",
    "django.middleware.gzip.GZipMiddleware",
    "config.middleware.ContentSecurity",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.MasterDataHistory",
    "config.middleware.OneMoment",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Services: named by the environment, else the embedded ones of the data folder.
_EMBEDDED = embedded.urls(DATA_DIR)
REDIS_URL = env.str("REDIS_URL", default="" if PRODUCTION else _EMBEDDED["REDIS_URL"])
DATABASES = {
    "default": {
        **env.db_url_config(env.str("DATABASE_URL", default="" if PRODUCTION else _EMBEDDED["DATABASE_URL"])),
        "CONN_MAX_AGE": env.int("DATABASE_SECONDS", default=600),
        "CONN_HEALTH_CHECKS": True,
    }
}
# Statements keep their plans: for short reads, planning was most of what they cost the database.
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 5,
    "server_side_binding": True,
    "prepare_threshold": 3 if env.bool("DATABASE_PREPARED", default=True) else None,
    **DATABASES["default"].get("OPTIONS", {}),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _next_redis_database(url: str) -> str:
    """The Redis database after the broker's: clearing the cache must not empty the queue."""
    parts = urlsplit(url)
    return parts._replace(path=f"/{int(parts.path.strip('/') or 0) + 1}").geturl()


CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.str("CACHE_URL", default=_next_redis_database(REDIS_URL)),
        "KEY_PREFIX": "yidi",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}

# Work in the background: the broker only wakes workers, the database is the queue (STACK.md §1, §9).
CELERY_BROKER_URL = env.str("BROKER_URL", default=REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
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
        "accounts.tasks.deliver": 3,
        "accounts.tasks.refresh_persons": 300,
        "accounts.tasks.end_lapsed_mandates": 600,
        "accounts.tasks.purge": 3600,
        "scenarios.tasks.run_scenarios": 10,
    }.items()
}
WORKER_SILENCE_SECONDS = env.int("WORKER_SILENCE_SECONDS", default=30)
SWEEP_LAG_SECONDS = env.int("SWEEP_LAG_SECONDS", default=120)

# People
AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator"},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": "accounts.tokens.EndsTokens"},
]
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
SESSION_COOKIE_AGE = env.int("SESSION_SECONDS", default=8 * 3600)
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
TOKEN_TTL = timedelta(days=env.int("TOKEN_DAYS", default=30))
STAFF_TOKEN_TTL = timedelta(hours=env.int("STAFF_TOKEN_HOURS", default=12))
VOUCHER_SECONDS = env.int("VOUCHER_SECONDS", default=180)
VOUCHER_BOUND_SECONDS = env.int("VOUCHER_BOUND_SECONDS", default=1800)
REST_KNOX = {"TOKEN_TTL": TOKEN_TTL, "AUTH_HEADER_PREFIX": "Bearer", "AUTO_REFRESH": False}
LIMITS = {
    "sign-in": env.str("LIMIT_SIGN_IN", default="120/min"),  # by address
    "guess-account": env.str("LIMIT_GUESS_ACCOUNT", default="10/hour"),  # name and number that match no insured person
    "guess-address": env.str("LIMIT_GUESS_ADDRESS", default="60/hour"),
    "wrong-code": env.str("LIMIT_WRONG_CODE", default="15/hour"),
    "ask-person": env.str("LIMIT_ASK_PERSON", default="10/hour" if PRODUCTION else "100/hour"),  # codes and requests
    "identify": env.str(
        "LIMIT_IDENTIFY", default="120/hour"
    ),  # a hospital's look-ups by name and ID number, by account
    "verify": env.str("LIMIT_VERIFY", default="60/min"),  # referrals looked up by their code, by address
    "reconcile": env.str("LIMIT_RECONCILE", default="120/hour"),  # lists compared, by account
    "upload": env.str("LIMIT_UPLOAD", default="60/hour" if PRODUCTION else "600/hour"),
    "voucher": env.str("LIMIT_VOUCHER", default="60/hour" if PRODUCTION else "600/hour"),  # shown, by account
    "guess-voucher": env.str("LIMIT_GUESS_VOUCHER", default="300/hour"),  # unknown ones, by hospital
    "person-asked": env.str("LIMIT_PERSON_ASKED", default="20/day" if PRODUCTION else "1000/day"),
}
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_IPWARE_PROXY_COUNT = PROXIES
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # an account locks wherever the guesses come from; offices share one address

WECHAT_APP_ID = env.str("WECHAT_APP_ID", default="")
WECHAT_APP_SECRET = env.str("WECHAT_APP_SECRET", default="")
WECHAT_API_BASE = env.str("WECHAT_API_BASE", default="https://api.weixin.qq.com")
WECHAT_TEMPLATES = env.dict("WECHAT_TEMPLATES", default={})
SMS_URL = env.str("SMS_URL", default="")
SMS_KEY = env.str("SMS_KEY", default="")
INSURED_REGISTER = env.str("INSURED_REGISTER", default="accounts.registry.DemoRegister")

# The API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.tokens.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["core.http.rendering.JSON"],
    "DEFAULT_PARSER_CLASSES": ["core.http.parsing.JSON"],
    "DEFAULT_PAGINATION_CLASS": "core.http.paging.Paging",
    "DEFAULT_SCHEMA_CLASS": "core.http.schema.Schema",
    "EXCEPTION_HANDLER": "core.http.errors.exception_handler",
    "NUM_PROXIES": PROXIES,
    "URL_FORMAT_OVERRIDE": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "异地就医备案 API",
    "DESCRIPTION": "异地就医备案：参保人备案、经办机构审核，以及与之相关的一切。",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "EnrollmentStatus": "accounts.models.EnrollmentStatus",
        "EntryStatus": "settlements.models.Status",
        "FiledBy": "filings.models.FiledBy",
        "FiledByFact": "policies.language.terms.FILED_BY",
        "Insurance": "accounts.models.Insurance",
        "InsuranceFact": "policies.language.terms.INSURANCES",
        "MandateStatus": "accounts.models.MandateStatus",
        "Relation": "accounts.models.Relation",
        "SettlementStatus": "settlements.till.serializers.SHOWN",
        "SubmissionStatus": "reviews.models.Status",
        "Travel": "policies.language.terms.TRAVELS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.http.schema.add_error_component",
    ],
}


# Language and time: simplified Chinese for everybody, whatever the browser prefers.
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]

# Files
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(DATA_DIR / "static"))
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(DATA_DIR / "materials"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "materials": {
        "BACKEND": env.str("MATERIALS_STORAGE", default="django.core.files.storage.FileSystemStorage"),
        "OPTIONS": env.json("MATERIALS_STORAGE_OPTIONS", default={}),
    },
    "staticfiles": {"BACKEND": "config.static.Static"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not (Path(STATIC_ROOT) / "staticfiles.json").exists()
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

# Security
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
_COPY = "" if PRODUCTION else f"_{PORT}"  # cookies know no ports: two copies side by side must not share them
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"yidi_session{_COPY}", f"yidi_csrf{_COPY}"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

LOGGING = logs.configuration(json=env.bool("LOG_JSON", default=PRODUCTION), level=env.str("LOG_LEVEL", default="INFO"))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request is enough
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG  # the sweeps run every few seconds
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # config.middleware.RequestId has looked at it
