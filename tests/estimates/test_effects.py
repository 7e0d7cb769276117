"""What an approval changes in money, as the reviewer of a case is told; worked by hand from the areas' policies."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from filings.models import Filing
from reviews.effects import Effect, Side, effect_of
from reviews.models import Status
from tests import factories as make

pytestmark = pytest.mark.usefixtures("monday")
KUNMING = "530100"


def waiting(row):
    row.status = Status.SUBMITTED
    return row


def filing(to="110000", kind="resident", **enrolled):
    return waiting(make.draft(make.enrollment(**enrolled), to=to, type=kind))


def test_a_stay_before_and_after_a_long_term_filing():
    """重庆, employee, level 3: unfiled 880 × 1.05 and 85 − 5 points; filed 880 and 85 points (CQ1, CQ2)."""
    effect = effect_of(filing())

    assert effect.matter == "到北京市三级医院住院一次，费用 20,000 元"
    assert effect.before == Side(label="不通过：未备案", own=Decimal("4739.20"))  # 20000 − (20000 − 924) × 0.80
    assert effect.after == Side(label="通过后：异地长期居住", own=Decimal("3748.00"))  # 20000 − (20000 − 880) × 0.85
    assert effect.saves == Decimal("991.20")
    assert [note.partition("（")[0] for note in effect.notes] == ["未计入：大额医疗费用补助"]


def test_what_no_source_says_is_said_with_the_reason():
    effect = effect_of(filing(kind="other"))

    assert (effect.before.own, effect.after.own, effect.saves) == (Decimal("4739.20"), None, None)
    assert effect.notes[0] == "没有找到重庆市对转诊和其他临时外出住院支付比例的规定，请向参保地经办机构核实。"


def test_a_filing_beside_one_in_force_changes_nothing(enrolled):
    """What stands already pays at least as well: the person's bill stays the same."""
    account = make.citizen(enrolled.person)
    in_force = make.draft(enrolled, account=account, to="110000", type="worker")
    Filing.objects.filter(pk=in_force.pk).update(status="approved", valid_from=clock.today(), travel="long_term")

    effect = effect_of(waiting(make.draft(enrolled, account=account, to="110000", type="other")))

    assert effect.before == Side(label="不通过：异地长期居住", own=Decimal("3748.00"))
    assert effect.after == Side(label="通过后：异地长期居住", own=Decimal("3748.00"))
    assert effect.saves == 0


def test_a_month_of_chronic_care_before_and_after_a_recognition():
    """昆明, employee, level 3: a visit of 1000 less 90 at 50 %; of the disease less 300 a year at 80 % (KM1, KM2)."""
    effect = effect_of(waiting(make.recognition_draft(make.enrollment(code=KUNMING))))

    assert effect.matter == "在参保地三级医院门诊治疗糖尿病一个月，费用 1,000 元"
    assert effect.before == Side(label="不通过：按普通门诊", own=Decimal("545.00"))
    assert effect.after == Side(label="通过后：按门诊慢特病", own=Decimal("440.00"))
    assert effect.saves == Decimal("105.00")


def test_an_area_without_a_policy_is_said():
    effect = effect_of(filing(code="130300"))

    assert effect.before is None
    assert "没有查到该参保地" in effect.problem


def test_care_at_home_a_claim_and_a_decided_case_have_none():
    home = filing(to="500000")
    decided = filing()
    decided.status = Status.APPROVED

    assert [effect_of(row) for row in (home, decided, waiting(make.claim_draft(make.enrollment())))] == [None] * 3


def test_it_costs_two_queries():
    row = filing()
    effect_of(row)

    with CaptureQueriesContext(connection) as queries:
        assert isinstance(effect_of(row), Effect)

    assert len(queries) == 2
