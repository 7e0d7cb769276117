"""Bills in the staff's site: who sees which, what the page says, and the agency's own reversal."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from core import clock
from settlements.models import IdentityLookup, InsuranceYear, Settlement
from tests import factories as make
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db
LIST = "admin:settlements_settlement_changelist"


@pytest.fixture(autouse=True)
def _monday():
    with clock.standing_at(make.moment("2026-03-02 10:00")), policies(SIMPLE):
        yield


def site(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(settlement):
    return reverse("admin:settlements_settlement_change", args=[settlement.pk])


def test_reviewers_see_the_bills_of_their_area_alone():
    bill = till().settle()

    ours, others = site(make.reviewer()), site(make.reviewer(make.CHENGDU))

    assert bill.number in ours.get(reverse(LIST)).content.decode()
    assert bill.number not in others.get(reverse(LIST)).content.decode()
    assert others.get(page(bill)).status_code == 302
    assert site(make.staff(Role.HOSPITAL, institution=bill.institution)).get(reverse(LIST)).status_code == 403


def test_the_page_shows_every_line_with_its_source_and_no_full_name():
    bill = till().settle()

    text = site(make.reviewer()).get(page(bill)).content.decode()

    assert all(said in text for said in ("7,200.00", "2,800.00", "9000.00 × 80% = 7200.00", "王*兰", bill.number))
    assert bill.person.name not in text
    assert "由经办机构冲正" not in text


def test_a_supervisor_of_the_area_reverses_with_a_reason():
    bill = till().settle()
    client = site(make.supervisor())

    client.post(page(bill), {"reason": " "})

    assert Settlement.objects.get(pk=bill.pk).status == "settled"

    client.post(page(bill), {"reason": "医院已停业，重复结算"})
    client.post(page(bill), {"reason": "再点一次"})

    assert Settlement.objects.get(pk=bill.pk).status == "reversed"
    assert (InsuranceYear.objects.get().burden, Settlement.objects.count()) == (0, 2)
    assert "重复结算" in client.get(page(bill)).content.decode()


def test_a_reason_is_not_lost_when_the_reversal_is_refused():
    cashier = till()
    bill = cashier.settle()
    cashier.settle(bill_number="B-later", admitted_on="2026-03-02", discharged_on="2026-03-02")

    answer = site(make.supervisor()).post(page(bill), {"reason": "床位费多收一天"})

    assert answer.status_code == 409

    text = answer.content.decode()
    assert "请先冲正后面的结算" in text
    assert "床位费多收一天</textarea>" in text


def test_the_list_offers_what_it_can_hold_and_says_why_it_is_empty():
    client = site(make.supervisor())

    empty = client.get(reverse(LIST)).content.decode()

    assert "本地区参保人还没有结算" in empty
    assert "清除筛选" not in empty

    bill = till().settle()
    client.post(page(bill), {"reason": "重复结算"})
    text = client.get(reverse(LIST)).content.decode()

    assert "10,000.00" in text
    assert ("?status=reversed" in text, "?status=reversal" in text) == (True, False)
    assert bill.number in client.get(reverse(LIST), {"status": "reversed"}).content.decode()
    assert "清除筛选" in client.get(reverse(LIST), {"status": "settled"}).content.decode()


def test_a_reviewer_cannot_reverse():
    bill = till().settle()

    site(make.reviewer()).post(page(bill), {"reason": "错"})

    assert Settlement.objects.get(pk=bill.pk).status == "settled"


def test_look_ups_are_shown_to_the_area_of_the_person():
    cashier = till()
    IdentityLookup.objects.create(
        person=cashier.patient.person, institution=cashier.hospital, account=cashier.staff, reason="患者昏迷"
    )

    url = reverse("admin:settlements_identitylookup_changelist")

    assert "患者昏迷" in site(make.reviewer()).get(url).content.decode()
    assert "患者昏迷" not in site(make.reviewer(make.CHENGDU)).get(url).content.decode()


def test_the_statement_opens_for_the_area_and_for_nobody_else():
    bill = till().settle()

    url = page(bill).replace("change/", "statement.pdf")

    assert url in site(make.reviewer()).get(page(bill)).content.decode()
    assert site(make.reviewer()).get(url).content.startswith(b"%PDF")
    assert site(make.reviewer(make.CHENGDU)).get(url).status_code == 404
    assert Client().get(url).status_code == 302
