"""1101: who stands there, by insurance code or by name and number; and the persons whom a hospital knows since then.

A code is bound to the hospital that reads it. A look-up by name and number is limited, kept on record and told to the person
(`settlements.till.identify`). A hospital knows a person by a number of its own, which is random and stays.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.certificate import CertificateKind
from accounts.models import Enrollment, Person
from accounts.services import vouchers
from core import clock
from gateway.call import Call, Output, Refused, Transaction
from gateway.codes import MDTRT_CERT_TYPE, PSN_CERT_TYPE, SERVED_INSUTYPE
from gateway.fields import moment, node, text
from gateway.models import KnownPerson, Visit, VisitStatus
from gateway.models.visits import Means
from regions.models import Institution
from settlements.bills import IdentityInput
from settlements.till import identify

PROOF_LASTS = timedelta(hours=24)
"""How long a proof of identity counts where no visit carries it (machine time)."""
ASK_FIRST = "请先读取人员信息（1101）"
REASON = "医院通过国家平台接口读取人员信息（1101）"
INSUTYPE = {insurance: code for code, insurance in SERVED_INSUTYPE.items()}
PSN_TYPE = {"active": "1101", "retired": "1201", "minor": "14", "student": "14", "adult": "15", "elder": "16"}
CIVIL_SERVANT = "civil_servant"
KIND = {
    "id_card": "01", "residence_permit": "17", "foreigner": "07", "passport": "08", "birth": "99",
}  # fmt: skip
TRAVEL_PERMITS = {"04": "H", "05": "M"}
GEND = {"male": "1", "female": "2"}
NAMED_BY = {
    **dict.fromkeys(("04", "05", "06"), CertificateKind.TRAVEL_PERMIT),
    "16": CertificateKind.PASSPORT,
}
"""The kinds of certificate, other than those of eighteen digits, that a hospital can name somebody by."""
NOT_BY_THIS = ("02", "03", "08", "99")

PERSON = (
    node(
        "data*",
        text("mdtrt_cert_type*", "就诊凭证类型", 3, MDTRT_CERT_TYPE),
        text("mdtrt_cert_no*", "就诊凭证编号", 50),
        text("card_sn", "卡识别码", 32),
        moment("begntime", "开始时间"),
        text("psn_cert_type", "人员证件类型", 6, PSN_CERT_TYPE),
        text("certno", "证件号码", 50),
        text("psn_name", "人员姓名", 50),
    ),
)


# Whom a hospital knows


def known_person(institution: Institution, psn_no: str) -> KnownPerson:
    """The person whom a hospital knows by this number; a newborn's leads to the person it is. Raises Refused."""
    rows = KnownPerson.objects.select_related("person").filter(institution=institution)
    known = rows.filter(psn_no=psn_no).first()
    if known is not None and known.person.merged_into_id is not None:
        known = rows.filter(person=known.person.merged_into_id).first()
    if known is None:
        raise Refused(f"没有查到该人员编号（psn_no），{ASK_FIRST}", code="person_unknown")
    return known


def require_proof(known: KnownPerson) -> None:
    """The person proved there within a day who they are, or for a visit that is open. Raises Refused."""
    if not (proof_stands(known) or Visit.objects.filter(known=known, status=VisitStatus.OPEN).exists()):
        raise Refused(f"该人员的身份核实已超过24小时，{ASK_FIRST}", code="proof_old")


def proof_stands(known: KnownPerson) -> bool:
    """Whether the person proved there within a day who they are."""
    return known.proved_at >= timezone.now() - PROOF_LASTS


def remember(institution: Institution, person: UUID, means: Means, voucher: UUID | None = None) -> KnownPerson:
    """The hospital's number for somebody who has just proved who they are."""
    number = f"{10**25 + secrets.randbelow(9 * 10**25)}"
    proof = {"proved_at": timezone.now(), "means": means, "voucher": voucher}
    known, _new = KnownPerson.objects.update_or_create(
        institution=institution, person_id=person, defaults=proof, create_defaults={"psn_no": number, **proof}
    )
    return known


# 1101


def recognise(call: Call) -> KnownPerson:
    """Find out who stands there. Raises Refused; what `vouchers.read` and `settlements.till.identify` raise."""
    said = call.given["data"]
    if said["mdtrt_cert_type"] == "01":
        vouchers.bind(said["mdtrt_cert_no"], call.institution.code)
        voucher = vouchers.read(said["mdtrt_cert_no"], call.institution.code)
        return remember(call.institution, voucher.person_id, Means.VOUCHER, voucher.pk)
    if said["mdtrt_cert_type"] != "02":
        raise Refused("请扫医保码，或用身份证号码办理", code="certificate_type")
    if not said["psn_name"]:
        raise Refused("用证件号码办理须填写人员姓名（psn_name），或请患者出示医保码", code="name_required")
    by_name = identify(call.account, _named(said), call.address, operator=call.opter)
    return remember(call.institution, by_name, Means.IDENTITY)


def _named(said: Mapping[str, Any]) -> IdentityInput:
    """Whom name and number name. Raises Invalid, Refused."""
    kind, number = said["psn_cert_type"] or "01", said["mdtrt_cert_no"]
    who: dict[str, Any] = {"id_number": number}
    if kind in NAMED_BY:
        who = {"certificate": {"kind": NAMED_BY[kind].value, "number": number}}
        if kind == "16":
            who["certificate"]["country"] = "CHN"
    elif kind in NOT_BY_THIS:
        raise Refused(f"不能以{PSN_CERT_TYPE[kind]}办理，请患者出示医保码", code="certificate_kind")
    return IdentityInput.of({"name": said["psn_name"], "reason": REASON, **who})


def information(call: Call) -> Output:
    """The person, and where they are insured: in force, else the latest that was."""
    known: KnownPerson = call.found
    person, today = Person.objects.get(pk=known.person_id), clock.today()
    rows = list(Enrollment.objects.filter(person=person).order_by("-valid_from", "area_id"))
    shown = [row for row in rows if row.status_on(today) == "active"] or rows[:1]
    call.record.psn_no = known.psn_no
    return {
        "baseinfo": {**_base(known, person, today), "exp_content": None},
        "insuinfo": [insurance_shown(row, person, today) for row in shown],
        "idetinfo": [],
    }


def _base(known: KnownPerson, person: Person, on: date) -> dict[str, Any]:
    return {
        "psn_no": known.psn_no,
        "psn_cert_type": certificate_code(person),
        "certno": person.id_number,
        "psn_name": person.name,
        "gend": GEND.get(person.sex or person.certificate.sex, "0"),
        "naty": None,
        "brdy": person.birth_date,
        "age": Decimal(f"{person.age_on(on)}.0"),
    }


def certificate_code(person: Person) -> str:
    """psn_cert_type."""
    if person.certificate_kind == CertificateKind.TRAVEL_PERMIT:
        by_letter = {letter: code for code, letter in TRAVEL_PERMITS.items()}
        return by_letter.get(person.id_number[:1], "06")
    if person.certificate_kind == CertificateKind.PASSPORT and person.certificate_country == "CHN":
        return "16"
    return KIND.get(person.certificate_kind, "99")


def insurance_shown(row: Enrollment, person: Person, on: date) -> dict[str, Any]:
    """A row of insuinfo."""
    active = row.status_on(on) == "active"
    return {
        "balc": row.account_left.quantize(Decimal("0.01")),
        "insutype": INSUTYPE[row.insurance],
        **_kind_of_insured(row, person),
        "psn_insu_stas": "1" if active else "4" if row.status_on(on) == "ended" else "0",
        "psn_insu_date": row.valid_from,
        "paus_insu_date": None if active else row.valid_until,
        "insuplc_admdvs": row.area_id,
        "emp_name": None,
    }


def _kind_of_insured(row: Enrollment, person: Person) -> dict[str, str]:
    flag = "1" if person.identity == CIVIL_SERVANT else "0"
    return {"psn_type": PSN_TYPE[row.category], "cvlserv_flag": flag}


def person_shown(known: KnownPerson, enrollment: Enrollment | None, on: date) -> dict[str, Any]:
    """The person as answers about visits and bills repeat them; with what the enrolment says, if one is given."""
    more = _kind_of_insured(enrollment, known.person) if enrollment else {}
    return {**_base(known, known.person, on), **more}


TRANSACTIONS = (Transaction("1101", "人员信息获取", PERSON, information, before=recognise),)
