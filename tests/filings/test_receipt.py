"""The receipt (备案回执): in full to those who act for the person, masked to everyone else, and none of a draft."""

import pypdfium2
import pytest

from reviews import services
from tests import factories as make
from tests.factories import api, citizen, enrollment, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def receipt(account, filing):
    return api(account).get(f"/api/v1/filings/{filing.pk}/receipt.pdf", headers={"Accept": "application/pdf"})


def text_of(answer):
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    document = pypdfium2.PdfDocument(answer.content)
    return "".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", "\n")


@pytest.fixture
def of():
    return enrollment(person("王秀兰"))


def test_it_says_what_was_filed_and_until_when_it_counts(of):
    account = citizen(of.person)
    filing = make.submitted(of, account=account)
    services.approve(filing, reviewer=make.reviewer())

    answer = receipt(account, filing)

    text = text_of(answer)
    for said in (
        "异地就医备案回执",
        filing.number,
        "王秀兰",
        of.person.id_number,
        "重庆市",
        "北京市",
        "已通过，生效中",
    ):
        assert said in text
    assert answer["Cache-Control"] == "private, no-store"


def test_while_it_is_reviewed_it_says_by_when(of):
    account = citizen(of.person)

    text = text_of(receipt(account, make.submitted(of, account=account)))

    assert "审核中" in text
    assert "办结时限" in text


def test_staff_see_it_masked(of):
    filing = make.submitted(of, account=citizen(of.person))

    text = text_of(receipt(make.reviewer(), filing))

    assert "王*兰" in text
    assert of.person.id_number not in text


def test_a_draft_has_none(of):
    account = citizen(of.person)

    answer = receipt(account, make.draft(of, account=account))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "no_receipt")
