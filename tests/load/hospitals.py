"""What a hospital's till and its system ask: each bill under an insurance code, or a visit, of its own."""

from __future__ import annotations

import random
import uuid
from datetime import date, timedelta
from functools import cache
from typing import Any

from core import clock
from settlements.models import Settlement
from tests.load import tills, visits
from tests.load.citizens import get, post
from tests.load.generator import Ask


def quotes(count: int) -> list[Ask]:
    return _bills(count, "/settlements/quote/")


def settles(count: int) -> list[Ask]:
    """Four visits of a day for each stay, five lines each."""
    return _bills(count, "/settlements/")


def stays(count: int) -> list[Ask]:
    return _bills(count, "/settlements/", stays=1.0)


def long_bills(count: int) -> list[Ask]:
    """Two hundred lines."""
    return _bills(count, "/settlements/", lines=200)


def bills(count: int) -> list[Ask]:
    """A patient looks at the bills of the year."""
    return [get("/settlements/?page_size=20", random.choice(_patients())) for _ in range(count)]


def _bills(count: int, path: str, *, lines: int = 5, stays: float = 0.2) -> list[Ask]:
    codes, token = tills.codes(count), _till()
    return [post(path, token, _bill(code, _days(person), lines, random.random() < stays)) for code, person in codes]


def _bill(code: str, days: list[date], lines: int, stays: bool) -> dict[str, Any]:
    day = days.pop() if stays else random.choice(days)
    items = [
        {"name": f"药品{i}", "class": "AABBC"[i % 5], "amount": f"{random.randint(100, 9_999) / 100:.2f}",
         "first_copay_ratio": "0.10", "limit": "80"}
        for i in range(lines)
    ]  # fmt: skip
    stay = {"care": "inpatient", "discharged_on": str(day + timedelta(days=1))}
    return {
        "voucher": code, "care": "outpatient", **(stay if stays else {}), "admitted_on": str(day),
        "cost": {"items": items}, "bill_number": uuid.uuid4().hex,
    }  # fmt: skip


@cache
def _days(person: Any) -> list[date]:
    """Days of this year, two apart, each for one stay of the person: stays do not overlap. None on which a stay lies already."""
    today = clock.today()
    lain = set(Settlement.objects.filter(person=person, care="inpatient").values_list("admitted_on", flat=True))
    before = [today - timedelta(days=number) for number in range(2, (today - date(today.year, 1, 1)).days, 2)]
    free = [day for day in before if not lain & {day - timedelta(days=1), day, day + timedelta(days=1)}]
    random.shuffle(free)
    return free


@cache
def _till() -> str:
    return tills.token()


@cache
def _patients() -> list[str]:
    return tills.patients()


def national_outpatients(count: int) -> list[Ask]:
    """2207A of a visit that has its lines."""
    return _national(count, "2207A", {"med_type": "11", "chrg_bchno": "B1"}, stays=False)


def national_stays(count: int) -> list[Ask]:
    """2304A of a stay that has its lines."""
    return _national(count, "2304A", {"mid_setl_flag": "0"}, stays=True)


def _national(count: int, infno: str, said: dict[str, str], *, stays: bool) -> list[Ask]:
    known = visits.known(count, free=_days if stays else None, seed=random.randrange(2**32))
    return [_envelope(infno, known, visit, said) for visit in known["visits"]]


def _envelope(infno: str, known: dict[str, Any], visit: dict[str, str], said: dict[str, str]) -> Ask:
    bill = {
        "psn_no": visit["psn_no"], "mdtrt_cert_type": "01", "mdtrt_cert_no": "M0", "medfee_sumamt": visit["total"],
        "psn_setlway": "01", "mdtrt_id": visit["mdtrt_id"], "insutype": "310", "acct_used_flag": "0", **said,
    }  # fmt: skip
    envelope = {
        "infno": infno, "msgid": uuid.uuid4().hex[:30], "mdtrtarea_admvs": known["area"], "insuplc_admdvs": "110000",
        "recer_sys_code": "YD", "dev_no": "", "dev_safe_info": "", "cainfo": "", "signtype": "", "infver": "V1.0",
        "opter_type": "1", "opter": "0007", "opter_name": "收费员", "inf_time": "2026-11-20 08:00:00",
        "fixmedins_code": known["hospital"], "fixmedins_name": "", "sign_no": "", "input": {"data": bill},
    }  # fmt: skip
    ask = post("", "", envelope)
    return ask._replace(path="/fsi/api/rsfComIfsService/callService", headers={"Content-Type": "application/json"})
