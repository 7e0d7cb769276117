"""What happens to a visit (就诊): opened, described, discharged, undone. Every change locks its row first and looks at it again.

A visit carries the proof of identity from the call that opened it: what follows, days later too, needs none.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from accounts.models.persons import enrollments_of
from core.clock import SHANGHAI
from core.sealing import keyed_hash
from gateway.call import Call, Refused
from gateway.care import insurance_of, insured_in, kind_of
from gateway.models import FeeLine, KnownPerson, Visit, VisitBill, VisitStatus
from gateway.models.visits import bills_of, locked_visit, numbered_visit, stays_of, visit_and_person
from gateway.persons import known_person
from gateway.proof import Proof, prove
from settlements.models import Status

UNKNOWN = "没有查到该就诊（mdtrt_id），请先办理挂号（2201）或入院登记（2401）"
SETTLED = "该就诊已结算，请先撤销结算"
NOT_LIVE: Mapping[str, str] = {
    VisitStatus.CANCELLED: "该就诊已撤销，请重新登记",
    VisitStatus.CLOSED: "该就诊长期没有办理，已经关闭，请重新登记",
}
JUST_CHANGED = "该就诊刚刚有变动，请核对后用新的报文重新登记"
SECRETS = ("mdtrt_cert_no", "mdtrt_cert_type", "psn_no")
"""What is not kept with the visit: how identity was proved is said by its own columns."""


# Finding one


def visit_for(call: Call, said: Mapping[str, Any], *, lock: bool = False) -> Visit:
    """The hospital's own visit that a call is about, of the person it names. Raises Refused; another hospital's is unknown."""
    query = locked_visit if lock else visit_and_person
    visit = query.first(institution=call.institution.code, number=said["mdtrt_id"])
    if visit is None or not _is_of(visit, said["psn_no"]):
        raise Refused(UNKNOWN, code="visit_unknown")
    visit.known.person = visit.person
    return visit


def _is_of(visit: Visit, psn_no: str) -> bool:
    """Whether the hospital knows the visit's person by this number, or knew them by it as a newborn."""
    if visit.known.psn_no == psn_no:
        return True
    formerly = KnownPerson.objects.filter(institution=visit.institution_id, person__merged_into=visit.person_id)
    return formerly.filter(psn_no=psn_no).exists()


def live_visit(call: Call, said: Mapping[str, Any], *, inpatient: bool, lock: bool = True) -> Visit:
    """The same, locked, while something may still happen to it. Raises Refused."""
    visit = visit_for(call, said, lock=lock)
    if visit.inpatient != inpatient:
        raise Refused("该就诊是住院，请用住院交易办理" if visit.inpatient else "该就诊是门诊，请用门诊交易办理")
    if visit.status in NOT_LIVE:
        raise Refused(NOT_LIVE[visit.status], code="visit_not_live")
    return visit


def standing_bills(visit: Visit) -> list[VisitBill]:
    """What of a visit is settled and not reversed."""
    return [bill for bill in bills_of(visit=visit.pk) if bill.settlement.status == Status.SETTLED]


def refuse_settled(visit: Visit) -> None:
    """Raises Refused where something of the visit is settled."""
    if standing_bills(visit):
        raise Refused(SETTLED, code="visit_settled")


def one_visit(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The visit that all rows of a list are of. Raises Refused where they are of several."""
    if len({(row["mdtrt_id"], row["psn_no"]) for row in rows}) > 1:
        raise Refused("一次上传的明细应属于同一次就诊，请按就诊分开上传", code="visits_mixed")
    return rows[0]


# Opening


def proved(call: Call, said: Mapping[str, Any], own_number: str) -> Proof:
    """Before 2201 and 2401: who comes. Nobody is asked again where the same call opened the visit already."""
    known = known_person(call.institution, said["psn_no"])
    twin = opened_before(call, known, own_number, said)
    return Proof(known, opened=twin) if twin else prove(call, known, said)


def own_hash(number: str) -> str:
    """By what a hospital's own number of a visit is found."""
    return keyed_hash(number, purpose="visit number")


def own_number(visit: Visit) -> str:
    """What the hospital called a visit last."""
    said = said_of(visit)
    return said.get("ipt_no") or said.get("ipt_otp_no") or ""


def opened_before(call: Call, known: KnownPerson, own_number: str, said: Mapping[str, Any]) -> Visit | None:
    """The visit that the very same call opened already, where its answer was lost and it comes under a new msgid.

    Raises Refused where the hospital's number stands for another visit.
    """
    twin = numbered_visit.first(institution=call.institution.code, own=own_hash(own_number))
    if twin is None:
        return None
    if not _as_opened(twin, known, said):
        raise Refused(
            f"门诊号或住院号{own_number}已登记过就诊，请核对，或先撤销原来的就诊", code="visit_numbered_twice"
        )
    return twin


def _as_opened(visit: Visit, known: KnownPerson, said: Mapping[str, Any]) -> bool:
    """Whether a visit stands as this call would open it, and nothing came after."""
    same = visit.known_id == known.pk and visit.status == VisitStatus.OPEN and said_of(visit) == plain(said)
    return same and not FeeLine.objects.filter(visit=visit).exists()


def open_visit(call: Call, proof: Proof, said: Mapping[str, Any], *, own_number: str, inpatient: bool) -> Visit:
    """Open a visit by a proof of identity just given. Raises Refused: in hospital elsewhere, a kind that is not settled."""
    insurance, med_type = insurance_of(said["insutype"]), said.get("med_type", "")
    if med_type:
        kind_of(med_type, inpatient=inpatient)
    if inpatient:
        refuse_in_hospital(proof.known)
    visit = Visit(
        number=new_number(call.institution.area_id),
        institution=call.institution,
        known=proof.known,
        person_id=proof.known.person_id,
        inpatient=inpatient,
        insurance=insurance,
        insured_area=insured_area(proof.known, call.insuplc_admdvs, insurance),
        med_type=med_type,
        began_at=said["begntime"],
        own_number_hash=own_hash(own_number),
        means=proof.means,
        voucher=proof.voucher,
        opened_at=call.now,
    )
    keep(call, visit, said, diagnoses=call.given.get("diseinfo", ()), opening=True)
    proof.use(visit.pk)
    return visit


def opened(call: Call, said: Mapping[str, Any], *, own_number: str, inpatient: bool) -> Visit:
    """2201, 2401: the visit that this call opens by the proof it found, or opened before (`opened_before`).

    Raises Refused where that one was changed or undone since it was found.
    """
    proof: Proof = call.found
    if proof.opened is None:
        return open_visit(call, proof, said, own_number=own_number, inpatient=inpatient)
    visit = locked_visit.first(institution=call.institution.code, number=proof.opened.number)
    if visit is None or not _as_opened(visit, proof.known, said):
        raise Refused(JUST_CHANGED, code="visit_just_changed")
    keep(call, visit, {}, opening=True)
    return visit


def new_number(area: str) -> str:
    """An mdtrt_id that nobody can guess: the area's code and 24 random digits."""
    return f"{area:0<6.6}{secrets.randbelow(10**24):024d}"


def insured_area(known: KnownPerson, sent: str, insurance: str) -> str:
    """The pooling area of the person's that the envelope means; "" where it is none of them, and the till must find out."""
    rows = enrollments_of(persons=[known.person_id])
    return insured_in(sent, {row.area_id for row in rows if row.insurance == insurance}) if sent else ""


def refuse_in_hospital(known: KnownPerson) -> None:
    """Nobody lies in two hospitals at once. Raises Refused with the institution."""
    for stay in stays_of(person=known.person_id):
        where = "本院" if stay.institution_id == known.institution_id else stay.institution.name
        raise Refused(f"该患者正在{where}住院，请先办理出院（2402）后再入院", code="in_hospital")


# What is said of one


def plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, as it is kept: what was left empty is not, nor what proves identity."""
    return {name: _text(value) for name, value in said.items() if value not in ("", None) and name not in SECRETS}


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    return value.isoformat() if isinstance(value, date) else str(value)


def record_of(visit: Visit) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(visit.record) if visit.record else {"said": {}, "diagnoses": [], "opened_by": []}
    return kept


def said_of(visit: Visit) -> dict[str, str]:
    """All that the hospital has said of a visit, by the interface's names, the last of each."""
    return dict(record_of(visit)["said"])


def diagnoses_of(visit: Visit) -> list[dict[str, str]]:
    """The diagnoses that were sent last."""
    return list(record_of(visit)["diagnoses"])


def opened_by(visit: Visit, msgid: str) -> bool:
    """Whether a visit was opened by this call, or stood already when it came; kept longer than the call itself."""
    return msgid in record_of(visit).get("opened_by", ())


def keep(
    call: Call,
    visit: Visit,
    said: Mapping[str, Any],
    *,
    diagnoses: Sequence[Mapping[str, Any]] = (),
    opening: bool = False,
) -> None:
    """Write down what was said of a visit, over what was said before; diagnoses that are sent replace the earlier ones.

    `opening`: this call opens it, or finds it as it would open it.
    """
    kept = record_of(visit)
    if opening:
        kept["opened_by"] = [*kept.get("opened_by", ()), call.msgid]
    kept["said"] |= plain(said)
    if diagnoses:
        kept["diagnoses"] = [plain(row) for row in diagnoses]
    visit.record = json.dumps(kept, ensure_ascii=False)
    visit.changed_at = call.now
    visit.save(force_insert=visit._state.adding)
    call.record.visit = visit.pk


# Changes


def describe(call: Call, visit: Visit, said: Mapping[str, Any], diagnoses: Sequence[Mapping[str, Any]]) -> None:
    """2203, 2403: what it is treated as, since when, with which diagnoses. Raises Refused where that is not settled."""
    if said["med_type"]:
        kind_of(said["med_type"], inpatient=visit.inpatient)
        visit.med_type = said["med_type"]
    if said.get("insutype"):
        visit.insurance = insurance_of(said["insutype"])
        visit.insured_area = insured_area(visit.known, call.insuplc_admdvs, visit.insurance) or visit.insured_area
    visit.began_at = said["begntime"] or visit.began_at
    keep(call, visit, said, diagnoses=diagnoses)


def change_stay(call: Call, visit: Visit, said: Mapping[str, Any], diagnoses: Sequence[Mapping[str, Any]]) -> None:
    """2403. Raises Refused where the stay is over."""
    refuse_settled(visit)
    if visit.status == VisitStatus.DISCHARGED:
        raise Refused("该就诊已办理出院，请先撤销出院（2405）", code="discharged")
    own_number = said["ipt_no"]
    if own_number and own_hash(own_number) != visit.own_number_hash:
        if numbered_visit.first(institution=call.institution.code, own=own_hash(own_number)):
            raise Refused(f"住院号{own_number}已登记过就诊，请核对", code="visit_numbered_twice")
        visit.own_number_hash = own_hash(own_number)
    describe(call, visit, said, diagnoses)


def discharge(call: Call, visit: Visit, said: Mapping[str, Any], diagnoses: Sequence[Mapping[str, Any]]) -> None:
    """2402. The same once more changes nothing. Raises Refused: settled, discharged at another time, a wrong time."""
    ended_at = said["endtime"]
    if visit.status == VisitStatus.DISCHARGED and visit.ended_at == ended_at:
        call.record.visit = visit.pk
        return
    refuse_settled(visit)
    if visit.status == VisitStatus.DISCHARGED:
        raise Refused("该就诊已办理出院，请先撤销出院（2405）", code="discharged")
    end_stay(call, visit, ended_at)
    keep(call, visit, said, diagnoses=diagnoses)


def end_stay(call: Call, visit: Visit, ended_at: datetime) -> None:
    """The stay is over; not written yet. Raises Refused where it ends before it began, or after today."""
    began_on, ended_on, today = (each.astimezone(SHANGHAI).date() for each in (visit.began_at, ended_at, call.now))
    if ended_on < began_on:
        raise Refused(f"出院时间早于入院时间（{began_on}），请核对", code="discharge_before_admission")
    if ended_on > today:
        raise Refused("出院时间不能晚于今天，请核对", code="discharged_in_future")
    visit.status, visit.ended_at = VisitStatus.DISCHARGED, ended_at


def undo_discharge(call: Call, visit: Visit) -> None:
    """2405. Raises Refused: settled, not discharged, in hospital elsewhere since."""
    refuse_settled(visit)
    if visit.status != VisitStatus.DISCHARGED:
        raise Refused("该就诊没有办理出院，无须撤销", code="not_discharged")
    refuse_in_hospital(visit.known)
    visit.status, visit.ended_at = VisitStatus.OPEN, None
    keep(call, visit, {})


def cancel(call: Call, visit: Visit) -> None:
    """2202, 2404, and 2601 of 2401: it never was. Raises Refused: settled, discharged, with lines."""
    refuse_settled(visit)
    if visit.status == VisitStatus.DISCHARGED:
        raise Refused("该就诊已办理出院，请先撤销出院（2405）", code="discharged")
    if FeeLine.objects.filter(visit=visit).exists():
        undo = "2302" if visit.inpatient else "2205"
        raise Refused(f"该就诊已有费用明细，请先撤销费用明细（{undo}）", code="visit_has_lines")
    visit.status = VisitStatus.CANCELLED
    keep(call, visit, {})
