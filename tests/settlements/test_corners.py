"""Where the way to the till is unusual: at home, without a filing, at another hospital than was chosen, late, newborn, republished."""

from datetime import date
from decimal import Decimal

import pytest

from core import clock
from policies import published, publishing
from policies.models import PolicyVersion
from settlements.adjudication import case_of
from settlements.models import Settlement
from settlements.verification import replay
from tests import factories as make
from tests.factories import moment
from tests.policies.policy_texts import keeper
from tests.settlements.till import HEAD, SIMPLE, Till, policies, till

pytestmark = pytest.mark.django_db
STAY = {"admitted_on": "2026-03-01", "discharged_on": "2026-03-02", "emergency": False}


@pytest.fixture(autouse=True)
def _monday():
    make.working_calendar()
    with clock.standing_at(moment("2026-03-02 10:00")):
        yield


def refused(answer):
    return answer.status_code, [error["code"] for error in answer.json()["errors"]]


def of(area, more=""):
    return (HEAD + SIMPLE + more).replace('"500000"', f'"{area}"')


def at_a_till(home, place, **enrolled):
    patient = make.enrollment(make.person("王秀兰"), code=home, **enrolled)
    return till(patient, make.institution(f"H{place}00001", place=place, outpatient=True))


@pytest.mark.parametrize(
    ("home", "place"),
    [
        ("500000", "500000"),
        ("460000", "460100"),  # a city of a province that pools as a whole
        ("519900", "510100"),  # the capital is local to the provincial pool
    ],
)
def test_at_home_no_filing_is_asked_for(home, place):
    cashier = at_a_till(home, place)

    with policies(of(home)):
        entry = cashier.settle(**STAY)

    assert (entry.travel, entry.filing, entry.pooled) == ("local", None, Decimal("7200.00"))


def test_an_exempt_place_needs_no_filing():
    """天津 to 北京: as filed for the long term."""
    entry = at_a_till("120000", "110000").settle(**STAY)

    assert (entry.travel, entry.filing) == ("long_term", None)
    assert replay().different == []


CHOSEN = """filing:
  destination: {institutions: {value: 2, source: T1}}
  dual_benefit: {allowed: false, source: T1}
"""


@pytest.fixture
def two_hospitals():
    """A person who filed to 北京 and chose one hospital there; the till of another."""
    with policies(of("500000", CHOSEN)):
        chosen = make.institution("H11010100001", name="选定医院", outpatient=True)
        patient = make.enrollment(make.person("王秀兰"))
        with clock.standing_at(moment("2026-02-20 09:00")):
            account = make.citizen(patient.person)
            make.approved(
                patient,
                account,
                to="110000",
                filing_type="resident",
                institutions=[chosen.code],
                materials=[make.material(account).pk],
            )
        yield Till(patient, chosen), till(patient, make.institution("H11010100002", outpatient=True))


def test_a_hospital_that_was_not_chosen_does_not_settle(two_hospitals):
    chosen, other = two_hospitals

    answer = other.post(**STAY)

    assert refused(answer) == (409, ["destination"])
    assert "请变更备案" in answer.json()["errors"][0]["detail"]
    assert chosen.settle(**STAY).travel == "long_term"


def test_the_choice_is_of_hospitals_there_not_at_home(two_hospitals):
    """Whoever lives elsewhere is not treated at home under these rules, though no hospital at home was chosen."""
    cashier = till(two_hospitals[0].patient, make.institution("H50000000001", place="500000"))

    answer = cashier.post(**STAY)

    assert refused(answer) == (409, ["filing"])
    assert "长期备案期间不能在参保地直接结算" in answer.json()["errors"][0]["detail"]


def test_an_emergency_chooses_no_hospital(two_hospitals):
    _chosen, other = two_hospitals

    entry = other.settle(**STAY | {"emergency": True})

    assert (entry.travel, entry.filing.type) == ("emergency", "emergency")


def test_an_emergency_reported_too_late_is_not_settled():
    """徐州: within five working days of the admission on Monday, 2 March: by the ninth."""
    cashier = at_a_till("320300", "110000")
    stay = {"admitted_on": "2026-03-02", "discharged_on": "2026-03-03", "emergency": True}

    with clock.standing_at(moment("2026-03-10 08:00")):
        answer = cashier.post(**stay)

    assert answer.status_code == 409
    assert "filing" in refused(answer)[1]
    assert not Settlement.objects.exists()


def test_a_newborn_is_insured_from_the_day_the_register_says():
    """Born and enrolled on 20 February, with the first stay: nought years old, and no month insured."""
    born = date(2026, 2, 20)
    patient = make.enrollment(make.person("王小宝", born=born), valid_from=born)

    with policies(of("500000")):
        entry = till(patient).settle(admitted_on="2026-02-20", discharged_on="2026-03-01")
        early = till(patient, make.institution("H11010100009")).post(
            admitted_on="2026-02-19", discharged_on="2026-02-20"
        )

    assert case_of(entry).facts["age"] == 0
    assert entry.pooled == Decimal("7200.00")
    assert "enrollment" in refused(early)[1]


def test_a_policy_published_between_quote_and_settlement_counts_and_both_stay_provable(
    django_capture_on_commit_callbacks,
):
    cashier = till()
    people = keeper(area="500000", number=1), keeper(area="500000", number=2)

    def publish(ratio):
        text = of("500000").replace("ratio: 0.80", f"ratio: {ratio}").replace("2020-01-01", "2026-01-01")
        examples = "examples:\n  - name: any\n    given: {insurance: employee, care: inpatient, cost: {total: 1000}}\n    expect: {pooled: 0}\n"
        with django_capture_on_commit_callbacks(execute=True):
            publishing.publish(publishing.upload(text + examples, by=people[0]), by=people[1])

    try:
        publish("0.80")
        before = cashier.settle(admitted_on="2026-01-05", discharged_on="2026-01-06")
        quoted = cashier.post("quote/", **STAY | {"emergency": True}).json()
        publish("0.90")
        after = cashier.settle(**STAY | {"emergency": True})
        assert before.pooled == Decimal("7200.00")  # (10 000 − 1 000) × 80 %
        assert quoted["amounts"]["pooled"] == "7600.00"  # (10 000 − 500) × 80 %
        assert after.pooled == Decimal("8550.00")  # (10 000 − 500) × 90 %
        assert before.policy != after.policy
        assert PolicyVersion.objects.published().filter(slug=before.policy).exists()
        assert (replay().equal, replay().different) == (2, [])
    finally:
        published.stand_on(published.ground())
