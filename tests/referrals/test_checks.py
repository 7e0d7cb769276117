"""The rules an area may set beyond the national ones, each check alone: pure facts in, findings out."""

from dataclasses import replace
from datetime import date

import pytest

from filings.filing_case import Insured, Place
from policies.language.filing_rules import rules_for
from policies.language.terms import Span
from referrals.checks import CHECKS, Hospital, ReferralCase
from reviews.checks import run

NATIONAL = rules_for("130200", date(2026, 3, 2))
HOME = Place(code="130200", name="唐山市", level="city", pools_at="city", province="130000", province_name="河北省")
THERE = Place(
    code="110000", name="北京市", level="province", pools_at="province", province="110000", province_name="北京市"
)
ISSUER = Hospital(code="H1", name="唐山医院", level=3, areas=frozenset({"130200", "130000"}), entitled=True)
RECEIVER = Hospital(code="H2", name="北京医院", level=3, areas=frozenset({"110000"}), entitled=True)


def case(**fields):
    given = {
        "rules": NATIONAL,
        "insured": Insured(
            area=HOME, since=date(2015, 1, 1), until=None, insurance="employee", category="active", age=40, name="王"
        ),
        "destination": THERE,
        "local": False,
        "issuer": ISSUER,
        "receiver": RECEIVER,
        "doctor_rank": "chief",
        "issued_on": date(2026, 3, 2),
        "filed_on": date(2026, 3, 2),
    }
    return ReferralCase(**given | fields)


def under(**referral):
    return replace(NATIONAL, referral=replace(NATIONAL.referral, **referral))


def codes(of):
    return [finding.code for finding in run(CHECKS, of)]


def test_a_plain_referral_has_nothing_to_find():
    assert codes(case()) == []


WRONG = {
    "not among the named hospitals": (case(rules=under(hospitals=("别的医院",))), ["issuer_not_named"]),
    "the receiver must be named": (case(rules=under(names_receiver=True), receiver=None), ["receiver_required"]),
    "the doctor's rank": (case(rules=under(doctor="chief"), doctor_rank="associate_chief"), ["doctor_rank_too_low"]),
    "a paper older than a month": (
        case(rules=under(paper=Span(1, "months")), issued_on=date(2026, 2, 1)), ["issued_too_long_ago"],
    ),
    "to itself": (case(receiver=replace(ISSUER, areas=frozenset({"110000"}))), ["receiver_is_issuer"]),
    "not insured on the day": (
        case(insured=replace(case().insured, until=date(2026, 3, 1))), ["not_insured"],
    ),
    "renewed by the treating hospital where only the home's may": (
        case(issuer=RECEIVER, receiver=None, renewal=True), ["issuer_elsewhere"],
    ),
    "from the area to itself": (case(local=True, destination=HOME, receiver=None), ["referral_to_itself"]),
    "another one under review": (case(rival="20260302-000001-1"), ["referral_overlaps"]),
    "several at once": (
        case(issuer=replace(ISSUER, level=2, entitled=False), receiver=None), ["issuer_not_entitled", "issuer_level_too_low"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", WRONG)
def test_what_is_found(why):
    facts, expected = WRONG[why]

    assert codes(facts) == expected


FINE = {
    "named by its name": case(rules=under(hospitals=("唐山医院",))),
    "named by its code": case(rules=under(hospitals=("H1",))),
    "a paper of a month": case(rules=under(paper=Span(1, "months")), issued_on=date(2026, 2, 2)),
    "renewed by the treating hospital where the area says so": case(
        rules=under(renewal="treating"), issuer=RECEIVER, receiver=None, renewal=True
    ),
    "from a community clinic at home, without the right to refer elsewhere": case(
        local=True, destination=HOME, issuer=replace(ISSUER, level=0, entitled=False), receiver=replace(ISSUER, code="H3"), doctor_rank="attending",
    ),
}  # fmt: skip


def test_that_it_replaces_one_is_said_and_hinders_nothing():
    (found,) = run(CHECKS, case(renewal=True, replaces="20260302-000001-1"))

    assert (found.code, found.level) == ("referral_replaces", "info")
    assert "20260302-000001-1" in found.message


@pytest.mark.parametrize("why", FINE)
def test_what_is_not(why):
    assert codes(FINE[why]) == []
