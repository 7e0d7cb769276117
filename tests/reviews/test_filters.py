"""The worklist is narrowed by what a reviewer looks for, shows what matters of a kind, and keeps views of one's own."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import clock
from reviews import services
from reviews.admin import lists, views
from reviews.models import SavedView, Submission
from tests import factories as make
from tests.reviews.test_worklist_queries import queue_up

pytestmark = pytest.mark.django_db
WORKLIST = "admin:reviews_submission_changelist"


def site(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def reviewer():
    return make.reviewer("520100")


def listed(client, **asked):
    answer = client.get(reverse(WORKLIST, query=asked))
    assert answer.status_code == 200, answer.url
    return {row.number for row in answer.context_data["cl"].result_list}


def case(checks=(), **fields):
    row = make.submitted(make.enrollment(code="520100"))
    Submission.objects.filter(pk=row.pk).update(checks=list(checks), **fields)
    return row.number


def found(code, level="warning"):
    return {"code": code, "level": level, "message": f"{code} 的说明", "fields": []}


def test_by_what_was_found(reviewer):
    doubtful, told, clean = case([found("late")]), case([found("known", "info")]), case()
    client = site(reviewer)

    assert listed(client, finding="doubt") == {doubtful}
    assert listed(client, finding="clean") == {told, clean}
    assert listed(client, finding="late") == {doubtful}
    assert "late 的说明" in client.get(reverse(WORKLIST)).content.decode()


def test_what_is_offered_is_written_anew_when_it_changes(reviewer):
    client = site(reviewer)
    before = client.get(reverse(WORKLIST)).content.decode()

    case([found("late")])
    colleague = make.reviewer("520100")
    after = client.get(reverse(WORKLIST)).content.decode()

    assert ("late 的说明" in before, "late 的说明" in after) == (False, True)
    assert (str(colleague.pk) in before, str(colleague.pk) in after) == (False, True)
    assert str(colleague.pk) not in site(make.reviewer("510100")).get(reverse(WORKLIST)).content.decode()


def test_by_who_has_it_in_hand(reviewer):
    colleague = make.reviewer("520100")
    mine, theirs, free = case(assignee=reviewer), case(assignee=colleague), case()
    client = site(reviewer)

    assert listed(client, assignee="me") == {mine}
    assert listed(client, assignee=str(colleague.pk)) == {theirs}
    assert listed(client, assignee="none") == {free}


def test_by_where_it_leads(reviewer):
    number = case()  # to 北京
    client = site(reviewer)

    assert listed(client, destination="110000") == listed(client, destination="110100") | {number} == {number}
    assert listed(client, destination="510000") == set()


def test_by_how_it_came(reviewer):
    online, called = case(), case(channel="telephone")
    client = site(reviewer)

    assert listed(client, channel__exact="telephone") == {called}
    assert listed(client, channel__exact="online") == {online}
    page = client.get(reverse(WORKLIST)).content.decode()
    assert '<option value="counter"' in page or "channel__exact=counter" in page
    assert "field-came_by" in page


def test_by_the_day_it_came(reviewer):
    noon = clock.now().replace(hour=12)
    before, day, after = (case(submitted_at=noon + timedelta(days=days)) for days in (-1, 0, 1))
    client, today = site(reviewer), f"{noon.astimezone(clock.SHANGHAI):%Y-%m-%d}"

    assert listed(client, submitted_at_from=today, submitted_at_to=today) == {day}
    assert listed(client, submitted_at_from=today) == {day, after}
    assert listed(client, submitted_at_to=today) == {before, day}


def test_by_the_review_it_waits_for(reviewer):
    first, last = case(stages=2), case(stages=2, stage=2)
    case()
    client = site(reviewer)

    assert (listed(client, stage="1"), listed(client, stage="2")) == ({first}, {last})


@pytest.mark.parametrize(
    "asked",
    [
        {"assignee": "nobody in particular"},
        {"destination": "北京"},
        {"stage": "x"},
        {"submitted_at_from": "yesterday"},
        {"submitted_at_to": "9999-99-99"},
        {"kind__exact": "marriage"},
    ],
)
def test_what_means_nothing_shows_nobody_elses_rows(reviewer, asked):
    case()
    other = make.submitted(make.enrollment(code="510100"))
    client = site(reviewer)

    answer = client.get(reverse(WORKLIST, query=asked), follow=True)

    assert answer.status_code == 200
    assert other.number not in answer.content.decode()


def test_a_list_of_one_kind_shows_what_matters_of_it(reviewer):
    case()
    client = site(reviewer)
    mixed = client.get(reverse(WORKLIST)).content.decode()
    own = client.get(reverse(WORKLIST, query={"kind__exact": "filing"})).content.decode()

    assert "内容" in mixed
    assert "备案类型" not in mixed
    assert all(label in own for label in ("就医地", "备案类型", "起止", "北京市"))


def test_counts_are_exact_up_to_a_cap(reviewer, monkeypatch):
    queue_up(4)
    client = site(reviewer)
    tabs = {str(tab["label"]): tab["count"] for tab in client.get(reverse(WORKLIST)).context_data["tabs"]}
    assert tabs["全部待审"] == "4"

    monkeypatch.setattr(lists, "COUNT_UP_TO", 3)

    tabs = {str(tab["label"]): tab["count"] for tab in client.get(reverse(WORKLIST)).context_data["tabs"]}
    assert tabs["全部待审"] == "3+"


@pytest.mark.parametrize("asked", [{}, {"finding": "clean"}, {"destination": "110000", "kind__exact": "filing"}])
def test_it_asks_the_same_number_of_questions(reviewer, asked):
    client, address = site(reviewer), reverse(WORKLIST, query=asked)
    queue_up(10)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)

    queue_up(990)

    with CaptureQueriesContext(connection) as many:
        assert len(client.get(address).context_data["cl"].result_list) == 25
    assert len(many) == len(few)


# Views of one's own


def save(client, name, query):
    return client.post(reverse("admin:save_view"), {"name": name, "query": query})


def test_a_view_is_kept_opened_renamed_and_deleted(reviewer):
    client = site(reviewer)
    save(client, "有疑点", "finding=doubt&queue=open&p=3")
    kept = SavedView.objects.get()
    shown = client.get(f"{reverse(WORKLIST)}?{kept.query}")
    assert kept.query == "finding=doubt&queue=open"
    assert 'aria-current="page">有疑点' in " ".join(shown.content.decode().split()).replace(
        'aria-current="page" >', 'aria-current="page">'
    )

    client.post(reverse("admin:change_view", args=[kept.pk]), {"name": "先看这些"})
    assert SavedView.objects.get().name == "先看这些"

    client.post(reverse("admin:change_view", args=[kept.pk]), {"delete": "1"})
    assert not SavedView.objects.exists()


def test_the_same_name_keeps_the_newer_filters(reviewer):
    client = site(reviewer)
    save(client, "我的", "queue=mine")
    save(client, "我的", "queue=today")

    assert SavedView.objects.get().query == "queue=today"


def test_whom_one_looked_for_is_never_kept(reviewer):
    client = site(reviewer)
    person = make.person()

    save(client, "某人", f"q={person.id_number}&person__id__exact={person.pk}&status__exact=approved")

    assert SavedView.objects.get().query == "status__exact=approved"


@pytest.mark.parametrize(("name", "query"), [("", "queue=mine"), ("无条件", ""), ("太长", "x=" + "y" * 600)])
def test_what_cannot_be_kept_says_so(reviewer, name, query):
    client = site(reviewer)

    answer = save(client, name, query)

    assert "请先筛选" in client.get(answer.url, follow=True).content.decode()
    assert not SavedView.objects.exists()


def test_so_many_and_no_more(reviewer, monkeypatch):
    monkeypatch.setattr(views, "MOST", 1)
    client = site(reviewer)
    save(client, "一", "queue=mine")

    save(client, "二", "queue=today")

    assert [row.name for row in SavedView.objects.all()] == ["一"]


def test_views_of_others_do_not_exist(reviewer):
    save(site(reviewer), "我的", "queue=mine")
    kept = SavedView.objects.get()
    other = site(make.reviewer("520100"))

    assert other.post(reverse("admin:change_view", args=[kept.pk]), {"delete": "1"}).status_code == 404
    assert "我的</a>" not in other.get(reverse(WORKLIST)).content.decode()


def test_a_name_that_is_taken_is_refused(reviewer):
    client = site(reviewer)
    save(client, "一", "queue=mine")
    save(client, "二", "queue=today")

    client.post(reverse("admin:change_view", args=[SavedView.objects.get(name="二").pk]), {"name": "一"})

    assert sorted(row.name for row in SavedView.objects.all()) == ["一", "二"]


def test_a_case_taken_in_hand_is_found_by_its_reviewer(reviewer):
    row = make.submitted(make.enrollment(code="520100"))

    services.assign(row, reviewer=reviewer)

    assert listed(site(reviewer), assignee="me") == {row.number}


# Searching


def search(client, term, page=WORKLIST, **filters):
    return client.post(reverse(page, query=filters), {"_search": term})


def test_an_identity_number_never_stands_in_an_address(reviewer):
    row, client = make.submitted(make.enrollment(code="520100")), site(reviewer)
    case()

    answer = search(client, f" {row.person.id_number.lower()} ", kind__exact="filing")

    assert row.person.id_number not in answer.url
    page = client.get(answer.url)
    assert {shown.number for shown in page.context_data["cl"].result_list} == {row.number}
    assert row.person.id_number not in page.content.decode()
    assert "按证件号码查找" in page.content.decode()
    assert "kind__exact=filing" in answer.url


def test_a_number_of_a_case_is_searched_for_in_every_tab(reviewer):
    row, client = make.submitted(make.enrollment(code="520100")), site(reviewer)
    services.approve(row, reviewer=reviewer)

    answer = search(client, row.number, queue="open", p="3")

    assert "queue=" not in answer.url
    assert {shown.number for shown in client.get(answer.url).context_data["cl"].result_list} == {row.number}


@pytest.mark.parametrize("page", ["accounts_person", "accounts_mandate"])
def test_persons_and_mandates_are_found_so_too(page):
    owner = make.person()
    make.citizen(owner)
    make.citizen(make.person())
    client = site(make.staff("admin"))

    answer = search(client, owner.id_number, f"admin:{page}_changelist")

    assert owner.id_number not in answer.url
    assert client.get(answer.url).context_data["cl"].result_count == 1


def test_an_eighteen_letter_word_is_searched_for_as_it_is():
    answer = search(site(make.staff("admin")), "abcdefghijklmnopqr", "admin:accounts_account_changelist")

    assert answer.url.endswith("?q=abcdefghijklmnopqr")


def test_an_empty_search_shows_all_again(reviewer):
    assert search(site(reviewer), " ", queue="mine").url == f"{reverse(WORKLIST)}?"
