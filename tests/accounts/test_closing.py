"""Closing an account: what names the person is erased, what was done stays on record."""

import pytest
from knox.models import AuthToken

from accounts import services
from accounts.models import Account, Enrollment, IdempotencyRecord, Mandate, MandateStatus, Message, Person, Role
from accounts.services.accounts import account_closed
from core import hooks
from reviews import materials
from reviews import services as queue
from reviews.models import Material
from tests import factories
from tests.factories import api, citizen, enrollment, person, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def client():
    """Signed in as sandbox:wang."""
    token = api().post("/api/v1/auth/wechat/", {"code": "sandbox:wang"}).json()["token"]
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture
def account(client):
    return Account.objects.get(nickname="wang")


def close(client):
    response = client.delete("/api/v1/account/")
    assert response.status_code == 204


def test_everything_that_names_the_person_is_erased(client, account):
    services.tell(account, key="k", kind="test", title="标题", text="正文")
    client.post("/api/v1/messages/00000000-0000-7000-8000-000000000000/read/", headers={"Idempotency-Key": "k"})

    close(client)

    account.refresh_from_db()

    assert (account.nickname, account.openid, account.name, account.openid_hash) == ("", "", "", None)
    assert not account.is_active
    assert account.closed_at
    for kept in (AuthToken.objects, Message.objects, IdempotencyRecord.objects):
        assert not kept.exists()
    assert client.get("/api/v1/account/").status_code == 401


def test_the_same_wechat_user_starts_afresh(client, account):
    close(client)

    again = api().post("/api/v1/auth/wechat/", {"code": "sandbox:wang"})

    assert again.status_code == 200
    assert again.json()["account"]["id"] != str(account.id)


def test_mandates_end_and_the_other_side_is_told(client, account):
    mother = person("王秀兰")
    hers = citizen(mother)
    factories.mandate(account, mother, proof="approval")

    close(client)

    mandate = Mandate.objects.get(account=account)

    assert (mandate.status, mandate.ended_by) == (MandateStatus.ENDED, account)
    assert list(Message.objects.values_list("account", "kind")) == [(hers.id, "mandate_ended")]


def test_person_of_others_stays(client, account):
    mother = person("王秀兰")
    citizen(mother)
    factories.mandate(account, mother)

    close(client)

    assert Person.objects.get() == mother


def test_person_about_whom_nothing_is_on_record_is_forgotten(client, account):
    enrolled = enrollment(person("王秀兰"))
    factories.mandate(account, enrolled.person, relation="self")

    close(client)

    assert not Person.objects.exists()
    assert not Enrollment.objects.exists()
    assert not Mandate.objects.exists()


def test_what_was_filed_stays_on_record(client, account):
    me = enrollment(person("王秀兰"))
    factories.mandate(account, me.person, relation="self")
    filing = factories.draft(me, account=account)

    close(client)

    filing.refresh_from_db()

    assert filing.person.name == "王秀兰"
    assert filing.mandate.status == MandateStatus.ENDED
    assert filing.applicant == account


def test_drafts_end_but_not_those_others_carry_on(client, account):
    alone, shared = enrollment(person("王秀兰")), enrollment(person("王小丽"))
    for one in (alone, shared):
        factories.mandate(account, one.person)
    factories.citizen(shared.person)
    drafts = [factories.draft(one, account=account) for one in (alone, shared)]
    handed_in = factories.submitted(alone, account=account, to=factories.TIANJIN)

    close(client)

    assert [type(row).objects.get(pk=row.pk).status for row in (*drafts, handed_in)] == [
        "withdrawn",
        "draft",
        "submitted",
    ]


def test_an_agent_who_left_is_told_nothing_more(client, account):
    """What was filed without a mandate goes on; nothing of it reaches the closed account."""
    filing = factories.submitted(enrollment(), account=account)

    assert filing.mandate is None

    close(client)
    queue.approve(filing, reviewer=factories.reviewer())

    assert list(Message.objects.values_list("account", "person")) == [(None, filing.person_id)]


def test_uploads_nobody_uses_go_with_the_account(client, account):
    factories.material(account)
    materials.purge()  # files that other tests left lie about

    close(client)

    assert materials.purge() == 1
    assert not Material.objects.exists()


def test_higher_apps_hear_of_it(client, account):
    heard = []
    account_closed.follow(heard.append)

    try:
        close(client)
    finally:
        hooks.followers[account_closed.name].remove(heard.append)

    assert heard == [account]


def test_other_accounts_are_left_alone(client):
    other = api().post("/api/v1/auth/wechat/", {"code": "sandbox:li"}).json()

    close(client)

    assert AuthToken.objects.count() == 1
    assert Account.objects.get(id=other["account"]["id"]).is_active


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN])
def test_staff_do_not_close_themselves(role):
    member = staff(role)

    response = api(member).delete("/api/v1/account/")

    assert (response.status_code, response.json()["errors"][0]["code"]) == (403, "staff_account")

    member.refresh_from_db()

    assert member.is_active
