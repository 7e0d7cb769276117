"""The filing rules the project ships, by hand against FILING_RULES.md."""

import csv
from datetime import date
from pathlib import Path

import pytest

from policies.language.filing_rules import (
    claim_deadline,
    commitment_barred_until,
    commitment_due,
    exemption,
    home_travel,
    lock_until,
    rules_for,
    shipped,
    validity_end,
)
from policies.language.terms import FILING_TYPES, LONG_TERM, Span

DAY = date(2026, 5, 6)
START = date(2026, 3, 15)
DATA = Path(__file__).parents[3] / "regions/data"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text("utf-8").splitlines()))


AREAS = {row["code"]: row["name"] for row in rows("areas.csv")}
DISEASES = {row["code"] for row in rows("diseases.csv")}


def test_every_area_of_a_file_exists():
    assert set(shipped().timelines) - {"000000"} <= set(AREAS)


def test_every_exempt_place_and_whole_province_exists():
    for area in AREAS:
        rules = rules_for(area, DAY)
        named = {code for rule in rules.exempt for code in rule.to} | set(rules.dual_benefit.proof_places)
        assert named | set(rules.destination.whole_provinces) <= set(AREAS) | {"same_province", "country"}


def test_the_recognised_diseases_are_the_ten_national_ones():
    assert set(rules_for("500000", DAY).chronic.diseases) == DISEASES
    assert len(DISEASES) == 10


def test_taiyuan_has_no_lock_and_six_months():
    rules = rules_for("140100", DAY)

    assert lock_until(rules.types["resident"], START) is None
    assert lock_until(rules.types["resident"], START, "change") is None
    assert validity_end(rules.types["resident"], START) is None
    assert validity_end(rules.types["other"], START) == date(2026, 9, 14)
    assert rules.referral.renewal == "treating"
    assert exemption(rules, "140200", "140000", "inpatient", DAY) is not None
    assert exemption(rules, "130100", "130000", "inpatient", DAY) is None


def test_suzhou_locks_for_sixty_days_and_files_one_year_at_once():
    rules = rules_for("320500", DAY)

    assert lock_until(rules.types["retiree"], START, "cancel") == date(2026, 5, 13)  # 17 + 30 + 13 days
    assert validity_end(rules.types["referral"], START) == date(2027, 3, 14)
    assert validity_end(rules.types["other"], START) == date(2027, 3, 14)
    assert rules.types["other"].lane.of("national") == "instant"
    assert rules.types["referral"].lane.of() == "review"


def test_ningbo_locks_for_three_months_and_needs_no_temporary_filing():
    rules = rules_for("330200", DAY)

    assert lock_until(rules.types["worker"], START) == date(2026, 6, 14)
    assert rules.types["worker"].residence.at_least == Span(3, "months")
    assert (rules.types["other"].needed, rules.types["other"].travel) == (False, "other")
    assert (rules.referral.doctor, rules.referral.renewal) == ("associate_chief", "treating")
    assert commitment_due(rules, START) is None
    assert claim_deadline(rules, date(2026, 2, 10)) == date(2027, 2, 10)
    assert exemption(rules, "330100", "330000", "inpatient", DAY).travel == "other"


@pytest.mark.parametrize("area", ["530100", "532900", "530000"])
def test_yunnan_withdrew_its_exemption(area):
    before, after = date(2024, 12, 31), date(2025, 1, 1)

    assert exemption(rules_for(area, before), "530400", "530000", "inpatient", before) is not None
    assert exemption(rules_for(area, after), "530400", "530000", "inpatient", after) is None
    assert rules_for(area, after).referral.review is False


def test_henan_needs_no_filing_inside_the_province():
    first, before = date(2023, 1, 1), date(2022, 12, 31)

    for area in ("410100", "410300"):
        assert exemption(rules_for(area, first), "410700", "410000", "chronic", first).travel == "long_term"
        assert exemption(rules_for(area, first), "420100", "420000", "chronic", first) is None
    assert exemption(rules_for("410300", before), "410700", "410000", "chronic", before) is None


def test_shenyang_needs_no_temporary_filing_and_asks_for_proof_in_two_cities():
    rules = rules_for("210100", DAY)

    assert (rules.types["other"].needed, rules.types["other"].travel) == (False, "other")
    assert rules.types["resident"].needed
    assert rules.types["resident"].residence.at_least == Span(6, "months")
    assert rules.types["resident"].lane.of() == "instant"
    assert rules.types["resident"].documents[1].kinds == ("household_register", "property_deed", "residence_permit")
    assert rules.dual_benefit.proof_places == ("110000", "310000")
    assert rules.dual_benefit.before == "long_term"
    assert rules.dual_benefit.restored == Span(5, "working days")
    assert rules.emergency.report.outside_network_only


def test_jinan_takes_no_commitment():
    rules = rules_for("370100", DAY)

    assert not any(rules.types[name].takes_commitment for name in FILING_TYPES)
    assert [document.kind for document in rules.types["other"].documents] == ["certificate"]
    assert rules.types["other"].lane.of() == "instant"
    assert rules.types["worker"].lane.of() == "review"
    assert rules.types["emergency"].travel == "other"
    assert rules.types["retiree"].validity.at_least == Span(6, "months")
    assert rules.review.working_days("filing") == 2


def test_hangzhou_children_file_no_long_term():
    rules = rules_for("330100", DAY)

    assert [rules.types[name].excludes("minor", "resident").label for name in LONG_TERM] == ["少年儿童"] * 3
    assert rules.types["retiree"].excludes("retired", "employee") is None
    assert rules.types["other"].excludes("minor", "resident") is None
    assert commitment_due(rules, START) is None


def test_changchun_claims_until_the_end_of_the_next_year():
    rules = rules_for("220100", DAY)

    assert claim_deadline(rules, date(2026, 2, 10)) == date(2027, 12, 31)
    assert claim_deadline(rules, date(2026, 12, 31)) == date(2027, 12, 31)
    assert validity_end(rules.types["referral"], START) == date(2026, 9, 14)
    assert rules.types["referral"].documents[1].kinds == ("medical_record", "diagnosis_paper", "referral_certificate")
    assert sum(rules.review.recognition.stages) == 15


def test_jilin_city_needs_no_temporary_filing_but_changchun_does():
    assert not rules_for("220200", DAY).types["other"].needed
    assert rules_for("220100", DAY).types["other"].needed


def test_xiamen_is_open_ended_instant_and_free():
    rules = rules_for("350200", DAY)

    assert {validity_end(rules.types[name], START) for name in (*LONG_TERM, "referral", "other")} == {None}
    assert {rules.types[name].lane.of() for name in FILING_TYPES} == {"instant"}
    assert {lock_until(rules.types[name], START) for name in FILING_TYPES} == {None}
    assert rules.referral.make_up == Span(7, "days")


def test_nanchang_files_other_temporary_care_at_once():
    types = rules_for("360100", DAY).types

    assert {name for name in FILING_TYPES if types[name].lane.of() == "instant"} == {"other"}
    assert rules_for("360400", DAY).types["other"].lane.of() == "review"


def test_inner_mongolia_from_may_2025():
    before, rules = rules_for("150100", date(2025, 4, 30)), rules_for("150100", date(2025, 5, 1))

    assert (before.referral.review, before.referral.paper, before.referral.doctor) == (True, None, "any")
    assert (rules.referral.review, rules.referral.paper, rules.referral.doctor) == (False, Span(3, "months"), "chief")
    assert rules.types["referral"].lane.of() == "instant"
    assert rules.types["emergency"].travel == "referral"
    assert exemption(rules, "150200", "150000", "inpatient", date(2025, 5, 1)).travel == "local"


def test_zaozhuang_differs_by_channel():
    rules = rules_for("370400", DAY)

    assert rules.types["other"].lane.of("national") == "review"
    assert rules.types["other"].lane.of("local") == "instant"
    assert rules.types["other"].lane.of() == "review"
    assert rules.types["worker"].lane.of("local") == "review"
    assert rules.emergency.mode == "deemed"
    assert rules_for("370400", date(2025, 3, 31)).types["other"].lane.of("local") == "review"


@pytest.mark.parametrize(
    ("area", "within", "before_discharge"),
    [
        ("420100", Span(2, "working days"), False),
        ("320300", Span(5, "working days"), False),
        ("441900", Span(10, "days"), True),
    ],
)
def test_areas_that_want_notice_of_an_emergency(area, within, before_discharge):
    rules = rules_for(area, DAY)

    assert rules.emergency.mode == "report"
    assert (rules.emergency.report.within, rules.emergency.report.before_discharge) == (within, before_discharge)


def test_wuhan_files_a_referral_for_one_settlement():
    rules = rules_for("420100", DAY)

    assert rules.types["referral"].validity.term == "single_visit"
    assert validity_end(rules.types["referral"], START) is None
    assert rules.referral.validity == Span(90, "days")


def test_chongqing_refers_without_approval_and_reports_only_outside_the_network():
    rules = rules_for("500000", DAY)

    assert (rules.referral.review, rules.referral.lowest_level) == (False, 3)
    assert rules.emergency.mode == "deemed"
    assert rules.emergency.report.within == Span(5, "working days")
    assert rules.emergency.report.outside_network_only
    assert exemption(rules, "510100", "510000", "inpatient", DAY) is not None

    july = date(2022, 7, 31)
    assert exemption(rules_for("500000", july), "510100", "510000", "inpatient", july) is None


def test_guangzhou_workers_at_most_five_years():
    rules = rules_for("440100", DAY)

    assert validity_end(rules.types["worker"], START) == date(2031, 3, 14)
    assert rules.types["worker"].validity.at_most == Span(60, "months")
    assert validity_end(rules.types["retiree"], START) is None
    assert validity_end(rules.types["emergency"], START) == date(2026, 9, 14)


def test_zhengzhou_locks_commitments_only_and_gives_tumours_longer():
    rules = rules_for("410100", DAY)

    worker = rules.types["worker"]

    assert lock_until(worker, START) is None
    assert lock_until(worker, START, by_commitment=True) == date(2026, 9, 14)
    assert lock_until(worker, START, by_commitment=True, with_documents=True) is None
    assert validity_end(rules.types["referral"], START) == date(2026, 9, 14)
    assert validity_end(rules.types["referral"], START, disease="M00500") == date(2027, 3, 14)


def test_qinghai_refers_for_twelve_months_for_four_diseases():
    """The province's notice of 2022: tumours, transplants, kidney failure, haemophilia; in 西宁 as in any of its areas."""
    for area in ("630000", "630100", "632700"):
        referral = rules_for(area, DAY).types["referral"]
        year = [validity_end(referral, START, diagnosis=code) for code in ("C50.9", "Z94.0", "T86.1", "N18.5", "D67")]

        assert year == [date(2027, 3, 14)] * 5
        assert validity_end(referral, START, disease="M07801") == date(2027, 3, 14)
        assert validity_end(referral, START, diagnosis="I63.9") == date(2026, 9, 14)
    assert rules_for("630100", DAY).types["emergency"].travel == "referral"


@pytest.mark.parametrize(
    ("area", "place", "care", "travel"),
    [
        ("370900", "370100", "inpatient", "other"),
        ("371300", "370100", "outpatient", "other"),  # 临沂 has no filing rules of its own: its province's
        ("370200", "370100", "inpatient", "other"),
        ("370400", "370100", "chronic", "other"),
        ("430100", "430200", "inpatient", "other"),
        ("430100", "430200", "chronic", "long_term"),
        ("430100", "110000", "outpatient", "long_term"),
        ("420100", "110000", "outpatient", "long_term"),
        ("450100", "450200", "inpatient", "long_term"),
        ("610100", "610300", "inpatient", "long_term"),
        ("630100", "630200", "outpatient", "long_term"),
    ],
)
def test_without_a_filing_care_is_paid_as_the_pages_say(area, place, care, travel):
    exempt = exemption(rules_for(area, DAY), place, f"{place[:2]}0000", care, DAY)

    assert exempt is not None
    assert exempt.travel == travel


def test_dongguan_files_by_commitment_for_one_year():
    worker = rules_for("441900", DAY).types["worker"]

    assert validity_end(worker, START) is None
    assert validity_end(worker, START, by_commitment=True) == date(2027, 3, 14)


def test_chengdu_exempts_the_southwest_and_outpatient_care_everywhere():
    rules = rules_for("510100", DAY)

    for province in ("510000", "500000", "520000", "530000", "540000"):
        assert exemption(rules, province, province, "inpatient", DAY) is not None
    assert exemption(rules, "110000", "110000", "inpatient", DAY) is None
    assert exemption(rules, "110000", "110000", "outpatient", DAY) is not None
    assert exemption(rules, "440100", "440000", "inpatient", DAY) is not None
    assert exemption(rules, "440300", "440000", "inpatient", DAY) is None
    assert claim_deadline(rules, date(2026, 2, 10)) == date(2026, 5, 10)


def test_beijing_tianjin_hebei():
    first, before = date(2025, 1, 1), date(2023, 2, 9)

    assert exemption(rules_for("110000", first), "130100", "130000", "inpatient", first).travel == "long_term"
    assert exemption(rules_for("110000", first), "130100", "130000", "chronic", first) is None
    assert exemption(rules_for("120000", first), "110000", "110000", "outpatient", first) is not None
    assert exemption(rules_for("130600", first), "120000", "120000", "pharmacy", first).travel == "local"
    assert exemption(rules_for("130600", before), "120000", "120000", "pharmacy", before) is None


def test_an_unnamed_care_means_inpatient():
    rules = rules_for("510100", DAY)

    assert exemption(rules, "110000", "110000", None, DAY) is None
    assert exemption(rules, "500000", "500000", None, DAY) is not None


def test_gansu_settles_no_chronic_care_under_a_temporary_filing():
    rules = rules_for("620100", DAY)

    assert rules.types["other"].covers == ("inpatient", "outpatient")
    assert rules.types["retiree"].covers == ("inpatient", "outpatient", "chronic")


def test_shanghai_keeps_its_filing_rules_after_its_benefits_end():
    for day in (date(2026, 6, 30), date(2026, 7, 1)):
        rules = rules_for("310000", day)
        assert rules.types["other"].validity.at_most == Span(12, "months")
        assert claim_deadline(rules, date(2026, 2, 10)) == date(2026, 8, 10)

    assert shipped().timelines["310000"].on(date(2026, 6, 30)).benefits is not None
    assert shipped().timelines["310000"].on(date(2026, 7, 1)).benefits is None


def test_commitment_dates_by_the_national_rule():
    rules = rules_for("430100", DAY)

    assert commitment_due(rules, START) == date(2026, 5, 15)
    assert commitment_barred_until(rules, date(2026, 5, 16)) == date(2028, 5, 16)


def home(area, on, *, destination="500000", by_commitment=False, proved=False):
    rules = rules_for(area, DAY)
    return home_travel(rules, START, on, destination=destination, by_commitment=by_commitment, proved=proved)


def test_care_at_home_under_a_long_term_filing():
    # national: at once, by commitment only with the proof
    assert home("430100", DAY) == "local"
    assert home("430100", DAY, by_commitment=True) is None
    assert home("430100", DAY, by_commitment=True, proved=True) == "local"
    # 青岛: after six months, or with the proof; before that as a temporary stay
    assert home("370200", date(2026, 9, 14), by_commitment=True) == "other"
    assert home("370200", date(2026, 9, 15), by_commitment=True) == "local"
    assert home("370200", date(2026, 3, 16), by_commitment=True, proved=True) == "local"
    # 郑州: −20 points, as other care, until the proof is there
    assert home("410100", DAY, by_commitment=True) == "other"
    # 唐山, 宁波: at home as temporary care
    assert home("130200", DAY) == "other"
    assert home("330200", DAY, by_commitment=True) == home("330200", DAY) == "other"
    # 杭州: the letter is enough, nothing has to follow
    assert home("330100", DAY, by_commitment=True) == "local"


def test_rules_are_resolved_once():
    assert rules_for("370200", date(2026, 5, 6)) is rules_for("370200", date(2026, 5, 7))


@pytest.mark.parametrize(
    ("area", "filing_type", "validity", "lock"),
    [
        ("430100", "retiree", "长期有效", "6个月内不得变更或者取消"),
        ("320500", "other", "1年内有效", "可以随时变更或者取消"),
        ("420100", "referral", "当次有效", "可以随时变更或者取消"),
        ("320500", "worker", "长期有效", "60日内不得变更或者取消"),
    ],
)
def test_labels_for_people(area, filing_type, validity, lock):
    rules = rules_for(area, DAY).types[filing_type]

    assert (rules.validity.label, rules.lock.label) == (validity, lock)


def test_what_may_stand_in_for_a_document():
    worker = rules_for("430100", DAY).types["worker"].documents[2]

    assert worker.kind == "posting_letter"
    assert worker.stand_ins == ("employer_letter", "labor_contract", "commitment")
    assert rules_for("370100", DAY).types["worker"].documents[0].stand_ins == ()
