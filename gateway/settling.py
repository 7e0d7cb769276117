"""A visit's bill (2206, 2207, 2303, 2304) and its reversal (2208, 2305): the till's own services, asked with what the visit holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import ValidationInfo, field_validator

from accounts.certificate import CertificateKind
from accounts.models import id_hash
from core import bulk
from core.clock import SHANGHAI
from gateway import amounts
from gateway.call import Call, Refused
from gateway.care import insurance_of, kind_of
from gateway.fee_lines import net_items, sums
from gateway.models import FeeLine, Visit, VisitBill, VisitStatus
from gateway.models.visits import lines_of
from gateway.persons import person_shown
from gateway.transfers import continued_by
from gateway.visits import SETTLED, end_stay, insured_area, live_visit, plain, said_of, visit_for
from policies.language.examples import Cost
from settlements import services
from settlements.bills import MOST_ITEMS, BillRequest, IdentityInput
from settlements.models import Settlement, Status
from settlements.models.entries import DIGITAL_INVOICE

CERTIFICATES = ("01", "02")
FOUR: Mapping[str, tuple[str, str]] = {
    "fulamt_ownpay_amt": ("excluded", "全自费"),
    "overlmt_selfpay": ("over_limit", "超限价"),
    "preselfpay_amt": ("first_copay", "先行自付"),
    "inscp_scp_amt": ("scope", "符合政策范围"),
}
REASON = "医院通过国家平台接口撤销结算（{infno}）"


class VisitBillRequest(BillRequest):
    """A bill of a visit, which knows already who is treated."""

    @field_validator("identity")
    @classmethod
    def says_who(cls, identity: IdentityInput | None, info: ValidationInfo) -> None:
        return None


class FinalBillRequest(VisitBillRequest):
    """One that is to be settled."""

    final = True


# The bill


def quote(call: Call, *, inpatient: bool) -> dict[str, Any]:
    """2206 and 2303: how the lines not yet settled would be split now; nothing is written."""
    said = call.given["data"]
    refuse_midway(said)
    visit = live_visit(call, said, inpatient=inpatient, lock=False)
    lines = _lines(visit, said.get("chrg_bchno", ""))
    request = _request(call, visit, lines, VisitBillRequest)
    entry = services.quote(call.account, request, person=visit.person_id)
    return _answer(call, visit, entry, msgid=call.msgid, med_type=_med_type(visit, said))


def settle(call: Call, *, inpatient: bool) -> dict[str, Any]:
    """2207 and 2304: settle the lines of a batch, or of a stay, once and for all."""
    said = call.given["data"]
    refuse_midway(said)
    visit = live_visit(call, said, inpatient=inpatient)
    batch = said.get("chrg_bchno", "")
    lines = _lines(visit, batch)
    if inpatient:
        _require_discharge(call, visit, said)
    request = _request(call, visit, lines, FinalBillRequest)
    entry = services.settle(call.account, request, person=visit.person_id)
    _write(call, visit, entry, lines, batch)
    return _answer(call, visit, entry, msgid=call.msgid, med_type=_med_type(visit, said))


def _lines(visit: Visit, batch: str) -> list[FeeLine]:
    """The lines of a batch, or of a stay, that no settlement has. Raises Refused where there are none."""
    lines = [line for line in lines_of(visit=visit.pk) if visit.inpatient or line.batch == batch]
    if any(line.is_settled for line in lines):
        raise Refused(SETTLED, code="visit_settled")
    if not lines:
        upload = "2301" if visit.inpatient else "2204"
        raise Refused(f"没有待结算的费用明细，请先上传费用明细（{upload}）", code="no_lines")
    return lines


def _require_discharge(call: Call, visit: Visit, said: Mapping[str, Any]) -> None:
    """A stay is settled when it is over: by 2402, or as the call itself says (dscgTime)."""
    if visit.status == VisitStatus.DISCHARGED:
        return
    if said["dscgtime"] is None:
        raise Refused("请先办理出院（2402）再结算", code="not_discharged")
    end_stay(call, visit, said["dscgtime"])
    visit.changed_at = call.now
    visit.save(update_fields=["status", "ended_at", "changed_at"])


def _request(call: Call, visit: Visit, lines: Sequence[FeeLine], request: type[BillRequest]) -> BillRequest:
    """The bill as the till takes it. Raises Refused where the call contradicts the visit or its lines."""
    said = call.given["data"]
    _check(visit, said, lines)
    kind = kind_of(_med_type(visit, said), inpatient=visit.inpatient)
    insurance = insurance_of(said["insutype"])
    area = _insured_area(call, visit, insurance)
    batch = said.get("chrg_bchno", "")
    bill: dict[str, Any] = {
        "insured_area": area or None,
        "insurance": insurance,
        "care": kind.care,
        "disease": _disease(visit, said, lines) if kind.care == "chronic" else None,
        "admitted_on": _day(visit.began_at),
        "discharged_on": _discharged_on(visit, said),
        "emergency": kind.emergency,
        "continues": continued_by(visit, area, insurance),
        "cost": _sums(lines),
        "use_account": said["acct_used_flag"] == "1",
        "bill_number": f"{visit.number}-{batch}" if batch else visit.number,
        "invoice": _invoice(said.get("invono", "")),
    }
    return _by_items(request.of(bill), lines)


def refuse_midway(said: Mapping[str, Any]) -> None:
    """Raises Refused: a stay is settled when it is over."""
    if said.get("mid_setl_flag") == "1":
        raise Refused("不支持中途结算，请出院后结算", code="mid_settlement")


def _check(visit: Visit, said: Mapping[str, Any], lines: Sequence[FeeLine]) -> None:
    if said["mdtrt_cert_type"] not in CERTIFICATES:
        raise Refused("请扫医保码，或用身份证号码办理", code="certificate_type")
    _check_certificate(visit, said)
    check_sums(said, sums(lines))


def _check_certificate(visit: Visit, said: Mapping[str, Any]) -> None:
    """The proof is the visit's; an ID number that is somebody else's is a mistake all the same."""
    person, number = visit.person, said["mdtrt_cert_no"].upper()
    another = said["mdtrt_cert_type"] == "02" and len(number) == 18 and id_hash(number) != person.id_hash
    if another and person.certificate_kind == CertificateKind.ID_CARD:
        raise Refused("证件号码与就诊登记的患者不一致，请核对", code="another_person")


def check_sums(said: Mapping[str, Any], held: Mapping[str, Decimal]) -> None:
    """What the call says the bill comes to, against the lines; of the four parts only where one of them was filled in."""
    total, stored = said["medfee_sumamt"], held["amount"]
    if total != stored:
        raise Refused(f"医疗费总额与明细合计不符：上送{total}，明细{stored}", code="total_differs")
    four = {name: said.get(name) or Decimal(0) for name in FOUR}
    if not any(four.values()):
        return
    if sum(four.values()) != total:
        raise Refused(
            f"医疗费总额与全自费、超限价、先行自付、符合范围之和不符：上送{total}，合计{sum(four.values())}",
            code="parts_differ",
        )
    for name, (part, label) in FOUR.items():
        if four[name] != held[part]:
            raise Refused(f"{label}金额与明细合计不符：上送{four[name]}，明细{held[part]}", code="parts_differ")


def _med_type(visit: Visit, said: Mapping[str, Any]) -> str:
    """The category that the call says, else the visit's. Raises Refused without one."""
    med_type = said.get("med_type") or visit.med_type
    if not med_type:
        raise Refused("请填写医疗类别（med_type），或先上传就诊信息（2203）", code="med_type_missing")
    return str(med_type)


def _insured_area(call: Call, visit: Visit, insurance: str) -> str:
    if visit.insured_area and insurance == visit.insurance:
        return visit.insured_area
    return insured_area(visit.known, call.insuplc_admdvs, insurance)


def _disease(visit: Visit, said: Mapping[str, Any], lines: Sequence[FeeLine]) -> str:
    """The chronic disease of the batch, or of the visit. Raises Refused without one."""
    of_batch = {disease for line in lines if (disease := json.loads(line.record)["sent"].get("dise_codg"))}
    if len(of_batch) > 1:
        raise Refused("同一收费批次只能有一个病种，请分批次结算", code="disease_twice")
    disease = next(iter(of_batch), "") or said_of(visit).get("dise_codg", "")
    if not disease:
        raise Refused("门诊慢特病请填写病种编码（2203的dise_codg），如M03900", code="disease_missing")
    return disease


def _day(moment: Any) -> str:
    return str(moment.astimezone(SHANGHAI).date())


def _discharged_on(visit: Visit, said: Mapping[str, Any]) -> str | None:
    if not visit.inpatient:
        return None
    ended_at = visit.ended_at or said.get("dscgtime")
    return _day(ended_at) if ended_at else None


def _sums(lines: Sequence[FeeLine]) -> dict[str, str]:
    held = sums(lines)
    return {
        "total": str(held["amount"]),
        **{part: str(held[part]) for part in ("excluded", "over_limit", "first_copay")},
    }


def _by_items(request: BillRequest, lines: Sequence[FeeLine]) -> BillRequest:
    """The bill line by line, each with its code; of more lines than a till takes its sums stay, which come to the same."""
    items = net_items(lines)
    if len(items) > MOST_ITEMS:
        return request
    return request.model_copy(update={"cost": Cost(items=tuple(items))})


def _invoice(number: str) -> dict[str, str] | None:
    """A fully digital invoice is paid once in the whole country; other numbers are the hospital's own."""
    one_of_a_kind = len(number) == DIGITAL_INVOICE and number.isascii() and number.isdecimal() and len(set(number)) > 1
    return {"code": "0", "number": number} if one_of_a_kind else None


# What is written and answered


def _write(call: Call, visit: Visit, entry: Settlement, lines: Sequence[FeeLine], batch: str) -> None:
    said = call.given["data"]
    kept = {**plain(said), "opter": call.opter, "opter_name": call.opter_name, "cert": said["mdtrt_cert_type"]}
    bill = VisitBill(
        visit=visit,
        batch=batch,
        settlement=entry,
        msgid=call.msgid,
        med_type=_med_type(visit, said),
        record=json.dumps(kept, ensure_ascii=False),
    )
    bulk.insert([bill])
    for line in lines:
        line.bill = bill
    bulk.update(lines, ["bill"])
    call.record.settlement, call.record.visit = entry.pk, visit.pk


def _answer(call: Call, visit: Visit, entry: Settlement, *, msgid: str, med_type: str) -> dict[str, Any]:
    certificate = call.given["data"].get("mdtrt_cert_type", "")
    info = amounts.setlinfo(entry, number=visit.number, med_type=med_type, msgid=msgid, certificate=certificate)
    shown = person_shown(visit.known, entry.enrollment, entry.settled_on)
    return {"setlinfo": {**shown, **info}, "setldetail": amounts.setldetail(entry)}


# Reversing


def reverse(call: Call) -> dict[str, Any]:
    """2208 and 2305: undo a settlement of the visit. Raises Refused where there is none so, or it was undone already."""
    said = call.given["data"]
    visit = visit_for(call, said, lock=True)
    number = amounts.number_of(said["setl_id"])
    bill = VisitBill.objects.filter(visit=visit, settlement__number=number).select_related("settlement").first()
    if bill is None:
        raise Refused("没有查到该结算（setl_id），请先办理结算或核对编号", code="settlement_unknown")
    return undo(call, visit, bill)


def undo(call: Call, visit: Visit, bill: VisitBill) -> dict[str, Any]:
    """Reverse a bill of a visit that is locked; its lines may be settled again. Answers the reversal, amounts negative."""
    if bill.settlement.status != Status.SETTLED:
        raise Refused("该结算已经冲正，请勿重复操作", code="already_reversed")
    undone = services.reverse(call.account, bill.settlement, reason=REASON.format(infno=call.infno))
    visit.changed_at = call.now
    visit.save(update_fields=["changed_at"])
    call.record.settlement, call.record.visit = undone.pk, visit.pk
    kept = json.loads(bill.record)
    info = amounts.setlinfo(
        undone.reversal, number=visit.number, med_type=bill.med_type, msgid=bill.msgid, certificate=kept["cert"]
    )
    shown = person_shown(visit.known, undone.enrollment, undone.settled_on)
    return {"setlinfo": {**shown, **info}, "setldetail": amounts.setldetail(undone.reversal)}
