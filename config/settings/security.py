"""Security: secrets, hosts, HTTPS, cookies, what a page may load."""

from config import production
from config.environment import PRODUCTION, env, load_development_secrets

if PRODUCTION:
    production.require()
else:
    load_development_secrets()

SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DATA_KEYS = env.list("DATA_KEYS")
HASH_KEY = env.str("HASH_KEY")

HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if HOST == "127.0.0.1" else ["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PROXIES = env.int("PROXIES", default=0)
WEB_THREADS = env.int(
    "WEB_THREADS", default=3
)  # a process; more requests wait, or are told to come again (config.admission)
DRAIN_SECONDS = env.int(
    "DRAIN_SECONDS", default=0
)  # a web process that is to end answers on for so long (config.draining)

CSRF_FAILURE_VIEW = "core.http.errors.forged"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
_COPY = "" if PRODUCTION else f"_{PORT}"  # cookies know no ports: two copies side by side must not share them
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"yidi_session{_COPY}", f"yidi_csrf{_COPY}"
DEVICE_COOKIE_NAME = f"yidi_device{_COPY}"
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
METRICS_PORT = env.int("METRICS_PORT", default=0)  # of a worker: its processes' figures, which no other machine can see
METRICS_CLOSED = PRODUCTION and not METRICS_TOKEN
