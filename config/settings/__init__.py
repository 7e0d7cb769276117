"""Settings from the environment (django-environ). `.env.example` lists every variable with its meaning.

Development needs none of them. Production (`ENVIRONMENT=production`) starts only when nothing is missing and nothing is lax
(`config/production.py`).
"""

from config.admin_site import UNFOLD as UNFOLD
from config.environment import BASE_DIR, PRODUCTION, choice, env
from config.settings.api import *
from config.settings.files import *
from config.settings.people import *
from config.settings.security import *
from config.settings.services import *

DEBUG = env.bool("DEBUG", default=False)
SIMULATION = env.bool("SIMULATION", default=not PRODUCTION)
REVIEW_MODE = choice("REVIEW_MODE", *(("simulated", "human") if SIMULATION else ("human",)))
SANDBOX = env.bool("SANDBOX", default=not PRODUCTION)

INSTALLED_APPS = [
    "config.apps.Theme",
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
    "django_countries",
    "pghistory",
    "rest_framework",
    "knox",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_otp_webauthn",
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
    "gateway",
    "mobile",
    "config",
    "devservices",
]
MIDDLEWARE = [
    "config.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.Patched",
    "config.middleware.Logged",
    "config.middleware.Measured",
    "config.middleware.NotKept",
    "django.middleware.gzip.GZipMiddleware",
    "config.middleware.ReadersLanguage",
    "config.middleware.Storable",
    "config.middleware.ContentSecurity",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.MasterDataHistory",
    "config.middleware.Explained",
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
            ],
            "builtins": ["django.templatetags.i18n"],
        },
    }
]

# Language and time: everything is written in simplified Chinese; readers choose (core.languages), the staff's site stays Chinese.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体"), ("zh-hant", "繁體"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "yidi_language"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]
