"""A newborn's number had a row of its own: all of the newborn's goes over to it, counted once, and rivals come out right."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from accounts import registry
from accounts.models import Account, Enrollment, Mandate, Person, Role
from accounts.registry import RegisteredEnrollment, RegisterRecord, store
from accounts.services.merging import ask_merger, decide_merger
from core import clock
from core.errors import Refusal, WrongState
from filings.models import Filing
from reviews import audit
from reviews import services as queue
from reviews.history import disagreements
from reviews.models import Event, Submission
from settlements.bills import SettleInput
from settlements.models import InsuranceYear, Settlement, YearCounter
from settlements.services import reverse, settle
from tests import factories as make
from tests.rivals import split, together
from tests.settlements.proving import assert_books_hold
from tests.settlements.test_races import overtaken
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db(transaction=True)
NOW = "2026-03-02 10:00"
BIRTH, BORN, MOTHER = "Z500000026", date(2026, 2, 5), "500000199507220045"
VISIT = {"care": "outpatient", "admitted_on": "2026-03-01", "discharged_on": None}
OLDER = {"care": "outpatient", "admitted_on": "2026-02-20", "discharged_on": None}


@pytest.fixture(autouse=True)
def _monday(transactional_db):
    make.working_calendar()
    make.area(make.CHONGQING)
    with clock.standing_at(make.moment(NOW)), policies(SIMPLE):
        yield
        assert_books_hold()
        assert disagreements()[1] == []


def covered(*more):
    return (RegisteredEnrollment(make.CHONGQING, "employee", "active", BORN), *more)


@pytest.fixture
def newborn():
    """Known by its birth certificate, insured in 重庆."""
    known = {"birth_date": BORN, "sex": "male", "mother": MOTHER, "enrollments": covered()}
    store(RegisterRecord("陈之子", BIRTH, certificate_kind="birth", **known))
    return registry.mirror(registry.register().look_up(f"birth::{BIRTH}"))


@pytest.fixture
def person(newborn):
    """The same child, somewhere named by the number it got: a row of its own, which nobody knew to be the newborn's."""
    while int((number := make.id_number(BORN))[16]) % 2 == 0:
        pass
    store(RegisterRecord("陈小明", number, mother=MOTHER, enrollments=covered()))
    return registry.mirror(registry.register().look_up(number))


def clerk():
    return make.staff(Role.REVIEWER)


def asked(person):
    return ask_merger(clerk(), birth_certificate=BIRTH, id_number=person.id_number)


def merged(person):
    return decide_merger(clerk(), asked(person), merge=True)


def till_of(who):
    return till(who.enrollments.select_related("person").get())


def test_everything_of_the_newborn_is_the_persons(newborn, person):
    """A stay of 10 000 yuan: (10 000 − 1 000) × 80 % = 7 200; the year, the emergency's filing and a draft go over with it."""
    cashier = till_of(newborn)
    bill = cashier.settle()
    draft = make.filed(cashier.patient, cashier.citizen, to=make.CHENGDU, keep=True)
    before = person.enrollments.get()

    merger = merged(person)

    left = Person.objects.get(pk=newborn.pk)
    entry, year = Settlement.objects.get(), InsuranceYear.objects.get()
    assert (merger.status, merger.person, left.merged_into) == ("merged", person, person)
    assert (entry.pk, entry.person, entry.enrollment, entry.pooled) == (bill.pk, person, before, Decimal("7200.00"))
    assert (year.person, year.entries, year.burden) == (person, 1, entry.burden)
    assert set(Submission.objects.values_list("person", "enrollment")) == {(person.pk, before.pk)}
    assert Submission.objects.filter(pk=draft.pk).count() == 1
    assert list(Mandate.objects.values_list("account", "person")) == [(cashier.citizen.pk, person.pk)]
    assert Settlement.objects.visible_to(Account.objects.get(pk=cashier.citizen.pk)).get() == entry
    assert Event.objects.filter(submission=draft, verb="united", actor=merger.decided_by).count() == 1


def test_the_next_bill_counts_what_the_newborn_had(newborn, person):
    """Outpatient care: the first 200 yuan of the year are the patient's, then half. 300 → 50, and then 100 → 50."""
    till_of(newborn).settle(**OLDER, cost={"total": "300.00"})

    merged(person)
    second = till_of(person).settle(**VISIT, cost={"total": "100.00"})

    assert [entry.fund for entry in Settlement.objects.order_by("ordinal")] == [Decimal("50.00"), Decimal("50.00")]
    assert (second.ordinal, InsuranceYear.objects.get().entries) == (2, 2)


def test_bills_of_both_in_one_year_are_not_added_up_until_those_of_one_are_reversed(newborn, person):
    own, other = till_of(newborn), till_of(person)
    first, second = own.settle(**OLDER), other.settle(**VISIT)
    merger = asked(person)

    with pytest.raises(WrongState) as refused:
        decide_merger(clerk(), merger, merge=True)

    assert refused.value.code == "merger_doubles"
    assert first.number in refused.value.detail
    assert second.number in refused.value.detail

    reverse(own.staff, first, reason="合并前冲正")
    decide_merger(clerk(), merger, merge=True)

    assert InsuranceYear.objects.values_list("person", "entries").get() == (person.pk, 3)
    assert set(Settlement.objects.values_list("person", flat=True)) == {person.pk}
    assert YearCounter.objects.filter(counter="employee-outpatient", month=0).count() <= 1


def test_two_of_one_matter_do_not_both_live_on(newborn, person):
    own, other = till_of(newborn), till_of(person)
    first = make.approved(own.patient, own.citizen, to=make.CHENGDU)
    second = make.approved(other.patient, other.citizen, to=make.CHENGDU)
    merger = asked(person)

    with pytest.raises(WrongState) as refused:
        decide_merger(clerk(), merger, merge=True)

    assert (refused.value.code, Person.objects.get(pk=newborn.pk).merged_into) == ("merger_live", None)
    assert first.number in refused.value.detail
    assert second.number in refused.value.detail


def test_of_two_mandates_of_one_account_the_one_in_force_stays(newborn, person):
    account = make.citizen()
    make.mandate(account, newborn, relation="child")
    make.mandate(account, person, relation="child", status="pending")

    merged(person)

    assert list(Mandate.objects.live().values_list("account", "person", "status")) == [
        (account.pk, person.pk, "active")
    ]


def test_another_enrolment_of_the_newborn_becomes_the_persons(newborn, person):
    make.area(make.BEIJING)
    elsewhere = Enrollment.objects.create(
        person=newborn, area_id=make.BEIJING, insurance="resident", category="minor", valid_from=BORN
    )

    merged(person)

    elsewhere.refresh_from_db()
    assert elsewhere.person == person


def test_the_audit_shows_who_asked_and_who_decided(newborn, person):
    asks, decides = clerk(), clerk()
    decide_merger(decides, ask_merger(asks, birth_certificate=BIRTH, id_number=person.id_number), merge=True)

    lines, _more = audit.page(audit.Question(make.supervisor(), person=person, act="merger"))

    assert {(line.actor, line.sentence) for line in lines} == {
        (str(asks), "申请把新生儿合并到身份证号码"),
        (str(decides), "复核新生儿合并：已合并"),
    }


# Rivals


def test_of_two_who_decide_at_once_one_does(newborn, person):
    merger = asked(person)
    deciders = [clerk(), clerk()]

    results = together(*[lambda by=by: decide_merger(by, merger, merge=True) for by in deciders], at=NOW)

    winners, refused = split(results)
    assert (len(winners), [refusal.code for refusal in refused]) == (1, ["already_decided"])


def test_a_bill_under_way_is_waited_for_and_goes_over(newborn, person):
    cashier, merger, by = till_of(newborn), asked(person), clerk()
    given = cashier.bill(**VISIT)

    _bill, done = overtaken(lambda: cashier.settle(**given), lambda: decide_merger(by, merger, merge=True))

    assert getattr(done, "code", "") in ("", "merger_busy"), done
    if isinstance(done, Refusal):
        decide_merger(by, merger, merge=True)
    assert Settlement.objects.get().person == person


@pytest.mark.parametrize("identified", [False, True])
def test_a_bill_that_comes_while_they_are_united_is_refused_and_settles_with_the_person(newborn, person, identified):
    cashier, merger, by = till_of(newborn), asked(person), clerk()
    given = SettleInput.of(cashier.bill(**VISIT))

    def bill():
        with transaction.atomic():
            return settle(cashier.staff, given, person=newborn.pk if identified else None)

    _merger, late = overtaken(lambda: decide_merger(by, merger, merge=True), bill)

    assert isinstance(late, Refusal)
    assert late.code == "person_stands"
    assert (Settlement.objects.count(), InsuranceYear.objects.count()) == (0, 0)
    assert till_of(person).settle(**VISIT).person == person


def test_a_filing_that_comes_while_they_are_united_is_refused(newborn, person):
    cashier, merger, by = till_of(newborn), asked(person), clerk()
    make.current_notice(make.CHONGQING, "other")

    _merger, late = overtaken(
        lambda: decide_merger(by, merger, merge=True),
        lambda: make.filed(cashier.patient, cashier.citizen, to=make.CHENGDU, keep=True),
    )

    assert isinstance(late, Refusal), late
    assert late.code == "person_stands"
    assert not Filing.objects.filter(person=newborn).exists()


def test_a_case_that_somebody_holds_is_not_waited_for(newborn, person):
    """A reviewer decides just now: the merging is refused, to be tried again, and nobody stands in a circle."""
    cashier = till_of(newborn)
    filing = make.filed(cashier.patient, cashier.citizen, to=make.CHENGDU)
    merger, by, reviewer = asked(person), clerk(), make.reviewer()

    _decided, refused = overtaken(
        lambda: queue.approve(filing, reviewer=reviewer), lambda: decide_merger(by, merger, merge=True), waits=False
    )

    assert refused.code == "merger_busy"
    assert decide_merger(by, merger, merge=True).status == "merged"
    assert Filing.objects.get().person == person
