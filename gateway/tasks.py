"""Celery's entrance: thin, safe to run twice and not to run at all for a while."""

from __future__ import annotations

from celery import shared_task

from gateway.ageing import close_visits, purge_visits
from gateway.files import purge_files
from gateway.replay import purge_calls

READS = (
    "1101", "1201", "2001", "5201", "5202", "5203", "5204", "5301", "5302", "5303", "5304", "9001", "9002", "9101", "9102",
)  # fmt: skip
"""Transactions whose answers nobody needs after a week."""


@shared_task(ignore_result=True)
def purge() -> int:
    """Every hour: delete old files; close the visits nobody goes on with; delete old visits, and calls with their answers.

    The longest comes last, so that a time-out skips nothing else.
    """
    files = purge_files()
    close_visits()
    return files + purge_visits() + purge_calls(READS)
