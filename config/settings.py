"""Settings from the environment (django-environ). `.env.example` lists every variable with its meaning."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

SIMULATION = env.bool("SIMULATION", default=True)
REVIEW_MODE = env.str("REVIEW_MODE", default="simulated")
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="dev")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".local")))

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "knox",
    "axes",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "regions",
    "accounts",
    "reviews",
    "filings",
    "referrals",
    "chronic",
    "settlements",
    "mobile",
    "config",
]
AUTH_USER_MODEL = "accounts.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgresql://postgres@127.0.0.1:5432/yidi")}
ROOT_URLCONF = "config.urls"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
STATIC_URL = "static/"

DATA_KEYS = env.list("DATA_KEYS", default=[])
HASH_KEY = env.str("HASH_KEY", default="")
