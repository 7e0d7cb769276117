"""A hospital's till for tests: who stands there, what it sends, and small policies that are worked out by hand."""

from __future__ import annotations

import itertools
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.models import Account, Enrollment, Role
from accounts.services import vouchers
from policies import published
from policies.language.loader import load_text
from regions.models import Institution
from settlements.bills import SettleInput
from settlements.models import Settlement
from settlements.services import settle
from tests import factories as make

_serial = itertools.count(1)
HOSPITAL = "H11010100001"

HEAD = """
area: "500000"
name: 测试
effective_from: 2020-01-01
sources: [{id: T1, title: t, publisher: p, year: 2025, grade: A}]
"""
SIMPLE = """
benefits:
  - id: employee-inpatient
    insurance: employee
    care: inpatient
    source: T1
    deductible: {amounts: [{when: {visit_from: 2}, amount: 500}, {amount: 1000}], linked: true}
    share: {bands: [{upto: null, ratios: [{ratio: 0.80}]}]}
    annual_cap: {of: pooled, amount: 100000}
  - id: employee-outpatient
    insurance: employee
    care: outpatient
    source: T1
    deductible: {period: year, amounts: [{amount: 200}]}
    share: {bands: [{upto: null, ratios: [{ratio: 0.50}]}]}
  - id: employee-chronic
    insurance: employee
    care: chronic
    source: T1
    share: {bands: [{upto: null, ratios: [{ratio: 0.70}]}]}
    limits: [{of: pooled, period: month, amount: 300}]
supplements:
  - {id: large, insurance: employee, kind: above_cap, fund: large_amount, ratios: [{ratio: 0.90}], source: T1}
"""
"""Stays: 1 000 (later ones 500), then 80 %, at most 100 000 a year, 90 % beyond. Outpatients: 200 a year, then 50 %."""


@contextmanager
def policies(*texts: str):
    """Only these policies count, whatever is published."""
    files = [load_text(HEAD + text if "area:" not in text else text, f"test-{i}.yaml") for i, text in enumerate(texts)]
    ground = published.ground()
    by_area: dict[str, list[Any]] = {}
    for file in files:
        one = published.Published(file.file.removesuffix(".yaml"), file, file.effective_from, file.effective_until)
        by_area.setdefault(file.area, []).append(one)
    kept = {
        **ground.by_area,
        **{area: tuple(sorted(found, key=lambda each: each.start)) for area, found in by_area.items()},
    }
    timelines = {area: published._timeline(periods) for area, periods in kept.items()}
    by_id = {one.id: one for periods in kept.values() for one in periods}
    published.stand_on(published.Book(None, kept, published.RuleBook(timelines), by_id))
    try:
        yield
    finally:
        published.stand_on(ground)


@dataclass
class Till:
    """The till of one hospital, and the patient in front of it."""

    patient: Enrollment
    hospital: Institution
    staff: Account = field(init=False)
    citizen: Account = field(init=False)

    def __post_init__(self) -> None:
        self.staff = make.staff(Role.HOSPITAL, institution=self.hospital)
        self.citizen = make.citizen(self.patient.person)

    def voucher(self) -> str:
        """A fresh insurance code of the patient's."""
        return vouchers.issue(self.citizen, self.patient.person_id).token

    def bill(self, **given: Any) -> dict[str, Any]:
        """What the till sends: an emergency stay of 10 000 yuan, unless told otherwise."""
        return {
            "voucher": given.pop("voucher", None) or self.voucher(),
            "care": "inpatient",
            "admitted_on": "2026-03-01",
            "discharged_on": "2026-03-02",
            "emergency": True,
            "cost": {"total": "10000.00"},
            "bill_number": f"B{next(_serial)}",
            **given,
        }

    def settle(self, **given: Any) -> Settlement:
        """Settle by the service, which a refusal leaves without a trace."""
        with transaction.atomic():
            return settle(self.staff, SettleInput.of(self.bill(**given)))

    @property
    def api(self) -> Any:
        return make.api(self.staff)

    def post(self, path: str = "", *, key: str = "", **given: Any) -> Any:
        """Settle by the API, with a key of its own unless one is given."""
        client = make.api(self.staff)
        return client.post(
            f"/api/v1/settlements/{path}",
            self.bill(**given),
            format="json",
            HTTP_IDEMPOTENCY_KEY=key or uuid.uuid4().hex,
        )


def till(patient: Enrollment | None = None, hospital: Institution | None = None) -> Till:
    """A till in 北京, and an employee of 重庆 in front of it."""
    found = hospital or Institution.objects.filter(code=HOSPITAL).first() or make.institution(HOSPITAL, outpatient=True)
    return Till(patient or make.enrollment(make.person("王秀兰")), found)
