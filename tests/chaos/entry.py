"""Two other ways to start the product, for this folder alone: small, for the suite; and without its locks, for the control run.

    python -m tests.chaos.entry [small] [unguarded]

`small`: on a database that is ready, one web server and one worker that does everything. `unguarded`: web and workers are
started with this module's `application` and `app` instead of the product's: no row is locked, and no key is looked at. What the
database refuses by itself (its constraints and triggers) it still refuses.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

HERE = "tests.chaos.entry"
UNGUARDED = {"config.asgi:application": f"{HERE}:application", "config.celery": HERE}
MAKE_AND_READ = """
WITH given (id, person_id, area_id, insurance, starts_on) AS (SELECT %s::uuid, %s::uuid, %s, %s, %s::date), made AS (
INSERT INTO settlements_insuranceyear (id, person_id, area_id, insurance, starts_on, entries, burden, large_amount,
  serious_illness, assistance, civil_servant, enterprise) SELECT given.*, 0, 0, 0, 0, 0, 0, 0 FROM given
ON CONFLICT DO NOTHING RETURNING *)
SELECT * FROM made UNION ALL SELECT y.* FROM settlements_insuranceyear y JOIN given
USING (person_id, area_id, insurance, starts_on)"""


def __getattr__(name: str) -> Any:
    """What granian and celery ask this module for."""
    if name == "application":
        from config.asgi import application

        take_the_locks_away()
        return application
    if name == "app":
        import django

        from config.celery import app

        django.setup()
        take_the_locks_away()
        return app
    raise AttributeError(name)


def take_the_locks_away() -> None:
    """Nobody waits for anybody any more."""
    from django.db.models import QuerySet

    from accounts import http
    from settlements import accumulators

    QuerySet.select_for_update = lambda rows, *_, **__: rows.all()  # type: ignore[assignment,method-assign]
    http.once = lambda _request, _account, answer: answer()
    accumulators.MAKE_AND_LOCK = MAKE_AND_READ


def _programs(up: Any, *, small: bool, unguarded: bool) -> Callable[[], list[Any]]:
    """What is kept running, as `manage.py up` lists it, with what is different here."""
    usual = up._programs

    def programs() -> list[Any]:
        kept = [each for each in usual() if not small or each.name in ("web", "worker-decide", "beat")]
        for each in kept:
            words = ["decide,deliver,convert" if small and word == "decide" else word for word in each.command]
            each.command = [UNGUARDED.get(word, word) if unguarded else word for word in words]
        return kept

    return programs


def main(*how: str) -> None:
    import django

    from config.environment import DATA_DIR
    from devservices.services import missing_services, running_services

    with running_services(DATA_DIR, missing_services()) as services:
        os.environ.update(services.environment)
        django.setup()
        from devservices.management.commands import up  # its models need Django

        command: Any = up.Command()
        up._programs = _programs(up, small="small" in how, unguarded="unguarded" in how)
        if "small" in how:
            command._prepare = lambda: None
        command.run_from_argv(["manage.py", "up"])


if __name__ == "__main__":
    main(*sys.argv[1:])
