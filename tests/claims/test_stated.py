"""A claim says what was special about the visit: an injury with its statement, a vacation, a newborn, childbirth."""

from datetime import date

import pytest

from core.errors import Invalid
from settlements.adjudication import case_of
from tests import factories as make
from tests.claims.claiming import KINDS, approved, claimed, papers
from tests.settlements.till import policies

pytestmark = pytest.mark.usefixtures("human")

RULES = """
filing:
  source: T1
  vacation: {travel: local}
  injury: {direct: false, statement: true}
  newborns: {direct: false, within: 90 days}
benefits:
  - id: resident-inpatient
    insurance: resident
    care: inpatient
    source: T1
    share:
      bands:
        - upto: null
          ratios:
            - {when: {newborn: true, age_below: 1}, ratio: 0.95}
            - {when: {maternity: true}, ratio: 0.90}
            - {when: {injury: true, no_third_party: true}, ratio: 0.70}
            - {when: {travel: local, vacation: true}, ratio: 0.80}
            - {when: {travel: unfiled}, ratio: 0.60}
"""
"""Of a bill of 20 000 yuan, nothing deducted."""


@pytest.fixture
def enrolled(enrolled):
    enrolled.insurance, enrolled.category = "resident", "student"
    enrolled.save()
    return enrolled


def warned(claim):
    return [(check["code"], check["level"]) for check in claim.checks]


@pytest.mark.parametrize(
    ("stated", "fund"),
    [({}, 12000), ({"vacation": True}, 16000), ({"newborn": True}, 19000), ({"maternity": True}, 18000)],
)
def test_what_is_said_of_the_visit_decides_what_is_paid(account, enrolled, stated, fund):
    with policies(RULES):
        entry = approved(claimed(account, enrolled, **stated)).settlement

    assert entry.fund == fund
    assert all(case_of(entry).facts[name] is True for name in stated)


def test_an_injury_takes_its_statement(account, enrolled):
    with policies(RULES):
        with pytest.raises(Invalid) as found:
            claimed(account, enrolled, injury=True)

        whole = papers(account, *KINDS, "injury_statement")
        entry = approved(claimed(account, enrolled, injury=True, materials=whole)).settlement

    (missing,) = found.value.problems

    assert (missing.code, missing.attr) == ("documents_missing", "materials")
    assert "外伤无第三方责任承诺书" in missing.detail
    assert entry.fund == 14000


def test_of_a_newborn_the_term_is_told_and_where_no_rule_is_known_that(account, enrolled):
    with policies(RULES):
        known = claimed(account, enrolled, newborn=True, draft=True)
    unknown = claimed(account, enrolled, newborn=True, invoice_number="0012345679", draft=True)

    assert ("newborn_within", "info") in warned(known)
    assert ("newborn_unknown", "warning") in warned(unknown)


@pytest.mark.parametrize(
    ("born", "code"),
    [
        (date(2025, 11, 3), None),  # 90 days before 1 February: the last day counts
        (date(2025, 11, 2), "newborn_late"),
        (date(2026, 2, 2), "born_after_admission"),
    ],
)
def test_the_term_of_a_newborn_counts_from_its_birth(account, enrolled, born, code):
    """`within: 90 days`, a stay from 1 February 2026 on."""
    with policies(RULES):
        if code is None:
            entry = approved(claimed(account, enrolled, newborn=True, born_on=born)).settlement
            assert entry.fund == 19000
            return
        with pytest.raises(Invalid) as found:
            claimed(account, enrolled, newborn=True, born_on=born)

    assert [(each.code, each.attr) for each in found.value.problems] == [(code, "born_on")]


def test_a_birth_date_that_is_said_is_not_asked_for_and_is_kept(account, enrolled):
    with policies(RULES):
        claim = claimed(account, enrolled, newborn=True, born_on=date(2026, 1, 5), draft=True)

    shown = make.api(account).get(f"/api/v1/claims/{claim.pk}/").json()

    assert "newborn_within" not in [code for code, _level in warned(claim)]
    assert (shown["newborn"], shown["born_on"]) == (True, "2026-01-05")


def test_childbirth_is_a_stay(account, enrolled):
    with policies(RULES), pytest.raises(Invalid) as found:
        claimed(account, enrolled, care="outpatient", discharged_on=None, maternity=True)

    assert ("maternity_inpatient", "maternity") in [(each.code, each.attr) for each in found.value.problems]


def test_the_api_takes_and_answers_it_and_names_the_statement_an_injury_needs(account, enrolled):
    client = make.api(account)
    body = {"enrollment": str(enrolled.pk), "care": "inpatient", "injury": True, "maternity": True, "draft": True}

    made = client.post("/api/v1/claims/", body, format="json").json()
    options = client.get("/api/v1/claim-options/", {"enrollment": str(enrolled.pk)}).json()

    said = {name: made[name] for name in ("vacation", "injury", "newborn", "maternity")}

    assert said == {"vacation": False, "injury": True, "newborn": False, "maternity": True}
    assert options["injury"]["statement"]["kind"] == "injury_statement"
    assert "injury_statement" not in [document["kind"] for document in options["documents"]]
