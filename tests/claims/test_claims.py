"""A claim from the application to its entry: two reviewers, corrections, refusals. Figures of 重庆 by hand (policies/data/500000)."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.models import Message
from accounts.services import inbox
from claims import payments, services
from claims.adjudication import travelled
from claims.bodies import ClaimFields, read_cost
from core.errors import Forbidden, Invalid, WrongState
from filings.filing_case import Stay
from reviews import services as queue
from reviews.history import disagreements
from reviews.models import Event
from reviews.presenting import present
from reviews.services import Actor
from settlements import statement
from settlements.adjudication import case_of
from settlements.models import InsuranceYear, Settlement, YearCounter
from settlements.verification import replay
from tests import factories as make
from tests.claims.claiming import CARD, HOSPITAL, approved, asked, at, claimed, costs, fresh, papers, sweep_until
from tests.settlements.till import till

pytestmark = pytest.mark.usefixtures("human")


def yuan(text):
    return Decimal(text)


def test_two_reviewers_approve_and_the_second_pays(account, enrolled):
    """Not filed, level 3: 880 × 1.05 = 924; (20 000 − 924) × 80 % = 15 260.80."""
    claim = claimed(account, enrolled)

    assert (claim.status, claim.stage, claim.stages, claim.total) == ("submitted", 1, 2, yuan("20000.00"))
    assert claim.due_at == make.moment("2026-03-23 17:00")  # 15 working days

    queue.approve(claim, reviewer=make.reviewer())

    assert Settlement.objects.count() == 0

    second = make.reviewer()
    done = fresh(queue.approve(fresh(claim), reviewer=second))

    entry = done.settlement

    assert (done.status, done.payment_status) == ("approved", "due")
    assert (entry.channel, entry.status, entry.travel) == ("manual", "settled", "unfiled")
    assert (entry.deductible, entry.pooled, entry.fund, entry.own) == (
        yuan("924.00"), yuan("15260.80"), yuan("15260.80"), yuan("4739.20"),
    )  # fmt: skip
    assert (entry.invoice, entry.settled_by, entry.bill_number) == ("11060126:0012345678", second, "0012345678")
    assert case_of(entry).facts["settlement"] == "manual"

    year = InsuranceYear.objects.get()
    assert (year.entries, year.burden) == (1, yuan("4739.20"))
    assert YearCounter.objects.get(counter="inpatient", month=0).pooled == yuan("15260.80")
    assert (replay().equal, replay().different) == (1, [])
    assert disagreements()[1] == []

    told = Message.objects.get(kind="approved")
    assert [event["detail"] for event in present(done, account)["events"]][-2:] == ["初审通过", "复审通过"]
    assert "15,260.80" in told.text
    assert CARD not in told.text


def test_the_statement_names_the_invoice_and_every_source_a_formula_rests_on(account, enrolled):
    entry = approved(claimed(account, enrolled)).settlement
    text = statement.texts(Settlement.objects.one(account, entry.pk))

    known = dict(map(tuple, text["basics"]))

    assert known["票据号码"] == "0012345678"
    assert "账单号" not in known

    deductible = next(line for line in text["lines"] if line["label"] == "起付线")
    assert deductible["formula"].endswith("× 1.05（未备案，CQ2）")
    assert deductible["source"] == "1、2"
    assert [source["place"] for source in text["sources"]] == ["1", "2"]
    assert "北碚区医保局问答" in text["sources"][1]["text"]


def test_one_person_does_not_do_both(account, enrolled):
    claim, reviewer = claimed(account, enrolled), make.reviewer()
    queue.approve(claim, reviewer=reviewer)

    with pytest.raises(Forbidden) as refused:
        queue.approve(fresh(claim), reviewer=reviewer)

    assert refused.value.code == "same_reviewer"
    assert Settlement.objects.count() == 0


def test_a_filed_stay_is_paid_as_filed(account, enrolled):
    """Filed long-term: (20 000 − 880) × 85 % = 16 252."""
    make.approved(enrolled, account, to="110000", filing_type="resident", starts_on=date(2026, 3, 2), materials=[
        make.material(account).pk
    ])  # fmt: skip

    with at("2026-03-20 10:00"):
        claim = claimed(account, enrolled, admitted_on=date(2026, 3, 5), discharged_on=date(2026, 3, 12))
        entry = approved(claim).settlement

    assert (entry.travel, entry.fund) == ("long_term", yuan("16252.00"))
    assert entry.filing is not None


@pytest.mark.parametrize(
    ("first", "last", "travel"),
    [
        (date(2026, 3, 1), date(2026, 3, 12), "long_term"),  # filed on the second day of the stay
        (date(2026, 2, 20), date(2026, 3, 2), "long_term"),  # on the day of the discharge
        (date(2026, 2, 20), date(2026, 3, 1), "unfiled"),  # on the day after it
    ],
)
def test_a_stay_that_was_filed_before_its_end_is_paid_as_filed(account, enrolled, first, last, travel):
    make.approved(enrolled, account, to="110000", filing_type="resident", starts_on=date(2026, 3, 2), materials=[
        make.material(account).pk
    ])  # fmt: skip
    with at("2026-03-20 10:00"):
        claim = claimed(account, enrolled, admitted_on=first, discharged_on=last)
        assert approved(claim).settlement.travel == travel


@pytest.mark.parametrize(
    ("home", "filed", "travel"),
    [
        (make.CHONGQING, "2026-03-12 10:00", "long_term"),  # on the day of the discharge
        (make.CHONGQING, "2026-03-13 10:00", "unfiled"),  # national: once it is paid, it is too late
        ("460000", "2026-06-12 10:00", "long_term"),  # 海南: within three months
        ("460000", "2026-06-13 10:00", "unfiled"),
    ],
)
def test_what_was_made_up_for_after_the_bill_was_paid(account, enrolled, home, filed, travel):
    """Back-dated to the admission, which the till takes until the settlement, and a claim as long as the area says."""
    of = make.enrollment(enrolled.person, code=home) if home != make.CHONGQING else enrolled
    stay = Stay(HOSPITAL, date(2026, 3, 5))
    with at(filed):
        make.approved(of, account, to="110000", filing_type="resident", starts_on=stay.admitted_on, makes_up_for=stay,
            materials=[make.material(account, kind).pk for kind in ("residence_permit", "commitment_letter")])  # fmt: skip
    with at("2026-06-20 10:00"):
        claim = claimed(account, of, admitted_on=date(2026, 3, 5), discharged_on=date(2026, 3, 12))
        assert travelled(claim).code == travel


def test_an_emergency_at_a_hospital_of_the_network_is_paid_as_at_home(account, enrolled):
    entry = approved(claimed(account, enrolled, emergency=True)).settlement

    assert (entry.travel, entry.emergency, entry.deductible, entry.fund) == (
        "emergency", True, yuan("880.00"), yuan("16252.00"),
    )  # fmt: skip


def test_a_correction_changes_the_amounts_and_keeps_what_was_entered(account, enrolled):
    """1 000 excluded: scope 19 000; (19 000 − 924) × 80 % = 14 460.80."""
    claim, first = claimed(account, enrolled), make.reviewer()

    corrected = fresh(services.correct(claim, reviewer=first, cost=costs(excluded="1000.00")))

    assert (corrected.stage, corrected.round, corrected.total) == (1, 1, yuan("20000.00"))
    assert corrected.cost.excluded == yuan("1000.00")
    assert '"excluded"' not in corrected.entered

    entry = approved(corrected, first, make.reviewer()).settlement
    assert (entry.excluded, entry.scope, entry.pooled, entry.own) == (
        yuan("1000.00"), yuan("19000.00"), yuan("14460.80"), yuan("5539.20"),
    )  # fmt: skip

    event = Event.objects.get(verb="correct")
    assert (event.actor, event.data) == (first, {"before": "20000.00", "after": "20000.00"})
    assert disagreements()[1] == []


def test_a_correction_by_items(account, enrolled):
    """B 3 000 at 10 %, C 500, A 6 500 with a limit of 6 000: scope 10 000 − 500 − 500 − 300 = 8 700; (8 700 − 924) × 80 %."""
    items = [
        {"name": "西药", "class": "B", "amount": "3000", "first_copay_ratio": "0.10"},
        {"name": "护理", "class": "C", "amount": "500"},
        {"name": "耗材", "class": "A", "amount": "6500", "limit": "6000"},
    ]
    claim, first = claimed(account, enrolled), make.reviewer()
    services.correct(claim, reviewer=first, cost=read_cost({"items": items}))

    entry = approved(fresh(claim), first, make.reviewer()).settlement

    assert (entry.total, entry.excluded, entry.over_limit, entry.first_copay) == (
        yuan("10000.00"), yuan("500.00"), yuan("500.00"), yuan("300.00"),
    )  # fmt: skip
    assert (entry.scope, entry.pooled) == (yuan("8700.00"), yuan("6220.80"))


def test_a_correction_at_the_second_stage_begins_anew(account, enrolled):
    """Two people approve the same figures."""
    claim, first, second = claimed(account, enrolled), make.reviewer(), make.reviewer()
    queue.approve(claim, reviewer=first)

    again = fresh(services.correct(fresh(claim), reviewer=second, cost=costs("10000.00")))

    assert (again.stage, again.round, again.status) == (1, 2, "submitted")

    entry = approved(again, second, first).settlement
    assert (entry.total, entry.pooled) == (yuan("10000.00"), yuan("7260.80"))  # (10 000 − 924) × 80 %


def test_who_may_correct(account, enrolled):
    claim = claimed(account, enrolled)
    for stranger in (make.reviewer("510100"), account):
        with pytest.raises(Forbidden):
            services.correct(claim, reviewer=stranger, cost=costs("1.00"))
    queue.assign(claim, reviewer=make.reviewer())

    with pytest.raises(WrongState) as refused:
        services.correct(claim, reviewer=make.reviewer(), cost=costs("1.00"))

    assert refused.value.code == "already_assigned"
    assert fresh(claim).total == yuan("20000.00")


def test_a_correction_that_contradicts_itself(account, enrolled):
    with pytest.raises(Invalid) as refused:
        services.correct(claimed(account, enrolled), reviewer=make.reviewer(), cost=costs(excluded="20000.01"))

    assert refused.value.code == "scope_negative"


def test_what_is_not_known_is_told_before_and_rejected_by_that_reason(account, enrolled):
    """重庆's outpatient benefit of employees is known to no source."""
    claim = claimed(account, enrolled, care="outpatient", discharged_on=None)

    assert [(check["code"], check["level"]) for check in claim.checks] == [("not_known", "warning")]
    assert [finding.level for finding in make.findings(claim)] == ["error"]

    with pytest.raises(WrongState) as refused:
        queue.approve(claim, reviewer=make.reviewer())

    assert refused.value.code == "not_known"
    assert "不予通过" in refused.value.detail
    assert refused.value.detail.endswith("。")
    assert (fresh(claim).status, fresh(claim).stage, Settlement.objects.count()) == ("submitted", 1, 0)


def test_a_hospital_in_no_list_is_judged_by_a_reviewer(account, enrolled):
    claim = claimed(account, enrolled, institution=None, institution_name="某某医院", place=make.area("110000"))
    first, second = make.reviewer(), make.reviewer()

    with pytest.raises(WrongState) as refused:
        queue.approve(claim, reviewer=first)

    assert refused.value.code == "level_missing"

    services.correct(fresh(claim), reviewer=second, level=2)
    entry = approved(fresh(claim), second, first).settlement

    assert (entry.level, entry.institution, entry.care_area_id) == (2, None, "110000")
    assert entry.deductible == yuan("462.00")  # 440 × 1.05


def test_an_emergency_outside_the_network_is_reported_by_the_claim_within_five_working_days(account, enrolled):
    """重庆 asks for a report only of hospitals outside the network; later than that it is not filed."""
    given = {"institution": None, "institution_name": "某某医院", "place": make.area("110000"), "emergency": True}
    first, second = make.reviewer(), make.reviewer()
    late = claimed(account, enrolled, **given)

    services.correct(late, reviewer=first, level=3)

    assert approved(fresh(late), first, second).settlement.travel == "unfiled"

    dates = {"admitted_on": date(2026, 2, 26), "discharged_on": date(2026, 2, 28)}
    in_time = claimed(account, enrolled, **given, **dates, invoice_number="2")
    services.correct(in_time, reviewer=first, level=3)

    assert approved(fresh(in_time), first, second).settlement.travel == "emergency"


def test_the_second_stay_of_the_year_knows_the_first(account, enrolled):
    """Second stay at level 3: 792 × 1.05 = 831.60; (10 000 − 831.60) × 80 % = 7 334.72."""
    approved(claimed(account, enrolled))
    dates = {"admitted_on": date(2026, 2, 11), "discharged_on": date(2026, 2, 20)}

    entry = approved(claimed(account, enrolled, cost=costs("10000.00"), invoice_number="2", **dates)).settlement

    assert (entry.deductible, entry.pooled, entry.ordinal) == (yuan("831.60"), yuan("7334.72"), 2)


def test_a_bill_below_the_deductible_has_nothing_to_pay(account, enrolled):
    done = approved(claimed(account, enrolled, cost=costs("900.00")))

    assert (done.settlement.fund, done.payment_status) == (yuan("0.00"), "none")


def test_a_returned_claim_is_mended_and_the_correction_gives_way(account, enrolled):
    claim, actor = claimed(account, enrolled), Actor.of(account, enrolled.person_id)
    reviewer = make.reviewer()
    services.correct(claim, reviewer=reviewer, cost=costs("1.00"))
    queue.return_for_correction(fresh(claim), reviewer=reviewer, reason="请核对费用", fields=["cost"])

    amended = services.amend(fresh(claim), ClaimFields.model_construct(cost=costs("12000.00")), actor=actor)

    assert (amended.corrected, amended.total) == ("", yuan("12000.00"))

    again = queue.resubmit(amended, actor=actor)
    assert (again.status, again.round) == ("submitted", 2)


def test_withdrawn_frees_the_invoice(account, enrolled):
    claim, actor = claimed(account, enrolled), Actor.of(account, enrolled.person_id)

    queue.withdraw(claim, actor=actor)

    assert claimed(account, enrolled).status == "submitted"


def test_simulated_reviewers_pay_a_clean_claim(account, enrolled, settings):
    settings.REVIEW_MODE = "simulated"
    claim = claimed(account, enrolled)
    sweep_until("2026-05-30 18:00")

    done = fresh(claim)

    assert (done.status, done.settlement.fund, done.payment_status) == ("approved", yuan("15260.80"), "due")

    reviewers = list(done.decisions.values_list("reviewer__simulated_stage", "outcome"))
    assert reviewers == [(1, "approved"), (2, "approved")]


def test_simulated_reviewers_reject_what_nobody_knows(account, enrolled, settings):
    settings.REVIEW_MODE = "simulated"
    claim = claimed(account, enrolled, care="outpatient", discharged_on=None)

    sweep_until("2026-05-30 18:00")

    assert fresh(claim).status == "rejected"
    assert fresh(claim).decisions.get().code == "not_known"


def test_time_alone_pays_nothing(account, enrolled):
    claim = claimed(account, enrolled)

    sweep_until("2026-06-30 18:00")

    assert (fresh(claim).status, fresh(claim).escalated_at is not None) == ("submitted", True)


def test_a_draft_is_checked_and_handed_in(account, enrolled):
    draft = claimed(account, enrolled, draft=True, materials=[], bank_account="", invoice_number="")

    assert {check["code"] for check in draft.checks} == {"documents_missing", "bank_account_missing", "invoice_missing"}

    actor = Actor.of(account, enrolled.person_id)
    more = ClaimFields.model_construct(materials=papers(account), bank_account=CARD, invoice_number="7")
    services.amend(draft, more, actor=actor)

    assert queue.submit(draft, actor=actor).status == "submitted"


def test_staff_claim_nothing(account, enrolled):
    with pytest.raises(Forbidden):
        services.apply(make.reviewer(), enrolled, asked(account))


def test_what_the_hospital_settled_meanwhile_is_not_paid_again(account, enrolled):
    claim = claimed(account, enrolled)
    queue.approve(claim, reviewer=make.reviewer())
    till(enrolled, claim.institution).settle(admitted_on="2026-02-01", discharged_on="2026-02-10")

    with pytest.raises(WrongState) as refused:
        queue.approve(fresh(claim), reviewer=make.reviewer())

    assert refused.value.code == "settled_already"
    assert Settlement.objects.count() == 1


def test_a_supervisor_revokes_before_the_money_leaves(account, enrolled):
    """The entry is reversed, the year goes back to nothing, and the invoice may be claimed again."""
    claim, supervisor = approved(claimed(account, enrolled)), make.supervisor()

    with pytest.raises(Forbidden):
        services.revoke(claim, supervisor=make.reviewer(), reason="误批")
    with pytest.raises(Invalid):
        services.revoke(claim, supervisor=supervisor, reason=" ")

    done = fresh(services.revoke(claim, supervisor=supervisor, reason="误批"))

    assert (done.status, done.payment_status, done.settlement.status) == ("revoked", "none", "reversed")
    assert (InsuranceYear.objects.get().burden, YearCounter.objects.get(counter="inpatient", month=0).pooled) == (0, 0)
    assert inbox.reasons([Message.objects.get(kind="revoked")]).popitem()[1] == "误批"
    assert disagreements()[1] == []
    assert approved(claimed(account, enrolled)).settlement.fund == yuan("15260.80")


def test_what_stands_in_a_payment_file_is_not_revoked(account, enrolled):
    claim = approved(claimed(account, enrolled))
    payments.export(make.finance())

    with pytest.raises(WrongState) as refused:
        services.revoke(fresh(claim), supervisor=make.supervisor(), reason="误批")

    assert refused.value.code == "money_left"
    assert fresh(claim).settlement.status == "settled"
