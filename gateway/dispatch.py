"""A message's way: read, whose it is, known already or new, to its transaction, and the answer kept with what it did.

Clients address a transaction in three ways: one address for all, its number behind a base, a path for each service.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, OperationalError, transaction
from psycopg import errors

from accounts.models import Account
from core import bulk, clock
from core.errors import Refusal, TooMany
from core.http.errors import rival_of
from core.sealing import keyed_hash
from gateway import envelope, replay
from gateway.apps import answered
from gateway.call import Attachment, Call, OutcomeUnknown, Transaction
from gateway.envelope import INFNO, BadMessage, Request
from gateway.fields import read
from gateway.models import GatewayCall
from gateway.models.calls import CallState
from gateway.transactions import TRANSACTIONS, not_served

SERVICES = {
    "signInSignOutService/signIn": {"9001"},
    "signInSignOutService/signOut": {"9002"},
    "fileupload/upload": {"9101"},
    "fileupload/download": {"9102"},
    "fsiFixMedInsService/queryFixMedIns": {"1201"},
    "fsiPsnInfoService/queryPsnInfo": {"1101"},
    "fsiPsnPriorityInfoService/queryPsnPriorityInfo": {"2001"},
    "outpatientDocInfoService/outpatientRregistration": {"2201"},
    "outpatientDocInfoService/outpatientRegistrationCancel": {"2202"},
    "outpatientDocInfoService/outpatientMdtrtinfoUp": {"2203"},
    "outpatientDocInfoService/outpatientMdtrtinfoUpA": {"2203"},
    "outpatientDocInfoService/outpatientFeeListUp": {"2204"},
    "outpatientDocInfoService/outpatientFeeListUpCancel": {"2205"},
    "outpatientSettleService/preSettletment": {"2206"},
    "outpatientSettleService/preSettletmentA": {"2206"},
    "outpatientSettleService/saveSettletment": {"2207"},
    "outpatientSettleService/saveSettletmentA": {"2207"},
    "outpatientSettleService/saveSettletmentV2": {"2207"},
    "outpatientSettleService/cancleSettletment": {"2208"},
    "hospitalRegisterService/hospitalRegisterSave": {"2401"},
    "hospitalRegisterService/hospitalRegisterEdit": {"2403"},
    "hospitalRegisterService/hospitalRegisterCancel": {"2404"},
    "dscgService/dischargeProcess": {"2402"},
    "dscgService/dischargeUndo": {"2405"},
    "hospFeeDtlService/feeDtlUp": {"2301"},
    "hospFeeDtlService/feeDtlCl": {"2302"},
    "hospSettService/preSett": {"2303"},
    "hospSettService/preSettA": {"2303"},
    "hospSettService/sett": {"2304"},
    "hospSettService/settA": {"2304"},
    "hospSettService/settV2": {"2304"},
    "hospSettService/settCl": {"2305"},
    "reverseService/revsMethod": {"2601"},
    "ybSettlementStmtService/stmtTotal": {"3201"},
    "ybSettlementStmtService/stmt": {"3201"},
    "ybSettlementStmtService/stmtDetail": {"3202"},
    "fsiIntegratedQueryService/querySetlInfo": {"5203"},
    "fsiIntegratedQueryService/queryFeeList": {"5204"},
    "fsiIntegratedQueryService/queryInhospInfo": {"5303"},
    "fsiIntegratedQueryService/queryPsnOpspReg": {"5301"},
}
"""By the path below the base, the transactions (without suffix) that belong to it; other paths go by `infno` alone."""

_BY_PATH = {path.lower(): infnos for path, infnos in SERVICES.items()}


def meant(path: str, infno: str, base: str) -> str:
    """The transaction a call means: `infno`, which the address may say in its stead; "" where a service's path is another's.

    `base` is `infno` without its suffix.
    """
    path = path.strip("/")
    last = path.rpartition("/")[2].upper()
    if INFNO.fullmatch(last):
        return infno or last
    served = _BY_PATH.get(path.lower())
    return infno if served is None or base in served else ""


log = structlog.get_logger(__name__)
LONGEST_SENT = 16_000
STORED = ("state", "answer", "sent", "milliseconds", "settlement", "visit", "psn_no")
RECALLED = "该报文已被2601冲正，不再办理，请用新的报文重新发起"


@dataclass(frozen=True)
class Answer:
    """What goes back: an envelope, or a file."""

    body: bytes
    filename: str = ""


def answer(sent: Request, account: Account, *, path: str, address: str) -> Answer:
    """Do what a message asks for. Raises BadMessage (it reaches no transaction), OutcomeUnknown."""
    began, infno = time.monotonic(), meant(path, sent.infno, envelope.base_of(sent.infno))
    wanted = TRANSACTIONS.get(envelope.base_of(infno))
    if wanted is None:
        raise BadMessage(not_served(sent.infno, envelope.base_of(sent.infno)))
    turn = _Turn(wanted, _call(sent, wanted, infno, account, address), began)
    try:
        return turn.take()
    finally:
        answered(wanted.infno, turn.outcome, time.monotonic() - began)


def _call(sent: Request, wanted: Transaction, infno: str, account: Account, address: str) -> Call:
    assert account.institution is not None
    spelt = envelope.canonical(sent.input)
    digest = keyed_hash(spelt, purpose="gateway input")
    record = GatewayCall(
        institution=account.institution,
        infno=wanted.infno,
        full_infno=infno,
        msgid=sent.msgid,
        digest=digest,
        psn_no=_psn_no(sent.input),
        opter=sent.opter[:30],
        sent=spelt[:LONGEST_SENT],
        at=clock.now(),
    )
    if not wanted.once:
        record.digest = record.pk.hex
    return Call(
        infno=wanted.infno,
        full_infno=infno,
        msgid=sent.msgid,
        institution=account.institution,
        account=account,
        insuplc_admdvs=sent.insuplc_admdvs,
        mdtrtarea_admvs=sent.mdtrtarea_admvs,
        opter=sent.opter,
        opter_name=sent.opter_name,
        inf_time=sent.inf_time,
        sign_no=sent.sign_no,
        input=sent.input,
        digest=digest,
        now=clock.now(),
        address=address,
        record=record,
        given={},
    )


def _psn_no(sent: Any) -> str:
    """The person a message is about: the first psn_no of its nodes."""
    for part in sent.values():
        row = part[0] if isinstance(part, list) and part else part
        if isinstance(row, dict) and isinstance(row.get("psn_no"), str | int):
            return str(row["psn_no"]).strip()[:30]
    return ""


@dataclass
class _Turn:
    """One message's turn at its transaction."""

    transaction: Transaction
    call: Call
    began: float
    outcome: str = "failed"

    def take(self) -> Answer:
        """Do it, or answer as before; what it refuses is kept too, but "too often" is not, and what fails is told as unknown."""
        try:
            return self._done()
        except replay.Recalled:
            return self._refused(RECALLED)
        except Refusal as refused:
            if refused.status == TooMany.status:
                return self._for_now(sentence(refused))
            return self._refused(sentence(refused))
        except IntegrityError as error:
            rival = rival_of(error)
            if rival is None:
                self._keep(CallState.FAILED, b"")
                raise
            return self._refused(rival.detail)
        except OperationalError as error:
            if isinstance(error.__cause__, (errors.LockNotAvailable, errors.DeadlockDetected)):
                raise OutcomeUnknown from error
            raise
        except Exception:
            self._keep(CallState.FAILED, b"")
            raise

    def _done(self) -> Answer:
        given = read(self.transaction.table, self.call.input)
        call, found = replace(self.call, given=given), None
        if self.transaction.before is not None:
            first = replay.answered(call.record)
            if first is not None:
                return self._again(first)
            found = self.transaction.before(call)
        with transaction.atomic():
            first = replay.claim(call.record, reversible=self.transaction.reversible)
            if first is not None:
                return self._again(first)
            output = self.transaction.handle(replace(call, found=found))
            made = self._written(output)
            self._store(CallState.DONE, b"" if made.filename else made.body)
        self.outcome = "done"
        return made

    def _written(self, output: Any) -> Answer:
        if isinstance(output, Attachment):
            return Answer(output.content, output.filename)
        area, now = self.call.institution.area_id, self._now()
        return Answer(envelope.success(output, area=area, received=self.call.now, now=now))

    def _now(self) -> datetime:
        """The moment, by the business clock, which stands still for one message."""
        return self.call.now + timedelta(seconds=time.monotonic() - self.began)

    def _again(self, first: GatewayCall) -> Answer:
        self.outcome = "again"
        return Answer(str(first.answer).encode())

    def _for_now(self, message: str) -> Answer:
        """Refused, and nothing kept: the same message runs again later."""
        self.outcome = "refused"
        return Answer(envelope.refusal(message, received=self.call.now, now=self._now()))

    def _refused(self, message: str) -> Answer:
        body = envelope.refusal(message, received=self.call.now, now=self._now())
        first = self._keep(CallState.REFUSED, body)
        if first is not None:
            return self._again(first)
        self.outcome = "refused"
        return Answer(body)

    def _keep(self, state: CallState, body: bytes) -> GatewayCall | None:
        """Keep a call whose transaction was rolled back, unless the same one was done meanwhile: then that one's row."""
        record = self.call.record
        with transaction.atomic():
            try:
                first = replay.claim(record, reversible=False)
            except replay.Recalled:
                return None
            if first is None:
                self._store(state, body)
        return first

    def _store(self, state: CallState, body: bytes) -> None:
        record = self.call.record
        record.state, record.answer = state, body.decode()
        record.milliseconds = int((time.monotonic() - self.began) * 1000)
        bulk.update([record], STORED)


def sentence(refusal: Refusal) -> str:
    """Every reason of a refusal of ours in one sentence, the first first."""
    details = [str(problem.detail).strip() for problem in refusal.problems]
    *before, last = list(dict.fromkeys(filter(None, details))) or ["无法办理"]
    return envelope.cut("；".join([*(detail.rstrip("。") for detail in before), last]))
