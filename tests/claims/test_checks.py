"""The automatic checks of claims, one by one, each on the day that decides."""

from datetime import date

import pytest

from accounts.models import Role
from chronic.models import Recognition
from core.errors import Forbidden, Invalid, WrongState
from regions.models import Disease, Institution
from reviews import services as queue
from reviews.models import Material
from reviews.services import Actor
from tests import factories as make
from tests.claims.claiming import HOSPITAL, HYPERTENSION, approved, at, claimed, costs, fresh, papers
from tests.settlements.till import till

pytestmark = pytest.mark.usefixtures("human")


def refused(account, of, **fields):
    with pytest.raises((Invalid, WrongState)) as found:
        claimed(account, of, **fields)
    return found.value.status, [(problem.code, problem.attr) for problem in found.value.problems]


def warned(account, of, **fields):
    return [(check["code"], check["level"]) for check in claimed(account, of, **fields).checks]


def test_a_clean_claim(account, enrolled):
    assert warned(account, enrolled) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"admitted_on": None, "discharged_on": None}, ("admission_missing", "admitted_on")),
        ({"discharged_on": None}, ("discharge_missing", "discharged_on")),
        ({"discharged_on": date(2026, 1, 31)}, ("discharge_before_admission", "discharged_on")),
        ({"discharged_on": date(2026, 3, 3)}, ("care_in_future", "discharged_on")),
        ({"institution": None}, ("institution_missing", "institution")),
        ({"invoice_number": ""}, ("invoice_missing", "invoice_number")),
        ({"invoice_code": ""}, ("invoice_code_missing", "invoice_code")),
        ({"cost": costs("0")}, ("cost_missing", "cost")),
        ({"cost": costs(excluded="20000.01")}, ("scope_negative", "cost")),
        ({"bank_account": ""}, ("bank_account_missing", "bank_account")),
        ({"reason": " "}, ("reason_missing", "reason")),
        ({"materials": []}, ("documents_missing", "materials")),
    ],
)
def test_what_keeps_a_claim_from_being_made(account, enrolled, fields, problem):
    assert refused(account, enrolled, **fields) == (400, [problem])


def test_the_last_day_is_in_time_the_next_is_late(account, enrolled):
    """重庆 follows the nation: twelve months after discharge, 10 February 2026 → 10 February 2027."""
    with at("2027-02-11 09:00"):
        assert refused(account, enrolled) == (400, [("claim_late", "discharged_on")])

    with at("2027-02-10 16:00"):
        claim = claimed(account, enrolled)

    with at("2027-02-20 10:00"):
        assert make.findings(claim) == []  # it counts when it was handed in


def test_insured_on_the_day_of_admission(account, enrolled):
    enrolled.valid_from = date(2026, 2, 2)

    enrolled.save()

    assert refused(account, enrolled) == (400, [("enrollment_not_in_force", "enrollment")])
    assert warned(account, enrolled, admitted_on=date(2026, 2, 2)) == []


def test_an_enrolment_that_ended_since_still_pays(account, enrolled):
    enrolled.valid_until = date(2026, 2, 1)

    enrolled.save()

    assert claimed(account, enrolled).status == "submitted"


def test_a_hospital_in_no_list(account, enrolled):
    elsewhere = {"institution": None, "institution_name": "某某医院"}

    assert warned(account, enrolled, **elsewhere) == [("place_missing", "warning")]

    there = {**elsewhere, "place": make.area("110000"), "invoice_number": "2"}
    assert warned(account, enrolled, **there) == [("institution_unlisted", "warning")]


def test_a_paper_that_does_not_open(account, enrolled):
    draft = claimed(account, enrolled, draft=True)
    Material.objects.filter(submission=draft, kind="invoice").update(status=Material.State.REFUSED)

    with pytest.raises(Invalid) as found:
        queue.submit(fresh(draft), actor=Actor.of(account, enrolled.person_id))

    assert [problem.code for problem in found.value.problems] == ["material_unreadable", "documents_missing"]


def test_a_prescription_stands_in_for_the_discharge_record(account, enrolled):
    assert warned(account, enrolled, materials=papers(account, "invoice", "cost_list", "prescription")) == []


def test_chronic_care_is_never_claimed_as_ordinary_outpatient_care(account, enrolled):
    """Recognised from 1 February (RULES.md §2.6)."""
    fields = {"care": "chronic", "disease": Disease.objects.get(pk=HYPERTENSION), "discharged_on": None}

    assert refused(account, enrolled, **fields) == (400, [("disease_not_recognised", "disease")])

    row = make.recognition_draft(enrolled, HYPERTENSION, account=account)
    Recognition.objects.filter(pk=row.pk).update(
        status="approved", valid_from=date(2026, 2, 1), submitted_at=row.created_at, due_at=row.created_at
    )
    day_before = {**fields, "admitted_on": date(2026, 1, 31)}

    assert refused(account, enrolled, **day_before) == (400, [("disease_not_recognised", "disease")])
    assert warned(account, enrolled, **fields) == [("not_known", "warning")]  # 重庆's benefit is known to no source


def test_an_account_that_was_mistyped(account, enrolled):
    assert warned(account, enrolled, bank_account="6222020200112233447") == [("bank_account_doubtful", "warning")]
    assert warned(account, enrolled, bank_account="31001234567890", invoice_number="2") == []  # no card: no check digit


def test_an_account_of_somebody_else(account, enrolled):
    assert warned(account, enrolled, bank_holder="王小明") == [("bank_holder_differs", "warning")]
    assert warned(account, enrolled, bank_holder="王秀兰", invoice_number="2") == []


def test_an_area_without_a_policy(account, enrolled):
    """A pooling area for which nothing is published: told at once, still handed in."""
    of = make.enrollment(enrolled.person, code="320200")

    assert warned(account, of) == [("policy_unknown", "warning")]


def test_an_invoice_is_claimed_once(account, enrolled):
    claim = claimed(account, enrolled)

    status, problems = refused(account, enrolled)

    assert (status, problems[0]) == (409, ("invoice_claimed", "invoice_number"))

    other = make.enrollment(make.person("李强"))

    with pytest.raises(WrongState) as found:
        claimed(make.citizen(other.person), other)

    assert found.value.code == "invoice_claimed"
    assert claim.number not in found.value.detail  # nothing of another person's

    approved(claim)
    codes = [code for code, _attr in refused(account, enrolled)[1]]

    assert codes == ["invoice_claimed"]


def test_a_digital_invoice_is_one_with_or_without_a_code(account, enrolled):
    digital = "26502000000123456789"

    assert warned(account, enrolled, invoice_code="", invoice_number=digital) == []
    assert refused(account, enrolled, invoice_code="11060126", invoice_number=digital) == (
        409, [("invoice_claimed", "invoice_number")],
    )  # fmt: skip


def settled(enrolled):
    """The stay, settled directly at the hospital's till by its emergency mark."""
    at_the_till = till(enrolled, Institution.objects.get(pk=HOSPITAL))
    return at_the_till.settle(admitted_on="2026-02-01", discharged_on="2026-02-10", bill_number="ZY1")


def test_what_the_hospital_settled_is_not_claimed(account, enrolled):
    """The same hospital's stay of these days, or its bill of that number."""
    settled(enrolled)

    assert refused(account, enrolled)[1] == [("settled_already", "invoice_number")]

    later = {"admitted_on": date(2026, 2, 11), "discharged_on": date(2026, 2, 12)}
    assert refused(account, enrolled, **later, invoice_number="zy1")[1] == [("settled_already", "invoice_number")]
    assert warned(account, enrolled, **later) == []


def test_an_invoice_the_hospital_settled_is_not_claimed(account, enrolled):
    invoice = {"code": "11060126", "number": "0012345678"}
    at_the_till = till(enrolled, Institution.objects.get(pk=HOSPITAL))

    at_the_till.settle(admitted_on="2026-01-01", discharged_on="2026-01-10", invoice=invoice)

    assert refused(account, enrolled) == (409, [("invoice_paid", "invoice_number")])


def test_an_invoice_that_is_claimed_is_not_settled(account, enrolled):
    claimed(account, enrolled)
    at_the_till = till(enrolled, Institution.objects.get(pk=HOSPITAL))

    answer = at_the_till.post(invoice={"code": "11060126", "number": "0012345678"})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "invoice_claimed")


def test_a_stay_elsewhere_on_the_same_days(account, enrolled):
    settled(enrolled)
    make.institution("H11010100002", name="另一医院")

    other = Institution.objects.select_related("area__parent").get(pk="H11010100002")

    assert warned(account, enrolled, institution=other) == [("stay_overlaps", "warning")]

    moved = {"admitted_on": date(2026, 2, 10), "discharged_on": date(2026, 2, 12), "invoice_number": "2"}
    assert warned(account, enrolled, institution=other, **moved) == []  # transferred on the day of discharge


def test_a_hospital_is_no_applicant(enrolled):
    till = make.staff(Role.HOSPITAL, institution=make.institution("H11010100009"))

    with pytest.raises(Forbidden):
        claimed(till, enrolled)
