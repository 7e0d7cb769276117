"""Celery's entrance: thin, safe to run twice and not to run at all for a while."""

from __future__ import annotations

from celery import shared_task

from gateway.ageing import close_visits, purge_visits
from gateway.files import purge_files
from gateway.replay import purge_calls


@shared_task(ignore_result=True)
def purge() -> int:
    """Every hour: delete old files; close the visits nobody goes on with; delete old visits, and calls with their answers.

    The longest comes last, so that a time-out skips nothing else.
    """
    files = purge_files()
    close_visits()
    return files + purge_visits() + purge_calls()
