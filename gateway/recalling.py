"""2601 (冲正): takes back a call whose answer was lost, whether it was done, still runs, or never arrived.

It waits for the call while that runs. What was done is undone; of what never arrived is remembered that it was taken back,
so that it is refused should it arrive after all (by institution, transaction, msgid and person: others may share the msgid).
"""

from __future__ import annotations

from uuid import UUID

from gateway import replay, settling
from gateway.call import Call, Output, Refused, Transaction
from gateway.envelope import base_of
from gateway.fields import node, text
from gateway.models import KnownPerson, Visit, VisitBill, VisitStatus
from gateway.persons import known_person
from gateway.visits import cancel, opened_by

SETTLEMENTS, REVERSALS, ADMISSION = ("2207", "2304"), ("2208", "2305"), "2401"
TABLE = (
    node(
        "data*",
        text("psn_no*", "人员编号", 30),
        text("omsgid*", "原发送方报文ID", 64),
        text("oinfno*", "原交易编号", 5),
    ),
)


def recall(call: Call) -> Output:
    """Raises Refused: not to be taken back by 2601, taken back already, more than one call under the msgid."""
    said = call.given["data"]
    infno = base_of(said["oinfno"])
    if infno in REVERSALS:
        raise Refused("撤销结算不能冲正，如需恢复请重新结算", code="reversal_not_recalled")
    if infno not in (*SETTLEMENTS, ADMISSION):
        raise Refused(f"交易{said['oinfno']}不能冲正", code="not_recalled")
    known = known_person(call.institution, said["psn_no"])
    which = call.institution.code, infno, said["omsgid"], said["psn_no"]
    done = [(row.visit, row.settlement) for row in replay.originals(*which)] or _kept(call, infno, known)
    if len(done) > 1:
        undo = "撤销入院（2404）" if infno == ADMISSION else "撤销结算（2208、2305）"
        raise Refused(f"该报文ID下有{len(done)}笔业务，无法确定冲正哪一笔，请用{undo}办理", code="recall_ambiguous")
    if not done:
        replay.recall(*which)
        return None
    ((visit, settlement),) = done
    if infno == ADMISSION:
        _cancel(call, visit)
    else:
        _reverse(call, visit, settlement)
    return None


def _kept(call: Call, infno: str, known: KnownPerson) -> list[tuple[UUID | None, UUID | None]]:
    """What was done under the msgid, where the call itself is not kept any more: the visit and, if it was settled, its settlement."""
    msgid = call.given["data"]["omsgid"]
    if infno == ADMISSION:
        stays = Visit.objects.filter(institution=call.institution, person=known.person_id, inpatient=True)
        return [(stay.pk, None) for stay in stays if opened_by(stay, msgid)]
    rows = VisitBill.objects.filter(msgid=msgid, visit__institution=call.institution)
    rows = rows.filter(visit__person=known.person_id, visit__inpatient=infno == "2304")
    return list(rows.values_list("visit", "settlement"))


def _reverse(call: Call, pk: UUID | None, settlement: UUID | None) -> None:
    visit = _locked(call, pk)
    bill = VisitBill.objects.select_related("settlement").filter(visit=visit, settlement=settlement).first()
    if bill is None:
        raise Refused("没有查到该报文办理的结算，请核对原报文", code="settlement_unknown")
    settling.undo(call, visit, bill)


def _cancel(call: Call, pk: UUID | None) -> None:
    visit = _locked(call, pk)
    if visit.status == VisitStatus.CANCELLED:
        raise Refused("该入院登记已经撤销，请勿重复操作", code="already_reversed")
    cancel(call, visit)


def _locked(call: Call, pk: UUID | None) -> Visit:
    """The visit that a call was about. Raises Refused where its term is over and it is not kept any more."""
    rows = Visit.objects.select_related("person", "known").select_for_update(no_key=True, of=("self",))
    visit = rows.filter(institution=call.institution, pk=pk or UUID(int=0)).first()
    if visit is None:
        raise Refused("没有查到该报文办理的就诊，请核对原报文", code="visit_unknown")
    visit.known.person = visit.person
    return visit


TRANSACTIONS = (Transaction("2601", "冲正交易", TABLE, recall),)
