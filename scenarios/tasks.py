"""Background work of scenarios: thin, each may run twice, late, or beside itself."""

from celery import shared_task


@shared_task(ignore_result=True)
def run_scenarios() -> int:
    """Every few seconds, and when one is requested: compare the policies that wait."""
    from scenarios import running  # it needs NumPy, which web processes do without

    return running.work()
