"""Celery's entrances: thin, safe to run twice, to run at once, and not to run at all for a while."""

from __future__ import annotations

from celery import shared_task

from accounts import outbox, registry, services
from accounts.http import purge_idempotency_keys
from accounts.limits import purge_counts
from accounts.security.attempts import purge_sign_ins
from accounts.security.sessions import purge_sessions
from accounts.services.vouchers import purge_vouchers
from accounts.tokens import purge_tokens


@shared_task(ignore_result=True)
def deliver() -> int:
    """Every few seconds: send the subscribe messages that wait."""
    return outbox.deliver()


@shared_task(ignore_result=True)
def refresh_persons() -> int:
    """Every few minutes: ask the insured register about those not asked about for a day."""
    return registry.refresh_stale()


@shared_task(ignore_result=True)
def end_lapsed_mandates() -> int:
    """Every hour: end the mandates over children who have come of age."""
    return services.end_lapsed()


@shared_task(ignore_result=True)
def purge() -> int:
    """Every hour: delete idempotency keys older than a day, expired tokens and sessions, old vouchers and sign-ins, counts that are over."""
    return (
        purge_idempotency_keys()
        + purge_tokens()
        + purge_vouchers()
        + purge_counts()
        + purge_sign_ins()
        + purge_sessions()
    )
