"""What a person travels as (DESIGN.md §8), by the rules of the insured area; and emergencies that are recorded."""

from datetime import date

import pytest

from accounts.models import Message
from core.errors import Invalid
from filings import services
from filings.emergencies import record_emergency, report_by
from filings.models import Filing
from filings.travel import travel_status
from policies.language.filing_rules import rules_for
from reviews import services as queue
from reviews.history import replay
from reviews.models import Submission
from reviews.services import Actor
from tests import factories as make
from tests.monday import at, sweep_until

pytestmark = pytest.mark.usefixtures("monday")

GUIYANG, TAIYUAN, SHENYANG, TIANJIN, KUNMING = "520100", "140100", "210100", "120000", "530100"
XUZHOU, WUHAN, TANGSHAN, ZHENGZHOU = "320300", "420100", "130200", "410100"
TODAY = date(2026, 3, 2)
PROMISE = {"kind": "residence_permit", "signed_name": "王秀兰"}


def insured(code=GUIYANG):
    return make.enrollment(make.person("王秀兰"), code=code)


def status(enrolled, place, *, on=TODAY, care="inpatient", emergency=False):
    travel = travel_status(enrolled, make.area(place), on, care, emergency=emergency)
    return travel.code, travel.direct


def resident(enrolled, to="510100", *, by="document", **fields):
    account = make.citizen(enrolled.person)
    proof = {"commitment": PROMISE} if by == "commitment" else {"materials": [make.material(account).pk]}
    return make.approved(enrolled, account, to=to, filing_type="resident", **proof, **fields)


HOME = {
    "the insured area": (GUIYANG, GUIYANG),
    "a city of the province that pools as a whole": ("460000", "460100"),
    "the capital, local to the provincial pool": ("519900", "510100"),
}


@pytest.mark.parametrize(("home", "place"), HOME.values(), ids=HOME.keys())
def test_at_home_it_is_local(home, place):
    assert status(insured(home), place) == ("local", True)


def test_without_a_filing_it_is_not_direct():
    travel = travel_status(insured(), make.area("510100"), TODAY, "inpatient")

    assert (travel.code, travel.direct, travel.filing) == ("unfiled", False, None)
    assert travel.reason == "没有到成都市的有效备案，请先办理备案；出院结算前补办也可直接结算。"


def test_a_long_term_filing_counts_in_its_city_and_nowhere_else():
    enrolled = insured()
    filing = resident(enrolled)

    travel = travel_status(enrolled, make.area("510100"), TODAY, "chronic")

    elsewhere = travel_status(enrolled, make.area("110000"), TODAY, "inpatient")

    assert (travel.code, travel.direct, travel.filing) == ("long_term", True, filing)
    assert (elsewhere.code, elsewhere.reason) == ("unfiled", "备案的就医地不是北京市，请先变更备案或另行备案。")


def test_a_filing_to_a_whole_province_counts_in_its_cities():
    enrolled = insured()

    resident(enrolled, to="460000")

    assert status(enrolled, "460200") == ("long_term", True)


def test_a_temporary_filing_settles_as_other():
    enrolled = insured()

    make.approved(enrolled)

    assert status(enrolled, "510100") == ("other", True)


def test_a_referral_comes_before_other_temporary_care():
    enrolled = insured()
    account = make.citizen(enrolled.person)
    make.approved(enrolled, account)

    make.approved(
        enrolled, account, filing_type="referral", materials=[make.material(account, "referral_certificate").pk]
    )

    assert status(enrolled, "510100") == ("referral", True)


def test_long_term_comes_before_an_emergency():
    enrolled = insured()

    resident(enrolled)

    assert status(enrolled, "510100", emergency=True) == ("long_term", True)


def test_an_emergency_comes_before_a_referral_and_other_care():
    enrolled = insured()

    make.approved(enrolled)

    assert status(enrolled, "510100", emergency=True) == ("emergency", True)


def test_an_emergency_is_deemed_filed():
    travel = travel_status(insured(), make.area("510100"), TODAY, "outpatient", emergency=True)

    assert (travel.code, travel.direct, travel.reason) == ("emergency", True, "急诊抢救，视同已备案。")


DAYS = {
    "the day before": (date(2026, 3, 1), "unfiled"),
    "its first day": (date(2026, 3, 2), "other"),
    "its last day": (date(2026, 9, 1), "other"),
    "the day after": (date(2026, 9, 2), "unfiled"),
}


@pytest.mark.parametrize(("on", "code"), DAYS.values(), ids=DAYS.keys())
def test_the_day_of_admission_decides_even_after_the_filing_expired(on, code):
    """A stay that began inside the validity is covered to its end (RULES.md §2.4)."""
    enrolled = insured()
    make.approved(enrolled)

    sweep_until("2026-10-01 10:00")

    with at("2026-10-01 10:00"):
        assert status(enrolled, "510100", on=on)[0] == code


def test_a_stay_before_a_change_keeps_its_place():
    enrolled = insured(TAIYUAN)
    filing = resident(enrolled)
    actor = Actor.of(filing.applicant, enrolled.person_id)

    with at("2026-04-01 09:00"):
        paper = make.material(filing.applicant, "lease")
        moved = services.change(
            filing, make.given(destination=make.area("110000"), materials=[paper.pk]), actor=actor
        ).submission
        queue.approve(moved, reviewer=make.reviewer(TAIYUAN))

    assert status(enrolled, "510100", on=date(2026, 3, 31)) == ("long_term", True)
    assert status(enrolled, "510100", on=date(2026, 4, 1)) == ("unfiled", False)
    assert status(enrolled, "110000", on=date(2026, 4, 1)) == ("long_term", True)


def test_a_cancelled_filing_counts_until_the_day_before():
    enrolled = insured(TAIYUAN)
    filing = resident(enrolled)

    with at("2026-04-01 09:00"):
        services.cancel(filing, actor=Actor.of(filing.applicant, enrolled.person_id))

    assert status(enrolled, "510100", on=date(2026, 3, 31)) == ("long_term", True)
    assert status(enrolled, "510100", on=date(2026, 4, 1)) == ("unfiled", False)


def test_what_waits_or_was_refused_counts_for_nothing():
    enrolled = insured()
    make.filed(enrolled)

    queue.reject(make.filed(enrolled, to="110000"), reviewer=make.reviewer(GUIYANG), reason="不实")

    assert status(enrolled, "510100") == ("unfiled", False)
    assert status(enrolled, "110000") == ("unfiled", False)


def test_without_an_enrolment_in_force_nothing_counts():
    enrolled = insured()
    resident(enrolled)

    enrolled.valid_until = date(2026, 3, 1)

    assert status(enrolled, "510100") == ("unfiled", False)
    assert status(enrolled, GUIYANG) == ("unfiled", False)


EXEMPT = {
    "天津 to 北京, as long-term": (TIANJIN, "110000", TODAY, "inpatient", ("long_term", True)),
    "天津 to 石家庄, a city of 河北": (TIANJIN, "130100", TODAY, "chronic", ("long_term", True)),
    "天津 to 北京 the day before it began": (TIANJIN, "110000", date(2023, 3, 31), "inpatient", ("unfiled", False)),
    "石家庄 to 北京, as at home": ("130100", "110000", TODAY, "outpatient", ("local", True)),
    "北京 to 天津: chronic care is not named": ("110000", "120000", TODAY, "chronic", ("unfiled", False)),
    "昆明 to 大理 on the last exempt day": (KUNMING, "532900", date(2024, 12, 31), "inpatient", ("long_term", True)),
    "昆明 to 大理 from 2025 on": (KUNMING, "532900", date(2025, 1, 1), "inpatient", ("unfiled", False)),
    "沈阳: temporary care needs no filing": (SHENYANG, "510100", TODAY, "inpatient", ("other", True)),
}


@pytest.mark.parametrize(("home", "place", "on", "care", "expected"), EXEMPT.values(), ids=EXEMPT.keys())
def test_exempt_places_and_types(home, place, on, care, expected):
    assert status(insured(home), place, on=on, care=care) == expected


# Dual benefit: care at home while a long-term filing elsewhere stands.


def test_at_home_while_filed_elsewhere_by_document():
    enrolled = insured()
    filing = resident(enrolled)

    travel = travel_status(enrolled, make.area(GUIYANG), TODAY, "inpatient")

    assert (travel.code, travel.direct, travel.filing) == ("local", True, filing)


DUAL = {
    "national: nothing before the documents": (GUIYANG, "510100", ("local", False)),
    "沈阳 to 成都: as at home": (SHENYANG, "510100", ("local", True)),
    "郑州: as other temporary care before the documents": (ZHENGZHOU, "510100", ("other", True)),
}


@pytest.mark.parametrize(("home", "to", "expected"), DUAL.values(), ids=DUAL.keys())
def test_at_home_while_filed_elsewhere_by_commitment(home, to, expected):
    enrolled = insured(home)

    resident(enrolled, to=to, by="commitment")

    assert status(enrolled, home) == expected


def test_a_temporary_filing_never_touches_care_at_home():
    enrolled = insured()

    make.approved(enrolled)

    assert status(enrolled, GUIYANG) == ("local", True)


def test_after_the_cancellation_home_is_home_again():
    enrolled = insured(TAIYUAN)
    filing = resident(enrolled, by="commitment")
    before = status(enrolled, TAIYUAN)

    services.cancel(filing, actor=Actor.of(filing.applicant, enrolled.person_id))

    assert (before, status(enrolled, TAIYUAN)) == (("local", False), ("local", True))


def test_a_broken_promise_treated_as_other_settles_as_other():
    enrolled = insured()
    filing = resident(enrolled, by="commitment")

    Filing.objects.filter(pk=filing.pk).update(travel="other")

    assert status(enrolled, "510100") == ("other", True)


QINGDAO_DAYS = {"the last of six months": (date(2026, 9, 1), "other"), "the day after": (date(2026, 9, 2), "local")}


@pytest.mark.parametrize(("on", "code"), QINGDAO_DAYS.values(), ids=QINGDAO_DAYS.keys())
def test_qingdao_pays_at_home_after_six_months_before_that_as_temporary(on, code):
    """FILING_RULES.md: as at home after 6 months, before that only with proof (else as temporary)."""
    promised, documented = insured("370200"), insured("370200")
    resident(promised, by="commitment")

    resident(documented)

    assert status(promised, "370200", on=on) == (code, True)
    assert status(documented, "370200", on=on) == ("local", True)


# Emergencies


def hospital():
    return make.staff("hospital", institution=make.institution("H51010000001", place="510100"))


def test_the_settlement_records_an_emergency():
    enrolled = insured()
    own = make.citizen(enrolled.person)

    filing = record_emergency(
        enrolled, make.area("510100"), date(2026, 3, 1), account=hospital(), institution="H51010000001"
    )

    assert (filing.status, filing.type, filing.travel, filing.lane) == ("approved", "emergency", "emergency", "deemed")
    assert (filing.valid_from, filing.valid_until) == (date(2026, 3, 1), date(2026, 3, 1))
    assert filing.makes_up_for == "H51010000001 2026-03-01"

    told = Message.objects.get(account=own)
    assert (told.kind, told.title) == ("approved", "急诊抢救视同已备案")
    assert "医院登记了急诊抢救，2026年3月1日在当地的这次就医视同已备案" in told.text
    assert "到成都市的异地就医备案" in told.text
    assert status(enrolled, "510100", on=date(2026, 3, 1), emergency=True) == ("emergency", True)
    assert status(enrolled, "510100", on=date(2026, 3, 1)) == ("unfiled", False)
    assert Submission.objects.visible_to(own).get().pk == filing.pk


def test_the_record_of_an_emergency_can_be_replayed():
    filing = record_emergency(insured(), make.area("510100"), TODAY, account=hospital())

    assert replay(list(filing.events.order_by("id"))) == "approved"


def test_an_emergency_is_recorded_once():
    enrolled, account = insured(), hospital()

    first = record_emergency(enrolled, make.area("510100"), TODAY, account=account)
    second = record_emergency(enrolled, make.area("510100"), TODAY, account=account)
    sweep_until("2026-03-05 10:00")

    with at("2026-03-05 10:00"):
        third = record_emergency(enrolled, make.area("510100"), TODAY, account=account)

    assert (first.pk, first.pk, Filing.objects.count()) == (second.pk, third.pk, 1)


def test_the_next_emergency_at_the_same_place_is_another_one():
    enrolled, account = insured(), hospital()
    first = record_emergency(enrolled, make.area("510100"), date(2026, 2, 27), account=account)

    second = record_emergency(enrolled, make.area("510100"), TODAY, account=account)

    assert (second.pk != first.pk, second.status) == (True, "approved")
    assert status(enrolled, "510100", on=date(2026, 2, 27), emergency=True) == ("emergency", True)


def test_an_emergency_is_filed_to_the_province_where_that_is_the_rule():
    filing = record_emergency(insured(), make.area("460100"), TODAY, account=hospital())

    assert filing.destination_id == "460000"


def test_no_emergency_without_an_enrolment():
    enrolled = insured()
    enrolled.valid_until = date(2026, 3, 1)

    with pytest.raises(Invalid) as refused:
        record_emergency(enrolled, make.area("510100"), TODAY, account=hospital())

    assert (refused.value.code, Filing.objects.count()) == ("enrollment_not_in_force", 0)


REPORTS = {
    "徐州: five working days, over a weekend": (XUZHOU, date(2026, 3, 2), date(2026, 3, 9)),
    "武汉: two working days": (WUHAN, date(2026, 3, 5), date(2026, 3, 9)),
    "东莞: ten days": ("441900", date(2026, 3, 2), date(2026, 3, 12)),
    "national: none": (GUIYANG, date(2026, 3, 2), None),
    "重庆: only of hospitals outside the network": ("500000", date(2026, 3, 2), None),
}


@pytest.mark.parametrize(("home", "admitted", "expected"), REPORTS.values(), ids=REPORTS.keys())
def test_by_when_an_emergency_is_to_be_reported(home, admitted, expected):
    make.area(home)

    assert report_by(rules_for(home, TODAY), admitted, home) == expected


def test_outside_the_network_chongqing_wants_a_report_too():
    assert report_by(rules_for("500000", TODAY), date(2026, 3, 2), "500000", networked=False) == date(2026, 3, 9)


def test_who_must_report_is_told_by_when():
    enrolled = insured(XUZHOU)
    own = make.citizen(enrolled.person)

    filing = record_emergency(enrolled, make.area("510100"), TODAY, account=hospital())

    assert (filing.travel, filing.report_by) == ("emergency", date(2026, 3, 9))
    assert "请在2026年3月9日前" in Message.objects.get(account=own, kind="report_emergency").text


LATE = {
    "in time": ("2026-03-09 20:00", ("emergency", True), "emergency"),
    "a day late": ("2026-03-10 08:00", ("unfiled", False), "unfiled"),
}


@pytest.mark.parametrize(("now", "expected", "travel"), LATE.values(), ids=LATE.keys())
def test_an_emergency_reported_late_settles_as_the_area_says(now, expected, travel):
    """徐州: within five working days of the admission on Monday, 2 March."""
    enrolled = insured(XUZHOU)

    with at(now):
        assert status(enrolled, "510100", emergency=True) == expected
        recorded = record_emergency(enrolled, make.area("510100"), TODAY, account=hospital())

    assert recorded.travel == travel


def test_where_emergencies_are_reported_the_person_may_do_it():
    enrolled = insured(XUZHOU)

    filing = make.approved(enrolled, filing_type="emergency")

    assert (filing.travel, filing.valid_until, filing.report_by) == ("emergency", TODAY, date(2026, 3, 9))
    assert status(enrolled, "510100", emergency=True) == ("emergency", True)


def test_the_hospitals_record_takes_the_place_of_a_report_still_waiting():
    enrolled = insured(XUZHOU)
    waiting = make.filed(enrolled, filing_type="emergency")

    filing = record_emergency(enrolled, make.area("510100"), TODAY, account=hospital())

    assert filing.status == "approved"
    assert Filing.objects.get(pk=waiting.pk).status == "cancelled"
