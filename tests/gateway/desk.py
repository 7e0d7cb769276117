"""The desk of a hospital that speaks the national interface, with a patient before it: what it sends, from first to last.

By the policy of `tests/settlements/till.py`, outpatients: 200 a year, then 50 %; stays: 1 000, then 80 %. The catalogue:
XA class A, XB class B of which the patient pays 10 % first, XL class A at most 10 yuan a unit, XC class C; XN is listed
without a class; what is in no list is class C.
"""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import Enrollment
from accounts.services import vouchers
from gateway.amounts import number_of
from gateway.models import KnownPerson
from regions.models import Institution
from settlements.models import Settlement
from tests import factories as make
from tests.gateway.hospital import Hospital
from tests.policies.cataloguing import listed

NOW = "2026-03-02 10:00"
HOSPITAL = "H11010100001"
CATALOGUE = ("XA A", "XB B 0.10", "XL A - 10", "XC C", "XN -", "XZ B 1")
_serial = itertools.count(1)


class Desk(Hospital):
    """One hospital's desk and the patient. Every method sends one message and gives its output."""

    def __init__(self, patient: Enrollment | None = None, code: str = HOSPITAL, **envelope: Any) -> None:
        found = Institution.objects.filter(code=code).first()
        self.place = found or make.institution(code, outpatient=True, chronic=["M03900"], name=f"示范医院{code[-1]}")
        super().__init__(code, **envelope)
        self.patient = patient or make.enrollment(make.person("王秀兰"), account_balance=Decimal("500.00"))
        self.citizen = make.citizen(self.patient.person)
        self.known, _made = KnownPerson.objects.get_or_create(
            institution=self.place,
            person=self.patient.person,
            defaults={"psn_no": f"{next(_serial):026d}", "proved_at": timezone.now(), "means": "voucher"},
        )
        self.psn_no = self.known.psn_no

    def code(self) -> str:
        """A fresh insurance code of the patient's."""
        return vouchers.issue(self.citizen, self.patient.person_id).token

    def certificate(self, otherwise: dict[str, Any]) -> dict[str, str]:
        """A fresh code, where nothing else is shown."""
        return {} if "mdtrt_cert_no" in otherwise else {"mdtrt_cert_type": "01", "mdtrt_cert_no": self.code()}

    # Outpatients

    def registration(self, **otherwise: Any) -> dict[str, Any]:
        return {
            "data": {
                "psn_no": self.psn_no, "insutype": "310", "begntime": "2026-03-02 09:00:00", **self.certificate(otherwise),
                "ipt_otp_no": f"MZ260302-{next(_serial)}", "atddr_no": "D110000000001", "dr_name": "示例医生",
                "dept_code": "A03", "dept_name": "内科", "caty": "A03", **otherwise,
            }
        }  # fmt: skip

    def register(self, **otherwise: Any) -> str:
        """2201: the mdtrt_id."""
        return str(self.output("2201", self.registration(**otherwise))["data"]["mdtrt_id"])

    def description(self, visit: str, **otherwise: Any) -> dict[str, Any]:
        said = {"mdtrt_id": visit, "psn_no": self.psn_no, "med_type": "13", "begntime": "2026-03-02 09:00:00"}
        return {"mdtrtinfo": {**said, **otherwise}, "diseinfo": self.diagnosis(vali_flag="1")}

    def diagnosis(self, **otherwise: Any) -> dict[str, Any]:
        return {
            "diag_type": "1", "diag_srt_no": "1", "diag_code": "J18.900", "diag_name": "肺炎", "diag_dept": "内科",
            "dise_dor_no": "D110000000001", "dise_dor_name": "示例医生", "diag_time": "2026-03-02 09:10:00",
            "maindiag_flag": "1", **otherwise,
        }  # fmt: skip

    def line(
        self, visit: str, sn: str, code: str, amount: str, *, count: str = "1", **otherwise: Any
    ) -> dict[str, Any]:
        """A line of 2204 or 2301; its batch is B1 unless another is said."""
        return {
            "feedetl_sn": sn, "mdtrt_id": visit, "psn_no": self.psn_no, "chrg_bchno": "B1", "rx_circ_flag": "0",
            "fee_ocur_time": "2026-03-02 09:20:00", "med_list_codg": code, "medins_list_codg": f"YP{code}",
            "det_item_fee_sumamt": amount, "cnt": count, "pric": amount.removeprefix("-"), "med_type": "24",
            "bilg_dept_codg": "A03", "bilg_dept_name": "内科", "bilg_dr_codg": "D1", "bilg_dr_name": "示例医生", **otherwise,
        }  # fmt: skip

    def lines(self, visit: str, *sent: tuple[str, ...], infno: str = "2204", **otherwise: Any) -> Any:
        """2204 or 2301 of lines (sn, code, amount[, count]): the result."""
        rows = [self.line(visit, *line[:3], count="".join(line[3:]) or "1", **otherwise) for line in sent]
        return self.output(infno, {"feedetail": rows})["result"]

    def bill(self, visit: str, total: str, **otherwise: Any) -> dict[str, Any]:
        return {
            "data": {
                "psn_no": self.psn_no, "mdtrt_cert_type": "01", "mdtrt_cert_no": "M0", "med_type": "13",
                "medfee_sumamt": total, "psn_setlway": "01", "mdtrt_id": visit, "chrg_bchno": "B1", "insutype": "310",
                "acct_used_flag": "0", "mid_setl_flag": "0", **otherwise,
            }
        }  # fmt: skip

    def outpatient(self, **otherwise: Any) -> str:
        """A visit registered and described, with 1 000.00 of XB and 200.00 of XC in batch B1: its mdtrt_id.

        Of XB the patient pays 100.00 first, XC is the patient's own: scope 900.00. Less 200 it is 700, half of it 350.00.
        """
        visit = self.register(**otherwise)
        self.output("2203", self.description(visit))
        self.lines(visit, ("1", "XB", "1000.00"), ("2", "XC", "200.00"))
        return visit

    # Stays

    def admission(self, **otherwise: Any) -> dict[str, Any]:
        return {
            "mdtrtinfo": {
                "psn_no": self.psn_no, "insutype": "310", "coner_name": "示例乙", "tel": "",
                "begntime": "2026-02-20 10:00:00", **self.certificate(otherwise), "med_type": "24",
                "ipt_no": f"ZY2602-{next(_serial)}", "medrcdno": "BL0371", "atddr_no": "D110000000001",
                "chfpdr_name": "示例医生", "adm_diag_dscr": "肺炎", "adm_dept_codg": "A03", "adm_dept_name": "内科",
                "adm_bed": "12", "dscg_maindiag_code": "J18.900", "dscg_maindiag_name": "肺炎", **otherwise,
            },
            "diseinfo": [self.diagnosis(psn_no=self.psn_no)],
        }  # fmt: skip

    def admit(self, **otherwise: Any) -> str:
        """2401: the mdtrt_id."""
        return str(self.output("2401", self.admission(**otherwise))["result"]["mdtrt_id"])

    def leaving(self, visit: str, **otherwise: Any) -> dict[str, Any]:
        return {
            "dscginfo": {
                "mdtrt_id": visit, "psn_no": self.psn_no, "insutype": "310", "endtime": "2026-03-01 15:00:00",
                "dscg_dept_codg": "A03", "dscg_dept_name": "内科", "dscg_way": "1", **otherwise,
            },
            "diseinfo": [],
        }  # fmt: skip

    def stay(self, **otherwise: Any) -> str:
        """A stay with 18 000.00 of XA, 800.00 that the patient pays first (XZ) and 1 200.00 of XC, discharged: its mdtrt_id.

        Scope 18 000.00; less 1 000 it is 17 000, of which the fund bears 80 %: 13 600.00.
        """
        visit = self.admit(**otherwise)
        self.lines(visit, ("1", "XA", "18000.00"), ("2", "XZ", "800.00"), ("3", "XC", "1200.00"), infno="2301")
        self.output("2402", self.leaving(visit))
        return visit

    def stay_bill(self, visit: str, total: str = "20000.00", **otherwise: Any) -> dict[str, Any]:
        return self.bill(visit, total, med_type="", chrg_bchno="", **otherwise)

    def referring(self, to: Institution) -> dict[str, Any]:
        """2501A: to another hospital."""
        return {
            "refmedin": {
                "psn_no": self.psn_no, "insutype": "310", "diag_code": "C34.900", "diag_name": "肺恶性肿瘤",
                "reflin_medins_no": to.code, "reflin_medins_name": to.name, "mdtrtarea_admdvs": to.area_id,
                "refl_type": "1", "refl_date": "2026-03-01", "refl_rea": "本院不具备治疗条件", "refl_opnn": "同意转院",
            }
        }  # fmt: skip

    # Both

    def undoing(self, visit: str, settled: Any) -> dict[str, Any]:
        """2208 and 2305: of what a settlement answered."""
        return {"data": {"setl_id": settled["setlinfo"]["setl_id"], "mdtrt_id": visit, "psn_no": self.psn_no}}

    def about(self, visit: str, **more: Any) -> dict[str, Any]:
        return {"data": {"mdtrt_id": visit, "psn_no": self.psn_no, **more}}

    def recall(self, message: dict[str, Any], **otherwise: Any) -> dict[str, Any]:
        """2601: of a message that was sent, or was meant to be."""
        said = {"psn_no": self.psn_no, "omsgid": message["msgid"], "oinfno": message["infno"]}
        return {"data": {**said, **otherwise}}


def catalogue() -> None:
    """The items of the tests, in force since 2020."""
    listed(*CATALOGUE)


def entry(settled: Any) -> Settlement:
    """The settlement of an answer, or the reversal."""
    return Settlement.objects.get(number=number_of(settled["setlinfo"]["setl_id"]))
