"""Every automatic check of a filing by itself: what it lets pass, what it finds, on hand-made facts."""

from dataclasses import replace
from datetime import date

import pytest

from filings.checks import CHECKS
from filings.checks.application import is_reachable
from filings.filing_case import Hospital, Predecessor, Referral, Stay
from policies.language.filing_rules import rules_for
from policies.language.filing_types import Exclusion, Lane, LongerValidity, Residence, Validity
from policies.language.terms import Span
from reviews.checks import Commitment, Level, Material, run
from tests.filings.cases import (
    BEIJING,
    CHENGDU,
    DALI,
    GUIYANG,
    HAIKOU,
    HONGKONG,
    KUNMING,
    SICHUAN,
    SICHUAN_POOL,
    TIANJIN,
    TODAY,
    case,
    insured,
    with_kind,
    with_rules,
)

PERMIT = (Material("residence_permit"),)
PROMISE = Commitment("residence_permit", "王秀兰")
OPEN_HOSPITAL = Hospital(name="华西医院", areas=frozenset({"510100", "510000"}), open=True)
REFERRAL = Referral(
    id="r1", number="R1", issued_on=date(2026, 2, 20), valid_until=date(2026, 5, 20), destination="510100",
    standing=True, same_person=True,
)  # fmt: skip


def found(filing_case):
    """The codes found, with their levels."""
    return [(finding.code, str(finding.level)) for finding in run(CHECKS, filing_case)]


def errors(filing_case):
    return [code for code, level in found(filing_case) if level == "error"]


CLEAN = {
    "an injury with its statement": case(injury=True, materials=(Material("injury_statement"),)),
    "an injury where no statement is asked for": with_rules(case(injury=True), "injury", statement=False),
    "temporary care in another province": case(),
    "long-term with its document": case("resident", materials=PERMIT),
    "long-term with an alternative document": case("resident", materials=(Material("lease"),)),
    "long-term by commitment": case("resident", commitment=PROMISE),
    "the promise may name any alternative": case("resident", commitment=Commitment("lease", "王秀兰")),
    "the retired settle elsewhere": case(
        "retiree", insured=insured(category="retired"), materials=(Material("household_register"),)
    ),
    "posted to work elsewhere": case("worker", materials=(Material("labor_contract"),)),
    "a referral by its paper": case("referral", materials=(Material("referral_certificate"),)),
    "a referral of the system": case("referral", referral_named=True, referral=REFERRAL),
    "to a province that pools as a whole": case(destination=BEIJING),
    "back-dated by the five days allowed": case(starts_on=date(2026, 2, 25)),
    "six months ahead": case(starts_on=date(2026, 9, 2)),
    "an end on the last day of the six months": case(ends_on=date(2026, 9, 1)),
    "an end on the first day": case(ends_on=TODAY),
    "a landline": case(contact_phone="0851-12345678"),
    "insured until today": case(insured=insured(until=TODAY)),
    "insured from today": case(insured=insured(since=TODAY)),
    "a broken promise whose bar ended yesterday": case("resident", commitment=PROMISE, barred_until=date(2026, 3, 1)),
    "hospitals chosen where nobody has to": case(hospitals=(OPEN_HOSPITAL,)),
    "half a year elsewhere": case("resident", materials=PERMIT, ends_on=date(2026, 9, 1)),
    "a name with spaces and another dot": case(
        "resident", insured=replace(insured(), name="买买提·阿不都"), commitment=Commitment("lease", "买买提 • 阿不都")
    ),
    "a change after its lock": case(predecessor=Predecessor(number="N1", live=True, valid_from=TODAY, locked_until=None)),
    "a change that keeps place and type keeps its documents": case(
        "resident", carried=True, predecessor=Predecessor(number="N1", live=True, valid_from=TODAY, locked_until=None)
    ),
    "an emergency where it is to be reported": case(
        "emergency", insured=insured(replace(GUIYANG, code="320300")), report_by=date(2026, 3, 9)
    ),
}  # fmt: skip


@pytest.mark.parametrize("filing_case", CLEAN.values(), ids=CLEAN.keys())
def test_nothing_is_found(filing_case):
    assert found(filing_case) == []


OLD = Predecessor(number="N1", live=True, valid_from=date(2026, 1, 5), locked_until=date(2026, 7, 4))
FAR = Hospital(name="协和医院", areas=frozenset({"110000"}), open=True)
SHUT = Hospital(name="社区医院", areas=frozenset({"510100"}), open=False)

WRONG = {
    # where
    "a city-pooled province": (case(destination=SICHUAN), "destination_granularity", "destination"),
    "a city of a province-pooled province": (case(destination=HAIKOU), "destination_granularity", "destination"),
    "a pool that is no place": (case(destination=SICHUAN_POOL), "destination_granularity", "destination"),
    "outside the mainland": (case(destination=HONGKONG), "destination_not_served", "destination"),
    "the insured area itself": (case(destination=GUIYANG), "destination_local", "destination"),
    "a place local to the insured pool": (
        case(insured=insured(SICHUAN_POOL), destination=CHENGDU), "destination_local", "destination",
    ),
    "exempt: 天津 to 北京": (case(insured=insured(TIANJIN), destination=BEIJING), "no_filing_needed", "type"),
    "a type that needs none: 沈阳": (
        case(insured=insured(replace(GUIYANG, code="210100"))), "no_filing_needed", "type",
    ),
    "an emergency that is deemed filed": (case("emergency"), "no_filing_needed", "type"),
    "no hospital chosen where one must be": (
        with_rules(case(), "destination", institutions=3), "institutions_required", "institutions",
    ),
    "too many hospitals": (
        with_rules(case(hospitals=(OPEN_HOSPITAL,) * 4), "destination", institutions=3),
        "institutions_too_many", "institutions",
    ),
    "a hospital elsewhere": (case(hospitals=(OPEN_HOSPITAL, FAR)), "institution_elsewhere", "institutions"),
    "a hospital not open": (case(hospitals=(SHUT,)), "institution_not_open", "institutions"),
    # when
    "the enrolment begins later": (
        case(insured=insured(since=date(2026, 3, 3))), "enrollment_not_in_force", "starts_on",
    ),
    "the enrolment ended": (
        case(insured=insured(until=date(2026, 3, 1))), "enrollment_not_in_force", "enrollment",
    ),
    "back-dated by six days": (case(starts_on=date(2026, 2, 24)), "starts_too_early", "starts_on"),
    "more than six months ahead": (case(starts_on=date(2026, 9, 3)), "starts_too_late", "starts_on"),
    "an end before the start": (case(ends_on=date(2026, 3, 1)), "ends_before_start", "ends_on"),
    "an end after six months": (case(ends_on=date(2026, 9, 2)), "ends_too_late", "ends_on"),
    "an end before the shortest": (
        with_kind(case(ends_on=date(2026, 8, 31)), validity=Validity(term="open_ended", at_least=Span(6, "months"))),
        "ends_too_early", "ends_on",
    ),
    "a live filing": (case(rival="20260101-000001-1"), "filing_overlaps", "destination"),
    "a change whose filing ended": (
        case(predecessor=Predecessor(number="N1", live=False, valid_from=None, locked_until=None)),
        "predecessor_ended", None,
    ),
    "a change inside the lock": (case(starts_on=TODAY, predecessor=OLD), "filing_locked", None),
    "a change that begins before its filing": (
        case(starts_on=date(2026, 3, 1), predecessor=replace(OLD, valid_from=TODAY, locked_until=None)),
        "starts_too_early", "starts_on",
    ),
    "an admission tomorrow": (case(stay=Stay("H1", date(2026, 3, 3))), "admission_in_future", "makes_up_for"),
    "a stay at a hospital nobody knows": (case(stay=Stay("H1", TODAY)), "institution_elsewhere", "makes_up_for"),
    "a stay at a hospital elsewhere": (
        case(stay=Stay("H1", TODAY), stay_at=FAR), "institution_elsewhere", "makes_up_for",
    ),
    "an emergency that is still to come": (
        case("emergency", insured=insured(replace(GUIYANG, code="320300")), starts_on=date(2026, 3, 3)),
        "starts_too_late", "starts_on",
    ),
    "making up where that is not taken": (
        with_rules(case(stay=Stay("H1", TODAY)), "make_up", before_discharge=False),
        "make_up_not_accepted", "makes_up_for",
    ),
    # who
    "a type the area does not take": (with_kind(case(), lane=Lane(default="closed")), "type_closed", "type"),
    "children of 杭州": (
        case("resident", insured=insured(replace(GUIYANG, code="330100"), category="minor", age=9), materials=PERMIT),
        "person_excluded", "type",
    ),
    "a retiree who works": (case("retiree", materials=(Material("household_register"),)), "not_retired", "type"),
    "a worker of fifteen": (
        case("worker", insured=insured(category="student", age=15), materials=(Material("labor_contract"),)),
        "not_of_working_age", "type",
    ),
    "no contact": (case(contact_name="  "), "contact_missing", "contact_name"),
    "a telephone nobody has": (case(contact_phone="12345"), "contact_unreachable", "contact_phone"),
    # what
    "an unreadable document": (
        case("resident", materials=(*PERMIT, Material("lease", readable=False))), "material_unreadable", "materials",
    ),
    "no document": (case("resident"), "documents_missing", "materials"),
    "no referral": (case("referral"), "documents_missing", "materials"),
    "another document": (case("worker", materials=PERMIT), "documents_missing", "materials"),
    "a commitment beside its document": (
        case("resident", materials=PERMIT, commitment=PROMISE), "commitment_not_needed", "commitment",
    ),
    "a bar that lasts until today": (
        case("resident", commitment=PROMISE, barred_until=TODAY), "commitment_barred", "commitment",
    ),
    "somebody else's signature": (
        case("resident", commitment=Commitment("lease", "王秀")), "signed_name_differs", "commitment.signed_name",
    ),
    "a referral nobody knows": (
        case("referral", referral_named=True, materials=(Material("referral_certificate"),)), "referral_unknown", "referral",
    ),
    "somebody else's referral": (
        case("referral", referral_named=True, referral=replace(REFERRAL, same_person=False)),
        "referral_unknown", "referral",
    ),
    "a revoked referral": (
        case("referral", referral_named=True, referral=replace(REFERRAL, standing=False)),
        "referral_expired", "referral",
    ),
    "a referral that ended yesterday": (
        case("referral", referral_named=True, referral=replace(REFERRAL, valid_until=date(2026, 3, 1))),
        "referral_expired", "referral",
    ),
    "a referral to another city": (
        case("referral", referral_named=True, referral=replace(REFERRAL, destination="110000")),
        "referral_elsewhere", "referral",
    ),
    "a referral for another type": (
        case("other", referral_named=True, referral=REFERRAL), "referral_not_for_type", "referral",
    ),
    "a referral older than three months, 内蒙古's rule": (
        with_rules(
            case("referral", referral_named=True, referral=replace(REFERRAL, issued_on=date(2025, 12, 1))),
            "referral", paper=Span(3, "months"),
        ),
        "referral_too_old", "referral",
    ),
    "the notice was not read": (case(notice_current=False), "notice_not_read", "notice"),
}  # fmt: skip


@pytest.mark.parametrize(("filing_case", "code", "field"), WRONG.values(), ids=WRONG.keys())
def test_the_one_thing_that_is_wrong_is_found(filing_case, code, field):
    finding = next(finding for finding in run(CHECKS, filing_case) if finding.level == Level.ERROR)

    assert errors(filing_case) == [code]
    assert (finding.fields or (None,))[0] == field
    assert finding.message.endswith("。")


def test_a_commitment_where_the_area_takes_none_leaves_the_document_missing_too():
    """济南 does not accept commitments (FILING_RULES.md)."""
    jinan = insured(replace(GUIYANG, code="370100", name="济南市"))

    assert errors(case("resident", insured=jinan, commitment=PROMISE)) == [
        "documents_missing",
        "commitment_not_accepted",
    ]


@pytest.mark.parametrize("code", ["filing_overlaps", "predecessor_ended", "filing_locked"])
def test_what_stands_in_the_way_is_a_conflict_and_not_wrong_input(code):
    wrong = next(filing_case for filing_case, found_code, _field in WRONG.values() if found_code == code)

    assert [finding.conflict for finding in run(CHECKS, wrong)] == [True]


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2024, 12, 31), ["no_filing_needed"]), (date(2025, 1, 1), [])],
    ids=["the last exempt day", "filing is needed again"],
)
def test_yunnan_asked_for_filing_again_from_2025(day, expected):
    """FILING_RULES.md: inside 云南 no filing was needed until 2024-12-31."""
    filing_case = case(insured=insured(KUNMING), destination=DALI, filed_on=day, starts_on=day)

    assert errors(filing_case) == expected


def test_an_exempt_place_that_settles_lower_does_not_stop_a_better_filing():
    """A place exempt as `other`: temporary filing is needless, a long-term one is not."""
    rules = rules_for("520100", TODAY)
    free = replace(rules_for("120000", TODAY).exempt[0], to=("510100",), travel="other")

    rules = replace(rules, exempt=(free,))

    assert errors(case(rules=rules)) == ["no_filing_needed"]
    assert found(case("resident", materials=PERMIT, rules=rules)) == [("partly_exempt", "info")]


def test_partly_exempt_places_say_what_is_free():
    """北京 to 天津: stays, visits and pharmacies are exempt, chronic care is not named."""
    filing_case = case(insured=insured(BEIJING), destination=TIANJIN)

    [finding] = run(CHECKS, filing_case)

    assert (finding.code, finding.level) == ("partly_exempt", Level.INFO)
    assert finding.message == "到天津市的住院、普通门诊本身免备案；本备案用于其余就医或更高待遇。"


WARNED = {
    "long-term for less than half a year": (
        case("resident", materials=PERMIT, ends_on=date(2026, 8, 31)),
        "short_stay",
    ),
    "long-term for less than the area's three months": (
        with_kind(
            case("resident", materials=PERMIT, ends_on=date(2026, 6, 1)),
            residence=Residence(at_least=Span(3, "months")),
        ),
        None,
    ),
    "a day short of the area's three months": (
        with_kind(
            case("resident", materials=PERMIT, ends_on=date(2026, 5, 31)),
            residence=Residence(at_least=Span(3, "months")),
        ),
        "short_stay",
    ),
    "temporary care may be short": (case(ends_on=date(2026, 3, 5)), None),
}


@pytest.mark.parametrize(("filing_case", "code"), WARNED.values(), ids=WARNED.keys())
def test_long_term_for_a_short_stay_is_a_warning(filing_case, code):
    assert found(filing_case) == ([(code, "warning")] if code else [])


TOLD = {
    "exclusions only people can tell": (
        with_kind(case(), not_for=(Exclusion(label="灵活就业人员"),)), "person_to_confirm",
    ),
    "a stay made up for": (
        case(starts_on=date(2026, 1, 20), stay=Stay("H1", date(2026, 1, 20)), stay_at=OPEN_HOSPITAL), "made_up_for",
    ),
    "an emergency reported late": (
        case("emergency", insured=insured(replace(GUIYANG, code="320300")), report_by=date(2026, 3, 1)),
        "emergency_late",
    ),
    "an injury without its statement": (case(injury=True), "injury_statement_missing"),
    "an injury where none is settled directly": (
        with_rules(case(injury=True, materials=(Material("injury_statement"),)), "injury", direct=False),
        "injury_not_direct",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("filing_case", "code"), TOLD.values(), ids=TOLD.keys())
def test_what_is_only_said(filing_case, code):
    assert found(filing_case) == [(code, "info")]


def test_at_home_the_one_thing_said_is_that_nothing_is_filed():
    """泰安 exempts its whole province, 苏州's types, emergencies: none of it is why care in one's own city needs no filing."""
    taian = replace(GUIYANG, code="370900", name="泰安市", province="370000", province_name="山东省")

    for filing_type in ("resident", "other", "emergency"):
        filing_case = case(filing_type, insured=insured(taian), destination=taian, materials=PERMIT)
        blocking = [finding for finding in run(CHECKS, filing_case) if finding.level == Level.ERROR]
        assert [finding.code for finding in blocking] == ["destination_local"]
        assert blocking[0].message == "泰安市属于您的参保地（泰安市）范围，在当地就医无需备案，可直接结算。"


def test_a_place_local_to_the_insured_area_is_home_too():
    filing_case = case(insured=insured(SICHUAN_POOL), destination=CHENGDU)

    assert errors(filing_case) == ["destination_local"]


def test_who_has_been_in_hospital_for_twenty_days_learns_of_making_up_and_may():
    """补办 (POLICY.md §5 make_up): the national rules let a filing begin five days back, one that makes up on the first day of the stay."""
    admitted = date(2026, 2, 10)

    (early,) = run(CHECKS, case(starts_on=admitted))
    made_up = case(starts_on=admitted, stay=Stay("H1", admitted), stay_at=OPEN_HOSPITAL)

    assert early.code == "starts_too_early"
    assert early.message == (
        "开始日期最早为2026年2月25日，请改到这一天或之后。"
        "已经入院、还没有出院结算的，请补办：选择所住的医院并填写入院日期，备案可以从入院当天开始。"
    )
    assert errors(made_up) == []


def test_where_making_up_is_not_taken_the_way_is_a_claim():
    (early,) = run(CHECKS, with_rules(case(starts_on=date(2026, 2, 10)), "make_up", before_discharge=False))

    assert early.message == (
        "开始日期最早为2026年2月25日，请改到这一天或之后。已经入院的，贵阳市不受理补办，请出院后回参保地申请手工报销。"
    )


def test_a_stay_opens_no_day_before_its_admission():
    early = case(starts_on=date(2026, 1, 19), stay=Stay("H1", date(2026, 1, 20)), stay_at=OPEN_HOSPITAL)

    assert errors(early) == ["starts_too_early"]


def test_a_filing_by_commitment_may_be_shorter():
    """A commitment that counts for one year (RULES.md §2.3, grade C)."""
    rule = Validity(term="open_ended", by_commitment=Span(12, "months"))
    promised = with_kind(case("resident", commitment=PROMISE, ends_on=date(2027, 3, 2)), validity=rule)

    documented = with_kind(case("resident", materials=PERMIT, ends_on=date(2027, 3, 2)), validity=rule)

    assert errors(promised) == ["ends_too_late"]
    assert errors(documented) == []


def test_an_illness_told_on_paper_may_be_given_its_longer_term_where_somebody_reads_it():
    """青海: twelve months for four diseases; the usual six where the system itself knows the illness, or nobody looks."""
    longer = LongerValidity(label="恶性肿瘤", diagnoses=("C",), term=Span(12, "months"))
    rule = Validity(term=Span(6, "months"), longer=(longer,))
    year = {"ends_on": date(2027, 3, 1)}

    read = with_kind(case("referral", materials=(Material("referral_certificate"),), **year), validity=rule)
    unread = with_kind(read, lane=Lane(default="instant"))
    tumour = with_kind(
        case("referral", referral_named=True, referral=replace(REFERRAL, diagnosis="C34.9"), **year), validity=rule
    )
    other = with_kind(
        case("referral", referral_named=True, referral=replace(REFERRAL, diagnosis="G20"), **year), validity=rule
    )

    assert [errors(each) for each in (read, unread, tumour, other)] == [[], ["ends_too_late"], [], ["ends_too_late"]]


def test_documents_lift_a_lock_that_lets_them():
    locked = replace(OLD, waived_by_documents=True)

    assert errors(case("resident", predecessor=locked, materials=PERMIT)) == []
    assert errors(case("resident", predecessor=locked, commitment=PROMISE)) == ["filing_locked"]
    assert errors(case("resident", predecessor=OLD, materials=PERMIT)) == ["filing_locked"]


@pytest.mark.parametrize(
    ("phone", "reachable"),
    [
        ("13900000001", True),
        ("+8613900000001", True),
        ("+86 13900000001", True),
        ("19912345678", True),
        ("010-12345678", True),
        ("02363212345", True),
        ("0851-23456789-801", True),
        ("12900000001", False),
        ("1390000000", False),
        ("139000000012", False),
        ("62345678", False),
        ("010-02345678", False),
        ("+1 2025550100", False),
        ("１３９００００００01", False),
        ("13900000001\n", False),
        ("", False),
    ],
)
def test_which_telephones_can_be_reached(phone, reachable):
    assert is_reachable(phone) is reachable


def test_every_check_is_proved_here_and_names_its_source():
    """No check without a case that trips it, and without a docstring that says which rule it is (STYLE.md)."""
    tripped = [
        *(row[0] for row in WRONG.values()),
        *(row[0] for row in WARNED.values()),
        *(row[0] for row in TOLD.values()),
    ]
    tripped += [case(insured=insured(BEIJING), destination=TIANJIN)]

    silent = [check.__name__ for check in CHECKS if not any(check(one) for one in tripped)]

    assert silent == []
    assert all(check.__doc__ for check in CHECKS)
