"""The one screen `make run` ends with: what runs where, and who can sign in."""

from django.conf import settings

from config.environment import DATA_DIR

RULE = "─" * 78


def screen(*, seconds: float) -> str:
    """Everything somebody needs who has just typed `make run`."""
    base = f"http://{'localhost' if settings.HOST in ('127.0.0.1', '0.0.0.0') else settings.HOST}:{settings.PORT}"
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
        f"  Data, logs     {DATA_DIR} (logs/web.log, worker.log, beat.log)",
        "  End            Ctrl-C; the data stay",
        RULE,
    ]
    return "\n".join(lines)


def _accounts() -> list[str]:
    return []


def _time() -> str:
    if not settings.SIMULATION:
        return "the machine's"
    return (
        f"simulated, reviews {settings.REVIEW_MODE}; move it on with the bar on each page or `manage.py clock --next`"
    )
