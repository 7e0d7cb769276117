"""What a correction and a change can ask for: the place, the type and the days too."""

from datetime import date

import pytest

from filings.models import Commitment, Filing
from reviews import services
from tests import factories as make

pytestmark = pytest.mark.usefixtures("monday")
SHANGHAI = "310000"


@pytest.fixture
def enrolled():
    return make.enrollment(make.person("王秀兰"))


@pytest.fixture
def owner(enrolled):
    return make.citizen(enrolled.person)


@pytest.fixture
def phone(owner):
    return make.api(owner)


def returned(filing, *fields):
    return services.return_for_correction(filing, reviewer=make.reviewer(), reason="请更正", fields=[*fields])


def test_place_type_and_days_of_what_was_returned_are_corrected(enrolled, owner, phone):
    make.area(SHANGHAI)
    filing = returned(make.submitted(enrolled, account=owner), "destination", "type", "starts_on")
    notice = make.current_notice(enrolled.area_id, "resident")

    amended = phone.patch(
        f"/api/v1/filings/{filing.pk}/",
        {
            "type": "resident", "destination": SHANGHAI, "starts_on": "2026-03-04", "ends_on": "2027-03-03",
            "notice": str(notice.pk), "commitment": {"kind": "residence_permit", "signed_name": "王秀兰"},
        },
        format="json",
    ).json()  # fmt: skip
    answer = phone.post(f"/api/v1/filings/{filing.pk}/resubmit/").json()

    assert [check for check in amended["checks"] if check["level"] == "error"] == []
    assert (answer["status"], answer["type"], answer["destination"]) == ("submitted", "resident", SHANGHAI)
    assert (answer["starts_on"], answer["ends_on"]) == ("2026-03-04", "2027-03-03")
    assert Filing.objects.get().live_key == f"filing:{enrolled.pk}:long_term"
    assert Commitment.objects.get().kind == "residence_permit"


def test_another_type_takes_its_own_notice(enrolled, owner, phone):
    filing = returned(make.submitted(enrolled, account=owner), "type")

    answer = phone.patch(f"/api/v1/filings/{filing.pk}/", {"type": "resident"}, format="json").json()

    assert "notice_not_read" in [check["code"] for check in answer["checks"]]


def test_a_filing_does_not_stand_in_its_own_way(enrolled, owner, phone):
    filing = returned(make.submitted(enrolled, account=owner), "type")
    asked = {"enrollment": str(enrolled.pk), "destination": make.BEIJING}

    other = closed(phone.get("/api/v1/filing-options/", asked))
    own = closed(phone.get("/api/v1/filing-options/", {**asked, "filing": str(filing.pk)}))
    strangers = closed(phone.get("/api/v1/filing-options/", {**asked, "filing": str(make.submitted().pk)}))

    assert other == strangers
    assert "other" in other
    assert "other" not in own


def test_a_change_of_a_change_does_not_stand_in_the_way_of_either(enrolled, owner, phone):
    old = make.approved(enrolled, owner, to=make.BEIJING)
    successor = phone.post(f"/api/v1/filings/{old.pk}/change/", {"draft": True}, format="json").json()
    asked = {"enrollment": str(enrolled.pk), "destination": old.destination_id, "filing": successor["id"]}

    assert "other" not in closed(phone.get("/api/v1/filing-options/", asked))


def test_a_temporary_filing_instead_of_a_long_one_carries_everything_over(enrolled, owner, phone):
    make.area(make.BEIJING)
    old = make.approved(enrolled, owner, to=make.BEIJING, address="成都市武侯区", ends_on=date(2026, 6, 1))

    changed = phone.post(f"/api/v1/filings/{old.pk}/change/", {"type": "resident", "draft": True}, format="json").json()

    assert (changed["type"], changed["destination"], changed["predecessor"]) == (
        "resident", old.destination_id, str(old.pk),
    )  # fmt: skip
    assert (changed["address"], changed["ends_on"]) == ("成都市武侯区", "2026-06-01")
    assert (changed["contact_name"], changed["contact_phone"]) == (old.contact_name, old.contact_phone)


def test_a_filing_made_up_for_names_the_hospital(enrolled, owner, phone):
    make.institution("H11010100001", name="北京示范医院")
    stay = {"institution": "H11010100001", "admitted_on": "2026-03-01"}
    draft = make.draft(enrolled, account=owner)

    answer = phone.patch(f"/api/v1/filings/{draft.pk}/", {"makes_up_for": stay}, format="json").json()

    assert answer["makes_up_for"] == {**stay, "institution_name": "北京示范医院"}


def closed(answer):
    """The types that cannot be filed because of another filing."""
    return [each["type"] for each in answer.json()["options"] if each["code"] == "filing_overlaps"]
