"""People: how they sign in, how often they may try, and where messages to them go."""

from datetime import timedelta

from config.environment import PRODUCTION, env
from config.settings.security import PROXIES

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
    "export": env.str("LIMIT_EXPORT", default="6/day"),  # downloads of all one's data, by account
    "estimate": env.str("LIMIT_ESTIMATE", default="120/min"),  # estimates of who did not sign in, by address
    "reconcile": env.str("LIMIT_RECONCILE", default="120/hour"),  # lists compared, by account
    "upload": env.str("LIMIT_UPLOAD", default="60/hour" if PRODUCTION else "600/hour"),
    "voucher": env.str("LIMIT_VOUCHER", default="60/hour" if PRODUCTION else "600/hour"),  # shown, by account
    "guess-voucher": env.str("LIMIT_GUESS_VOUCHER", default="300/hour"),  # unknown ones, by hospital
    "counter-check": env.str("LIMIT_COUNTER_CHECK", default="60/hour"),  # identities checked at the counter, by clerk
    "counter-person": env.str("LIMIT_COUNTER_PERSON", default="10/day"),  # the same, about one person
    "person-asked": env.str("LIMIT_PERSON_ASKED", default="20/day" if PRODUCTION else "1000/day"),
}
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_IPWARE_PROXY_COUNT = PROXIES
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "core.http.errors.locked_out"
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # an account locks wherever the guesses come from; offices share one address

WECHAT_APP_ID = env.str("WECHAT_APP_ID", default="")
WECHAT_APP_SECRET = env.str("WECHAT_APP_SECRET", default="")
WECHAT_API_BASE = env.str("WECHAT_API_BASE", default="https://api.weixin.qq.com")
WECHAT_TEMPLATES = env.dict("WECHAT_TEMPLATES", default={})
WECHAT_LONG_TERM = env.list("WECHAT_LONG_TERM", default=[])
SMS_URL = env.str("SMS_URL", default="")
SMS_KEY = env.str("SMS_KEY", default="")
INSURED_REGISTER = env.str("INSURED_REGISTER", default="accounts.registry.DemoRegister")
