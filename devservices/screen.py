"""The one screen `make run` ends with: what runs where, and who can sign in."""

from django.conf import settings

from accounts.demo_file import project_sign_ins
from accounts.models import Role
from config.environment import DATA_DIR
from devservices.state import LOOPBACK

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 (compared, not listened on)
CODE = "000000"
ROLES = dict(Role.choices)
RULE = "─" * 78


def screen(*, seconds: float) -> str:
    """Everything somebody needs who has just typed `make run`."""
    base = f"http://{reachable_host()}:{settings.PORT}"
    lines = [
        RULE,
        f"  Yidi 异地就医备案 is ready ({seconds:.0f} s)",
        "",
        f"  Phone pages    {base}/",
        f"  Review office  {base}/admin/",
        f"  API            {base}/api/v1/docs/",
        "",
        *_accounts(),
        f"  Time           {_time()}",
        f"  Data, logs     {DATA_DIR} (logs/web.log, worker-*.log, beat.log)",
        "  End            Ctrl-C; the data stay",
        RULE,
    ]
    return "\n".join(lines)


def reachable_host() -> str:
    """Where this machine itself finds the server, also when it listens on every address."""
    return LOOPBACK if settings.HOST in EVERYWHERE else settings.HOST


def _accounts() -> list[str]:
    """The demo's first sign-in of each kind; none outside the sandbox."""
    if not settings.SANDBOX:
        return []
    people = project_sign_ins()
    staff = [f"    {one.username:<16} {one.password:<18} {ROLES[one.role]}" for one in people if one.username]
    citizen = next(one for one in people if not one.username)
    return [
        "  Sign in",
        f"    phone: any name; for whom: {citizen.name} {citizen.id_number}, code {CODE}",
        *staff,
        "    everybody else: accounts/data/demo.yaml",
        "",
    ]


def _time() -> str:
    if not settings.SIMULATION:
        return "the machine's"
    return (
        f"simulated, reviews {settings.REVIEW_MODE}; move it on with the bar on each page or `manage.py clock --next`"
    )
