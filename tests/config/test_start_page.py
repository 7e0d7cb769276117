"""The first page of the staff's site: to each role its own figures, and behind each figure a list of as many cases."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from accounts.models import Role
from reviews import services
from reviews.models import Submission
from reviews.services import Actor
from tests import factories as make
from tests.claims.claiming import HOSPITAL, approved, claimed
from tests.load.population import copy
from tests.monday import at, monday  # noqa: F401
from tests.reviews.test_worklist_queries import another

pytestmark = pytest.mark.usefixtures("monday", "human")
AREA = "520100"
TILE = re.compile(r'<a href="([^"]+)" class="[^"]*yd-tile.*?text-2xl[^>]*>\s*(\d+)\s*</div>', re.DOTALL)
CHIP = re.compile(r'<a href="([^"]+)">[^<]*<b>(\d+)</b></a>')
CELL = re.compile(r'<a class="yd-link" href="([^"]+)">(\d+)</a>')


@pytest.fixture
def human(settings):
    settings.REVIEW_MODE = "human"


def signed_in(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def handed_in(text, code=AREA):
    with at(text):
        return make.submitted(make.enrollment(code=code))


@pytest.fixture
def reviewer():
    """A reviewer with a busy area: cases open, late, due today; decided by three, today and before; returned with a code."""
    mine, other = make.reviewer(AREA), make.reviewer(AREA)
    for text in ("2026-02-25 10:00", "2026-02-27 10:00", "2026-02-27 11:00", "2026-03-02 09:00"):
        handed_in(text)
    services.assign(handed_in("2026-03-02 09:30"), reviewer=mine)
    services.approve(handed_in("2026-02-27 09:00"), reviewer=mine)
    with at("2026-02-27 10:00"):
        returned = handed_in("2026-02-26 09:00")
        services.return_for_correction(returned, reviewer=mine, reason="不清", code="unclear")
        services.reject(handed_in("2026-02-26 09:00"), reviewer=other, reason="不符")
        services.return_for_correction(handed_in("2026-02-26 09:00"), reviewer=other, reason="自拟")
    with at("2026-02-28 10:00"):
        services.resubmit(returned, actor=Actor(returned.applicant, returned.mandate))
        services.approve(returned, reviewer=other)
        services.approve(handed_in("2026-02-24 09:00"), reviewer=other)
    handed_in("2026-02-27 10:00", "410100")
    return mine


def figures(page):
    """Every figure that opens a list, as (address, count)."""
    found = [pair for pattern in (TILE, CHIP, CELL) for pair in pattern.findall(page)]
    return [(unescape(address), int(count)) for address, count in found]


def counted(client, address):
    return client.get(address).context["cl"].result_count


@pytest.mark.parametrize(("role", "least"), [(Role.REVIEWER, 12), (Role.SUPERVISOR, 16), (Role.ADMIN, 20)])
def test_every_figure_opens_a_list_of_as_many_cases(reviewer, role, least):
    account = reviewer if role == Role.REVIEWER else make.staff(role, code=AREA)
    client = signed_in(account)

    shown = figures(client.get("/admin/").content.decode())

    assert len(shown) >= least
    assert {address: counted(client, address) for address, _count in shown} == dict(shown)
    assert sum(count for _address, count in shown)


def test_what_the_figures_are(reviewer):
    desk = signed_in(reviewer).get("/admin/").context["desk"]

    assert [(one["label"], one["value"]) for one in (*desk["waiting"], *desk["today"], *desk["hours"])] == [
        ("我承办的", 1), ("今日到期", 2), ("已超期", 1), ("待分配", 4), ("全部待审", 5), ("我今天办理", 1), ("17:00–18:00", 2),
    ]  # fmt: skip
    # 9, 9, 9, 17 and 33 hours; what was decided in the moment it came back took no time
    assert [(one["label"], one["value"]) for one in desk["period"]] == [
        ("收件", 10), ("办结或终止", 4), ("按时率", "80.0%"), ("超时决定的件数", 1), ("用时中位数", "9.0 小时"), ("九成在此用时内", "26.6 小时"),
    ]  # fmt: skip
    reasons = [(strip_tags(text).split()[0], strip_tags(cases)) for _kind, text, cases in desk["reasons"]]
    assert reasons == [("自行填写的理由", "1"), ("系统核查", "1")]


def test_reviewers_see_no_colleague_s_load_and_no_other_area(reviewer):
    desk = signed_in(reviewer).get("/admin/").context["desk"]

    assert (desk["loads"], desk["areas"]) == ([], [])
    assert signed_in(make.reviewer("410100")).get("/admin/").context["desk"]["waiting"][-1]["value"] == 1


def test_an_empty_area_says_why_it_is_empty(db):
    page = signed_in(make.supervisor("320100")).get("/admin/").content.decode()

    assert "还没有数字" in page


def test_a_hospital_sees_its_own_referrals_and_bills_alone(reviewer):
    page = signed_in(make.staff(Role.HOSPITAL, institution=make.institution())).get("/admin/")

    assert "desk" not in page.context
    assert [part["title"] for part in page.context["own"]] == ["本院开具的转诊", "本院今天的结算"]
    for part in page.context["own"]:
        for one in part["cards"]:
            assert page.client.get(one["href"]).status_code == 200


def test_finance_sees_what_is_to_be_paid():
    make.institution(HOSPITAL)
    patient = make.enrollment()
    paid = approved(claimed(make.citizen(patient.person), patient))
    client = signed_in(make.finance())

    page = client.get("/admin/")

    (part,) = page.context["own"]
    assert [(one["label"], one["value"]) for one in part["cards"]] == [
        ("待支付", 1), ("已生成、未登记支付的批次", 0), ("银行退回，待更正账户", 0),
    ]  # fmt: skip
    assert part["cards"][0]["note"] == f"{paid.settlement.fund:,} 元"
    assert all(client.get(one["href"]).status_code == 200 for one in part["cards"])


def test_a_figure_that_means_nothing_is_refused(reviewer):
    client = signed_in(reviewer)

    for nonsense in ("nothing", "hour:x", "hour:30", "by:x"):
        assert client.get(f"/admin/reviews/submission/?figure={nonsense}").status_code == 302


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN])
def test_the_page_asks_the_same_questions_however_long_the_queue_is(role):
    client = signed_in(make.staff(role, code=AREA))
    pattern = handed_in("2026-03-02 09:00")
    services.approve(handed_in("2026-03-02 09:00"), reviewer=make.reviewer(AREA))
    few = asked(client)

    rows = [another(pattern) for _row in range(999)]
    copy(rows, model=Submission)
    copy(rows)

    assert asked(client) == few <= 20
    assert client.get("/admin/").context["desk"]["waiting"][-1]["value"] == 1000


def asked(client):
    client.get("/admin/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/admin/").status_code == 200
    return len(queries)
