"""What stays of a message that reached no transaction, or of which nobody knows what became: a line in the log, and a row where
its hospital is known, so that the administrator finds it by its msgid. Never its input.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.db import DatabaseError

from accounts.models import Account
from core import clock
from gateway.envelope import Request
from gateway.models import GatewayCall
from gateway.models.calls import CallState

log = structlog.get_logger(__name__)


@dataclass
class Arrived:
    """How far a message came: its envelope, once it was read, and whose it is, once its signature held."""

    sent: Request | None = None
    account: Account | None = None

    def named(self) -> dict[str, str]:
        """What the log may say of it."""
        if self.sent is None:
            return {}
        return {"infno": self.sent.infno[:5], "msgid": self.sent.msgid, "institution": self.sent.fixmedins_code[:20]}


def leave_trace(arrived: Arrived, state: CallState, event: str, why: str, refusal: bytes = b"") -> None:
    """Log it, and keep a row of it where its hospital is known."""
    log.warning(event, why=why, **arrived.named())
    if arrived.sent is None or arrived.account is None:
        return
    try:
        _kept(arrived.sent, arrived.account, state, refusal).save(force_insert=True)
    except DatabaseError:
        log.exception("gateway_trace_failed", **arrived.named())


def _kept(sent: Request, account: Account, state: CallState, refusal: bytes) -> GatewayCall:
    """A row that stands for this message alone, so that the same one again is done."""
    assert account.institution is not None
    row = GatewayCall(
        institution=account.institution,
        infno=sent.infno[:4],
        full_infno=sent.infno[:5],
        msgid=sent.msgid,
        opter=sent.opter[:30],
        state=state,
        answer=refusal.decode(),
        at=clock.now(),
    )
    row.digest = row.pk.hex
    return row
