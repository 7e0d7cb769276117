"""The reviewers' pages cost a fixed number of queries: the same for ten rows and for a thousand."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import clock
from reviews import services
from reviews.models import Decision, SecondReview, Submission
from reviews.services import Actor
from tests import factories as make
from tests.load import population

pytestmark = pytest.mark.usefixtures("monday")

WORKLIST = reverse("admin:reviews_submission_changelist")
CITIES = ("510100", "520100", "530100", "610100", "320100", "330100", "340100", "350200", "360100", "370100")


def signed_in(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def queries(act):
    with CaptureQueriesContext(connection) as captured:
        answer = act()
    assert answer.status_code == 200
    return len(captured), answer


@pytest.fixture
def waiting():
    """Fill the queue up to so many waiting cases, each of another matter, a third of them in somebody's hands."""
    for code in (*CITIES, population.AREA):
        make.area(code)
    colleague = make.reviewer()

    def fill(count):
        population.fill(count, seed=count)
        Submission.objects.update(status="submitted", due_at=make.moment("2026-03-02 17:00"), decided_at=None)
        third = Submission.objects.order_by("number").values_list("pk", flat=True)[: count // 3]
        Submission.objects.filter(pk__in=list(third)).update(assignee=colleague)

    return fill


@pytest.mark.parametrize("queue", ["open", "unassigned", "today", "all"])
def test_the_worklist_costs_the_same_for_fifty_and_for_a_thousand(waiting, queue):
    client = signed_in(make.reviewer())
    client.get(WORKLIST)
    waiting(50)
    fifty, short = queries(lambda: client.get(WORKLIST, {"queue": queue}))
    waiting(1000)

    thousand, long = queries(lambda: client.get(WORKLIST, {"queue": queue}))

    assert len(short.context["cl"].result_list) == len(long.context["cl"].result_list) == 25
    assert long.context["cl"].result_count > 600
    # the session and its account; the keys of the page, its rows with their joins; the counts of the five tabs in one, and of 全部申请
    # its own; one's views; what the filters offer: findings, colleagues, places
    expected = 10 if queue == "all" else 9
    assert (fifty, thousand) == (expected, expected)


def test_the_worklist_costs_the_same_for_one_row_and_for_a_full_page(waiting):
    client = signed_in(make.reviewer())
    make.submitted()
    one, _page = queries(lambda: client.get(WORKLIST))
    waiting(50)

    full, _page = queries(lambda: client.get(WORKLIST))

    assert one == full


def test_a_case_costs_the_same_whatever_happened():
    filing, colleague = make.submitted(), make.reviewer()
    client = signed_in(colleague)
    page = reverse("admin:reviews_submission_change", args=[filing.pk])
    client.get(page)  # from the first opening on, somebody is at it
    few, _page = queries(lambda: client.get(page))

    for _number in range(5):
        make.material(filing.applicant, submission=filing)
        services.assign(filing, reviewer=colleague)
        services.return_for_correction(filing, reviewer=colleague, reason="请补充材料")
        services.resubmit(filing, actor=Actor(filing.applicant, filing.mandate))
    for code in CITIES[1:]:  # the first needs no filing from here
        make.submitted(filing.enrollment, account=filing.applicant, to=code)

    many, shown = queries(lambda: client.get(page))

    assert len(shown.context["shown"]["events"]) == 17
    assert len(shown.context["scans"]) == 5
    assert len(shown.context["history"].rows) == 8
    assert (few, many) == (19, 20)  # once something was decided, its second reviews are asked for, too


def test_deciding_costs_a_fixed_number_of_statements():
    """Lock, row, agents, holders, prepared reasons, followers, what is reviewed twice; two tables updated in one; note, decision, event and messages written in one."""
    filing, colleague = make.submitted(), make.reviewer(identity_hash="a" * 64)
    for _number in range(10):
        make.mandate(make.citizen(), filing.person)

    with CaptureQueriesContext(connection) as captured, clock.standing_at(clock.now()):
        services.approve(filing, reviewer=colleague, reason="材料齐全")

    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 9


@pytest.mark.parametrize(
    ("tab", "verdict"), [("", ""), ("disputed", "disagreed"), ("mine", "agreed"), ("all", "agreed")]
)
def test_the_second_reviews_cost_the_same_for_ten_and_for_a_thousand(waiting, tab, verdict):
    client = signed_in(make.supervisor())
    page, colleague = reverse("admin:reviews_secondreview_changelist"), make.reviewer()
    waiting(1000)
    looked_at_again(10, by=colleague, verdict=verdict, looker=client)
    client.get(page)
    ten, short = queries(lambda: client.get(page, {"tab": tab}))
    looked_at_again(990, by=colleague, verdict=verdict, looker=client)

    thousand, long = queries(lambda: client.get(page, {"tab": tab}))

    assert (short.context["cl"].result_count, long.context["cl"].result_count) == (10, 1000)
    assert len(long.context["cl"].result_list) == 30
    # the session, the account; the count, the rows with case, decision and who looked at it
    assert ten == thousand <= 6


def looked_at_again(count, *, by, verdict, looker):
    """So many more second reviews; those with a verdict by whoever looks at the list."""
    keys = Submission.objects.exclude(decisions__round=2).order_by("pk").values_list("pk", flat=True)[:count]
    moment = clock.now()
    common = {"round": 2, "stage": 1, "reviewer": by, "outcome": "approved", "decided_at": moment}
    decisions = Decision.objects.bulk_create(
        Decision(submission_id=key, area_id=population.AREA, **common) for key in [*keys]
    )
    said = {"verdict": verdict, "reviewer_id": looker.session["_auth_user_id"], "at": moment} if verdict else {}
    SecondReview.objects.bulk_create(
        SecondReview(decision=row, area_id=population.AREA, why="sampled", drawn_at=moment, **said) for row in decisions
    )
