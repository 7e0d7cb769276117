"""Entries for the tests of reconciliation and clearing: settled and reversed at tills, on the days that are said.

By the policy of `till.py` the first stay of 10 000 costs the fund 7 200 = 80 % of what is above 1 000, and 2 800 in cash;
of 6 000 it is 4 000 and 2 000; an outpatient visit of 1 000 is 400 and 600.
"""

from __future__ import annotations

from typing import Any

from accounts.models import Account, Role
from core import clock
from regions.models import Institution
from settlements import services
from settlements.models import Settlement
from tests import factories as make
from tests.settlements.till import HEAD, HOSPITAL, SIMPLE, till

HERE = SIMPLE
ALIKE = [HEAD.replace('"500000"', f'"{code}"') + SIMPLE for code in ("110000", "510100")]
"""北京 and 成都 pay what 重庆 pays."""
CHONGQING_HOSPITAL, CHENGDU_HOSPITAL = "H50010000009", "H51010000009"


def hospital(code: str = HOSPITAL) -> Institution:
    """The hospital in 北京, in 重庆 or in 成都."""
    place = {"H11": make.BEIJING, "H50": make.CHONGQING, "H51": make.CHENGDU}[code[:3]]
    found = Institution.objects.filter(code=code).first()
    return found or make.institution(code, place=place, outpatient=True, name=f"{place}示范医院")


def settled(
    insured: str = make.CHONGQING, institution: str = HOSPITAL, total: str = "10000.00", **given: Any
) -> Settlement:
    """An emergency stay of somebody insured there, who was not seen before."""
    patient = given.pop("patient", None) or make.enrollment(code=insured)
    today = clock.today().isoformat()
    stay = {"admitted_on": today, "discharged_on": today, "cost": {"total": total}, **given}
    return till(patient, hospital(institution)).settle(**stay)


def undo(entry: Settlement) -> Settlement:
    """Undo it at its till; returns the opposite entry."""
    assert entry.institution is not None
    account = make.staff(Role.HOSPITAL, institution=entry.institution)
    services.reverse(account, entry, reason="录入有误")
    return Settlement.objects.get(reverses=entry)


def clerk(code: str = HOSPITAL) -> Account:
    """A member of the hospital's staff."""
    return make.staff(Role.HOSPITAL, institution=hospital(code))


def row(entry: Settlement, **otherwise: str) -> dict[str, str]:
    """The entry as the hospital's own list has it, if the two agree."""
    return {
        "bill_number": entry.bill_number, "number": entry.number, "total": str(entry.total), "fund": str(entry.fund),
        "cash": str(entry.cash), "status": entry.status, **otherwise,
    }  # fmt: skip


def text(rows: list[dict[str, str]], columns: str = "bill_number,number,total,fund,cash,status") -> str:
    """A CSV file of rows."""
    names = columns.split(",")
    return "\n".join([columns, *(",".join(one[name] for name in names) for one in rows)]) + "\n"
