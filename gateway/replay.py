"""A call is done once: the same call again gets the first answer, also while the first still runs; 2601 finds what it takes back.

The row that stands for a call is inserted first, in the transaction of what it does (as `accounts.http.once` does it). A rival
with the same call waits on it: if the first commits, the rival replays its answer; if its worker dies, nothing is left of it
and the rival takes its place. What 2601 may take back also holds a lock by (institution, infno, msgid, psn_no) to its end, so
that 2601 waits for it, and finds either what it did or nothing.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from core.retention import Retention
from gateway.models import GatewayCall, RecalledCall
from gateway.models.calls import READS, CallState

PATIENCE = "10s"
KEPT, READS_KEPT = timedelta(days=90), timedelta(days=7)

LOCK = "SELECT set_config('lock_timeout', %s, true), pg_advisory_xact_lock(%s)"
CLAIM = """
    INSERT INTO gateway_gatewaycall AS known (id, institution_id, infno, full_infno, msgid, digest, psn_no, opter, state,
        answer, sent, milliseconds, at, created_at)
    SELECT %s, %s, %s, %s, %s, %s, %s, %s, 'running', ''::bytea, ''::bytea, 0, %s, %s
    WHERE set_config('lock_timeout', %s, true) IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM gateway_recalledcall
        WHERE msgid = %s AND institution_id = %s AND infno = %s AND psn_no = %s)
    ON CONFLICT (msgid, institution_id, full_infno, digest) DO UPDATE SET state = 'running' WHERE known.state = 'failed'
    RETURNING id
"""


class Recalled(Exception):
    """2601 took this call back before it arrived."""


def claim(call: GatewayCall, *, reversible: bool) -> GatewayCall | None:
    """Take the call's place, waiting for a rival; None: it is taken. Otherwise the row of the first, with its answer.

    Call it inside the transaction of what the call does. Raises Recalled; OperationalError when a rival takes too long.
    """
    if reversible:
        hold(call.institution_id, call.infno, call.msgid, call.psn_no)
    which = call.msgid, call.institution_id, call.infno, call.psn_no
    row: list[Any] = [
        call.pk,
        call.institution_id,
        call.infno,
        call.full_infno,
        call.msgid,
        call.digest,
        call.psn_no,
        call.opter,
    ]
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [*row, call.at, call.created_at, PATIENCE, *which])
        taken = cursor.fetchone()
    if taken is None:
        return _first(call)
    call.pk, call._state.adding = taken[0], False
    return None


def _first(call: GatewayCall) -> GatewayCall:
    first = answered(call)
    if first is None:
        raise Recalled
    return first


def answered(call: GatewayCall) -> GatewayCall | None:
    """The row of the same call, if its answer is known."""
    same = GatewayCall.objects.filter(
        msgid=call.msgid, institution=call.institution_id, full_infno=call.full_infno, digest=call.digest
    )
    return same.exclude(state=CallState.FAILED).first()


def hold(institution: str, infno: str, msgid: str, psn_no: str) -> None:
    """Wait until nobody executes this call, and let nobody until the transaction ends."""
    name = "\0".join(("gateway", institution, infno, msgid, psn_no))
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [PATIENCE, number])


def originals(institution: str, infno: str, msgid: str, psn_no: str) -> list[GatewayCall]:
    """The calls with this msgid that were done, waiting for one that runs; for 2601, which then holds them.

    `infno` is without the suffix. Several had the same msgid where a client's msgid is not one of a kind.
    """
    hold(institution, infno, msgid, psn_no)
    rows = GatewayCall.objects.filter(
        msgid=msgid, institution=institution, infno=infno, psn_no=psn_no, state=CallState.DONE
    )
    return list(rows.order_by("created_at"))


def recall(institution: str, infno: str, msgid: str, psn_no: str) -> None:
    """Remember that a call that never arrived is taken back; call it after `originals` found none, in the same transaction."""
    mark = RecalledCall(institution_id=institution, infno=infno, msgid=msgid, psn_no=psn_no)
    RecalledCall.objects.bulk_create([mark], ignore_conflicts=True)


def purge_calls() -> int:
    """Delete calls and marks older than ninety days of machine time, after seven those that only read; return how many."""
    return MARKS.purge() + CALLS.purge()


MARKS = Retention(RecalledCall, lambda now: Q(created_at__lt=now - KEPT))
CALLS = Retention(
    GatewayCall, lambda now: Q(created_at__lt=now - KEPT) | Q(created_at__lt=now - READS_KEPT, infno__in=READS)
)
