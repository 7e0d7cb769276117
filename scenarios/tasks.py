"""Background work of settlements: thin, each may run twice, late, or beside itself."""

from celery import shared_task


@shared_task(ignore_result=True)
def run_what_ifs() -> int:
    """Every few seconds, and when one is asked for: compare policies that wait."""
    from scenarios import running

    return running.work()
