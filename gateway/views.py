"""The HTTP side of the national interface: whatever the address and the type, an envelope goes in and one comes out.

Business results are always 200. 503 without an envelope says that the outcome is unknown: the client asks again, or takes
the call back (2601). Of a message that reached no transaction, or of which nobody knows what became, a line stays in the log,
and a row where its hospital is known; never its input.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog
from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from rest_framework.throttling import BaseThrottle

from accounts.models import Account
from core import clock
from core.http.json import largest, too_large
from core.languages import SOURCE
from gateway import envelope
from gateway.apps import answered
from gateway.call import OutcomeUnknown
from gateway.dispatch import answer
from gateway.envelope import Request
from gateway.keys import caller
from gateway.models import GatewayCall
from gateway.models.calls import CallState


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


log = structlog.get_logger(__name__)
JSON = "application/json;charset=utf-8"
RETRY_AFTER = "2"


@csrf_exempt
@never_cache
@require_POST
def interface(request: HttpRequest, path: str = "") -> HttpResponse:
    """One message of a hospital's system."""
    most = largest(request.path)
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        return HttpResponse(str(too_large(most).detail), status=413, content_type="text/plain;charset=utf-8")
    body = request.body
    with translation.override(SOURCE):
        arrived = Arrived()
        try:
            return _answered(request, body, path, arrived)
        except envelope.BadMessage as bad:
            answered("other", "refused", 0.0)
            refusal = envelope.refusal_before(str(bad))
            leave_trace(arrived, CallState.REFUSED, "gateway_refused_before", str(bad), refusal)
            return HttpResponse(refusal, content_type=JSON)
        except OutcomeUnknown as busy:
            leave_trace(arrived, CallState.FAILED, "gateway_outcome_unknown", type(busy.__cause__).__name__)
            return unknown()
        except Exception:
            log.exception("gateway_failed", **arrived.named())
            return unknown()


def _answered(request: HttpRequest, body: bytes, path: str, arrived: Arrived) -> HttpResponse:
    arrived.sent = sent = _message(request, body)
    arrived.account = account = caller(request, body, sent.fixmedins_code)
    made = answer(sent, account, path=path, address=BaseThrottle().get_ident(request) or "")  # type: ignore[arg-type]
    if not made.filename:
        return HttpResponse(made.body, content_type=JSON)
    headers = {"Content-Disposition": f'attachment; filename="{made.filename}"'}
    return HttpResponse(made.body, content_type="application/octet-stream", headers=headers)


def _message(request: HttpRequest, body: bytes) -> envelope.Request:
    """The envelope; of a form (some clients upload so) its `jsonStr`, with its `file` put where 9101 has it. Raises BadMessage."""
    if not (request.content_type or "").startswith("multipart/"):
        return envelope.parse(body)
    try:
        text, file = str(request.POST.get("jsonStr", "")), request.FILES.get("file")
    except (MultiPartParserError, TooManyFieldsSent, TooManyFilesSent):
        raise envelope.BadMessage("表单无法识别") from None
    sent = envelope.parse(text.encode())
    if file is None:
        return sent
    uploading = sent.input.get("fsuploadin")
    named = uploading if isinstance(uploading, Mapping) else {}
    coded = base64.b64encode(file.read()).decode()
    return replace(sent, input={**sent.input, "fsuploadin": {"filename": file.name, **named, "in": coded}})


def unknown() -> HttpResponse:
    """Nobody knows yet what became of the call."""
    return HttpResponse(status=503, headers={"Retry-After": RETRY_AFTER}, content_type="text/plain")
