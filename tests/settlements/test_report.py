"""The monthly report: a small February worked by hand, the same on the page and in the PDF, and who may read it."""

import re
from datetime import date

import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from reviews import services
from reviews.models import Kind, ReasonTemplate, Submission
from reviews.services import Actor
from settlements import report
from settlements.services import reverse
from tests import factories as make
from tests.claims.claiming import HOSPITAL, approved, claimed
from tests.load.population import copy
from tests.monday import at, monday  # noqa: F401
from tests.reviews.test_worklist_queries import another
from tests.settlements.till import SIMPLE, policies, till

UNCLEAR = "照片不清，请重新拍摄。"
STAY = {"admitted_on": "2026-02-01", "discharged_on": "2026-02-02"}
ADDRESS = "/admin/settlements/settlement/report"


@pytest.fixture(autouse=True)
def february(monday, settings):  # noqa: F811
    """Filings: approved in 2 hours, rejected late after 17, returned after 3 and open; a claim paid, a bill settled, another reversed."""
    settings.REVIEW_MODE = "human"
    make.diseases()
    make.institution(HOSPITAL)
    ReasonTemplate.objects.create(kind=Kind.FILING, outcome="returned", code="unclear", text=UNCLEAR)
    reviewer = make.reviewer()
    with policies(SIMPLE):
        with at("2026-02-03 09:00"):
            quick, late, returned = (make.submitted() for _filing in range(3))
            patient = make.enrollment()
            claim = claimed(make.citizen(patient.person), patient, discharged_on=date(2026, 2, 2))
            desk = till(make.enrollment())
            desk.settle(cost={"total": "11000.00"}, **STAY)
        with at("2026-02-03 11:00"):
            services.approve(quick, reviewer=reviewer)
            approved(claim)
        with at("2026-02-03 12:00"):
            services.return_for_correction(returned, reviewer=reviewer, reason=UNCLEAR, code="unclear")
        with at("2026-02-06 09:00"):
            services.reject(late, reviewer=reviewer, reason="不符")
            other = till(make.enrollment())
            reverse(other.staff, other.settle(cost={"total": "5000.00"}, **STAY), reason="录错")
        with at("2026-03-01 00:00"):
            services.resubmit(returned, actor=Actor(returned.applicant, returned.mandate))
        yield


def signed_in(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def supervisor():
    return signed_in(make.supervisor())


def shown(client, **query):
    return client.get(f"{ADDRESS}/", query).context["report"]


def test_a_small_month_worked_by_hand(supervisor):
    month = shown(supervisor, month="2026-02")

    kinds = {row[0]: row[1:] for row in month["kinds"]}
    # both emergencies at the till are deemed filed at once; of 2, 3 and 24 hours one was late; nine of ten took 3 + 0.8 * 21
    assert kinds["异地就医备案"] == ["5", "3", "1", "1", "1", "66.7%", "3.0 小时", "19.8 小时"]
    # both reviews count for the time: 2 hours, and none at all
    assert kinds["手工报销"] == ["1", "1", "0", "0", "0", "100.0%", "2.0 小时", "2.0 小时"]
    assert kinds["合计"][:5] == ["6", "4", "1", "1", "1"]
    assert month["reasons"] == [["异地就医备案", UNCLEAR, "1"]]
    # 80 % of what is beyond 1 000, of 11 000 at the till and of 20 000 claimed; the reversed bill takes itself off
    assert month["paid"] == [
        ["直接结算", "2", "1", "11000.00", "8000.00", "0.00", "3000.00"],
        ["手工报销", "1", "0", "20000.00", "15200.00", "0.00", "4800.00"],
        ["合计", "3", "1", "31000.00", "23200.00", "0.00", "7800.00"],
    ]
    assert [row for row in month["days"] if row[1] or row[2]] == [["02-03", 5, 3], ["02-06", 1, 2]]
    assert month["running"] == ""


def test_the_pdf_says_what_the_page_says(supervisor):
    month = shown(supervisor, month="2026-02")
    page = supervisor.get(f"{ADDRESS}/", {"month": "2026-02"}).content.decode()

    answer = supervisor.get(f"{ADDRESS}.pdf", {"month": "2026-02"})

    text = read(answer.content)
    assert answer["Content-Type"] == "application/pdf"
    assert "重庆市2026年2月" in text
    assert "本月未结束" not in text
    for row in (*month["speed"], *month["kinds"], *month["reasons"], *month["paid"]):
        assert "".join(row).replace(" ", "") in text
        assert all(cell in page for cell in row)
    for day, came, went in month["days"]:
        assert day in text
        assert f"{came}/{went}" in text


def test_a_month_that_is_not_over_is_marked(supervisor):
    month = shown(supervisor)

    assert (month["month"], month["running"]) == ("2026年3月", "本月尚未结束，数字截至生成时间。")
    assert month["days"] == [["03-02", 0, 0]]
    assert "本月尚未结束" in read(supervisor.get(f"{ADDRESS}.pdf").content)
    assert supervisor.get(f"{ADDRESS}/", {"month": "2026-04"}).status_code == 404


def read(content):
    """The text of a PDF, without the space between its parts."""
    document = pypdfium2.PdfDocument(content)
    return re.sub(r"\s", "", "".join(page.get_textpage().get_text_bounded() for page in document))


def test_supervisors_read_their_own_area_and_administrators_each(supervisor):
    elsewhere, every = signed_in(make.supervisor("410100")), signed_in(make.staff(Role.ADMIN))

    assert shown(elsewhere, month="2026-02", area=make.CHONGQING)["kinds"][-1][1] == "0"
    assert shown(every, month="2026-02")["area"] == "全国"
    assert shown(every, month="2026-02", area=make.CHONGQING)["kinds"] == shown(supervisor, month="2026-02")["kinds"]
    assert every.get(f"{ADDRESS}/", {"area": "nowhere"}).status_code == 404


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.HOSPITAL])
def test_nobody_else_reads_it(role):
    hospital = make.institution("H50010000001", place=make.CHONGQING) if role == Role.HOSPITAL else None
    client = signed_in(make.staff(role, institution=hospital))

    assert client.get(f"{ADDRESS}/").status_code == 403
    assert client.get(f"{ADDRESS}.pdf").status_code == 403


def test_a_month_is_counted_by_the_same_questions_however_much_there_was(supervisor):
    few = asked(supervisor)
    pattern = Submission.objects.filter(kind="filing").first().filing
    rows = [another(pattern) for _row in range(1000)]
    copy(rows, model=Submission)
    copy(rows)

    assert asked(supervisor) == few <= 20
    assert shown(supervisor, month="2026-02")["kinds"][0][1] == "1005"


def asked(client):
    client.get(f"{ADDRESS}/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"{ADDRESS}/", {"month": "2026-02"}).status_code == 200
    return len(queries)


def test_the_report_is_set_for_an_area_without_anything():
    assert report.pdf(report.texts(make.area("320100"), make.moment("2026-02-01 00:00").date())).startswith(b"%PDF")
