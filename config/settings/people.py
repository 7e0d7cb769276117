"""People: how they sign in, how often they may try, and where messages to them go."""

from datetime import timedelta
from urllib.parse import urlsplit

from config.environment import PRODUCTION, choice, env
from config.settings.security import ALLOWED_HOSTS, PORT

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "nickname")},
    },
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
    {"NAME": "accounts.security.passwords.OwnWords"},
    {"NAME": "accounts.security.passwords.EndsSignIns"},
]
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
SESSION_COOKIE_AGE = env.int("SESSION_SECONDS", default=8 * 3600)
SESSIONS_AT_ONCE = max(1, env.int("SESSIONS_AT_ONCE", default=5))  # of one account on the staff's site
SESSION_ENGINE = "accounts.security.sessions"
# required: nobody who decides, pays or administers gets in without one. optional: who enrolled is asked.
SECOND_FACTOR = choice("SECOND_FACTOR", *(("required", "optional") if PRODUCTION else ("optional", "required")))
SECOND_FACTOR_SECONDS = env.int("SECOND_FACTOR_SECONDS", default=300)  # then it is asked again before money leaves
OTP_TOTP_ISSUER = env.str("SECOND_FACTOR_ISSUER", default="异地就医")
# Where passkeys answer: the addresses of the staff's site as browsers show them, and the domain that they are bound to for ever.
OTP_WEBAUTHN_ALLOWED_ORIGINS = env.list(
    "PASSKEY_ORIGINS",
    default=[f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS] if PRODUCTION else [f"http://localhost:{PORT}"],
)
OTP_WEBAUTHN_RP_ID = env.str(
    "PASSKEY_DOMAIN", default=str(urlsplit([*OTP_WEBAUTHN_ALLOWED_ORIGINS, ""][0]).hostname or "")
)
OTP_WEBAUTHN_RP_NAME = OTP_TOTP_ISSUER
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False
SIGN_INS_KEPT = timedelta(days=max(180, env.int("SIGN_IN_DAYS", default=400)))
DEVICE_COOKIE_AGE = 180 * 24 * 3600
TOKEN_TTL = timedelta(days=env.int("TOKEN_DAYS", default=30))
STAFF_TOKEN_TTL = timedelta(hours=env.int("STAFF_TOKEN_HOURS", default=12))
VOUCHER_SECONDS = env.int("VOUCHER_SECONDS", default=180)
VOUCHER_BOUND_SECONDS = env.int("VOUCHER_BOUND_SECONDS", default=1800)
REST_KNOX = {"TOKEN_TTL": TOKEN_TTL, "AUTH_HEADER_PREFIX": "Bearer", "AUTO_REFRESH": False}
LIMITS = {
    "sign-in": env.str("LIMIT_SIGN_IN", default="120/min"),  # by address
    "guess-account": env.str("LIMIT_GUESS_ACCOUNT", default="10/hour"),  # name and number that match no insured person
    "guess-person": env.str("LIMIT_GUESS_PERSON", default="20/hour"),  # wrong names for one number, whoever guesses
    "guess-address": env.str("LIMIT_GUESS_ADDRESS", default="60/hour"),  # these two hold up only who guessed already
    "guess-operator": env.str(
        "LIMIT_GUESS_OPERATOR", default="20/hour"
    ),  # misses of one operator of a hospital's system
    "guess-hospital": env.str("LIMIT_GUESS_HOSPITAL", default="200/hour"),  # of all its operators: they name themselves
    "wrong-code": env.str("LIMIT_WRONG_CODE", default="15/hour"),
    "ask-person": env.str("LIMIT_ASK_PERSON", default="10/hour" if PRODUCTION else "100/hour"),  # codes and requests
    "identify": env.str(
        "LIMIT_IDENTIFY", default="120/hour"
    ),  # a hospital's look-ups by name and ID number, by account
    "identify-operator": env.str("LIMIT_IDENTIFY_OPERATOR", default="120/hour"),  # the same by 1101, by operator
    "identify-hospital": env.str("LIMIT_IDENTIFY_HOSPITAL", default="3000/hour"),  # and of all operators of a hospital
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
AXES_COOLOFF_TIME = timedelta(hours=1)  # wrong passwords count so long
AXES_HANDLER = "accounts.security.attempts.Attempts"
AXES_CLIENT_IP_CALLABLE = "accounts.security.attempts.address_of"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "core.http.errors.locked_out"

WECHAT_APP_ID = env.str("WECHAT_APP_ID", default="")
WECHAT_APP_SECRET = env.str("WECHAT_APP_SECRET", default="")
WECHAT_API_BASE = env.str("WECHAT_API_BASE", default="https://api.weixin.qq.com")
WECHAT_TEMPLATES = env.dict("WECHAT_TEMPLATES", default={})
WECHAT_LONG_TERM = env.list("WECHAT_LONG_TERM", default=[])
SMS_URL = env.str("SMS_URL", default="")
SMS_KEY = env.str("SMS_KEY", default="")
INSURED_REGISTER = env.str("INSURED_REGISTER", default="accounts.registry.DemoRegister")
