"""The inbox: told once, shown to its owner, read once."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction

from accounts import services
from accounts.models import Message, PushStatus, Role
from core.clock import standing_at
from tests.factories import api, citizen, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def tell(account, key="k", **more):
    said = {"kind": "approved", "title": "异地就医备案已通过", "text": "您的备案已通过。"} | more
    return services.tell(account, key=key, **said)


def inbox(account, **query):
    return api(account).get("/api/v1/messages/", query).json()


def test_message_is_shown_as_the_contract_says(noon):
    account, submission = citizen(), uuid.uuid4()

    message = tell(account)
    Message.objects.update(submission=submission, submission_kind="filing")

    assert inbox(account) == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "id": str(message.id),
                "kind": "approved",
                "title": "异地就医备案已通过",
                "text": "您的备案已通过。",
                "submission": str(submission),
                "submission_kind": "filing",
                "reason": "",
                "created_at": noon.isoformat(),
                "read_at": None,
            }
        ],
    }


def test_telling_twice_under_one_key_tells_once():
    account = citizen()

    first = tell(account)

    again = tell(account, text="另一句")

    assert again.id == first.id
    assert (again.text, Message.objects.count()) == ("您的备案已通过。", 1)


def test_same_key_for_another_account_is_another_message():
    assert tell(citizen()).id != tell(citizen()).id


def test_message_of_a_transaction_that_failed_is_not_told():
    account = citizen()

    with transaction.atomic():
        tell(account)
        transaction.set_rollback(True)

    assert inbox(account)["results"] == []


def test_newest_first_and_paged(noon):
    account = citizen()
    for hour in range(3):
        with standing_at(noon + timedelta(hours=hour)):
            tell(account, key=f"k{hour}", title=f"第{hour}条")

    page = inbox(account, page_size=2)

    assert [row["title"] for row in page["results"]] == ["第2条", "第1条"]
    assert (page["count"], page["previous"]) == (3, None)
    assert [row["title"] for row in inbox(account, page_size=2, page=2)["results"]] == ["第0条"]


def test_reading_is_noted_once(noon):
    account = citizen()
    address = f"/api/v1/messages/{tell(account).id}/read/"

    first = api(account).post(address)

    with standing_at(noon + timedelta(hours=1)):
        again = api(account).post(address)

    assert first.json()["read_at"] == noon.isoformat()
    assert again.json() == first.json()


def test_unread_are_counted():
    account = citizen()
    read = tell(account, key="read")
    tell(account, key="unread")

    api(account).post(f"/api/v1/messages/{read.id}/read/")

    assert inbox(account)["count"] == 2
    assert inbox(account, unread="true", page_size=1)["count"] == 1
    assert api(account).get("/api/v1/account/").json()["unread"] == 1


def test_messages_of_others_do_not_exist():
    message, stranger = tell(citizen()), citizen()

    response = api(stranger).post(f"/api/v1/messages/{message.id}/read/")

    assert inbox(stranger)["results"] == []
    assert (response.status_code, response.json()["errors"][0]["code"]) == (404, "not_found")

    message.refresh_from_db()

    assert message.read_at is None


def test_staff_have_an_inbox_too():
    member = staff(Role.SUPERVISOR)

    tell(member)

    assert inbox(member)["count"] == 1


def test_new_message_waits_for_its_wechat_notice():
    assert tell(citizen()).push == PushStatus.WAITING


@pytest.mark.parametrize(("count", "queries"), [(10, 2), (1000, 3)])  # token, messages; count, where there is more
def test_queries_of_the_list_do_not_grow(django_assert_num_queries, count, queries):
    account = citizen()
    text = services.Text("approved", "标题", "正文")
    Message.objects.bulk_create([services.compose(account, text, key=str(n)) for n in range(count)])
    client = api(account)

    with django_assert_num_queries(queries):
        page = client.get("/api/v1/messages/?page_size=100").json()

    assert (page["count"], len(page["results"])) == (count, min(count, 100))
