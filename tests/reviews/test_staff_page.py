"""人员与负荷: a supervisor sees and looks after the colleagues of their own area, and nobody else's."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import Account, Role, StaffChange
from accounts.services import locked_out
from core import clock
from reviews import services
from reviews.models import Absence, Submission
from tests import factories as make

pytestmark = pytest.mark.django_db
AREA = "520100"


def site(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def filing():
    return make.submitted(make.enrollment(code=AREA))


def rows(client):
    return {row["account"].pk: row for row in client.get(reverse("admin:staff")).context_data["rows"]}


def do(client, colleague, what, **given):
    return client.post(reverse("admin:staff"), {"account": str(colleague.pk), "do": what, **given}, follow=True)


@pytest.fixture
def supervisor():
    return make.supervisor(AREA)


def test_what_each_has_in_hand_and_decided(supervisor):
    colleague = make.reviewer(AREA)
    open_one, overdue = filing(), filing()
    for row in (open_one, overdue):
        services.assign(row, reviewer=colleague)
    Submission.objects.filter(pk=overdue.pk).update(due_at=clock.now() - timedelta(hours=1))
    services.approve(filing(), reviewer=colleague)

    row = rows(site(supervisor))[colleague.pk]

    assert (row["load"]["open"], row["load"]["overdue"], row["decided"], row["decided_today"]) == (2, 1, 1, 1)


def test_an_absence_is_entered_with_the_cases_given_back_and_ended(supervisor):
    colleague, row = make.reviewer(AREA, name="张敏"), filing()
    services.assign(row, reviewer=colleague)
    client, today = site(supervisor), clock.today().isoformat()

    page = do(
        client, colleague, "absence", first_day=today, last_day=today, reason="illness", release="1"
    ).content.decode()

    assert "已登记张敏的缺勤" in page
    assert "1 件已退回待分配" in page
    assert Submission.objects.get(pk=row.pk).assignee is None
    assert Absence.objects.absent([colleague.pk]) == {colleague.pk}
    assert "（病假）" in page

    do(client, colleague, "back")

    assert Absence.objects.absent([colleague.pk]) == set()


@pytest.mark.parametrize(
    "days",
    [
        {"reason": "leave"},
        {"first_day": "2026-11-30", "last_day": "2026-11-29", "reason": "leave"},
        {"first_day": "x", "last_day": "y", "reason": "leave"},
        {"first_day": "2026-11-30", "last_day": "2026-11-30"},
        {"first_day": "2026-11-30", "last_day": "2026-11-30", "reason": "holiday"},
    ],
)
def test_days_that_mean_nothing_are_refused(supervisor, days):
    do(site(supervisor), make.reviewer(AREA), "absence", **days)

    assert not Absence.objects.exists()


def test_a_colleague_is_switched_off_with_what_is_signed_in_and_on_again(supervisor):
    colleague = make.reviewer(AREA)
    AuthToken.objects.create(colleague)
    theirs = site(colleague)
    client = site(supervisor)

    do(client, colleague, "off")

    assert not Account.objects.get(pk=colleague.pk).is_active
    assert not AuthToken.objects.filter(user=colleague).exists()
    assert theirs.get(reverse("admin:reviews_submission_changelist")).status_code == 302
    do(client, colleague, "on")
    assert Account.objects.get(pk=colleague.pk).is_active


def test_nobody_switches_themselves_off(supervisor):
    do(site(supervisor), supervisor, "off")

    assert Account.objects.get(pk=supervisor.pk).is_active


def test_who_is_locked_out_is_shown_and_unlocked(supervisor):
    colleague = make.reviewer(AREA)
    wrong = {"username": colleague.username, "password": "wrong"}
    for _ in range(settings.AXES_FAILURE_LIMIT):
        make.api().post("/api/v1/auth/password/", wrong)
    client = site(supervisor)
    assert rows(client)[colleague.pk]["locked"]

    do(client, colleague, "unlock")

    assert not rows(client)[colleague.pk]["locked"]


@pytest.mark.parametrize("what", ["off", "on", "unlock", "release", "absence", "back"])
@pytest.mark.parametrize("who", ["other_area", "administrator"])
def test_of_others_there_is_nothing_to_do(supervisor, what, who):
    other = make.reviewer("510100") if who == "other_area" else make.staff(Role.ADMIN)
    today = date(2026, 11, 30).isoformat()

    answer = do(site(supervisor), other, what, first_day=today, last_day=today)

    assert answer.status_code == 404
    assert other.pk not in rows(site(supervisor))
    assert Account.objects.get(pk=other.pk).is_active


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN, Role.HOSPITAL])
def test_only_supervisors_have_the_page(role):
    fields = {"institution": make.institution()} if role == Role.HOSPITAL else {}

    assert site(make.staff(role, **fields)).get(reverse("admin:staff")).status_code == 403


def test_it_asks_the_same_number_of_questions(supervisor):
    client = site(supervisor)
    rows(client)
    with CaptureQueriesContext(connection) as few:
        rows(client)
    for _ in range(10):
        services.assign(filing(), reviewer=make.reviewer(AREA))

    with CaptureQueriesContext(connection) as many:
        assert len(rows(client)) == 11

    assert len(many) == len(few)


def test_an_administrator_unlocks_anybody():
    locked = make.reviewer(AREA)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        make.api().post("/api/v1/auth/password/", {"username": locked.username, "password": "wrong"})
    client = site(make.staff(Role.ADMIN))

    client.post(
        reverse("admin:accounts_account_changelist"), {"action": "unlock", "_selected_action": [str(locked.pk)]}
    )

    assert locked_out([locked]) == set()


def on_record(account):
    return [(row.what, row.by_id, row.fields) for row in StaffChange.objects.filter(account=account).order_by("id")]


def test_what_is_done_about_a_colleague_is_on_record_once_and_in_the_audit(supervisor):
    colleague, client, today = make.reviewer(AREA, name="张敏"), site(supervisor), clock.today().isoformat()
    for what in ("off", "off", "on", "absence", "back", "back", "unlock"):  # the second of each changes nothing
        do(client, colleague, what, first_day=today, last_day=today, reason="training")

    page = client.get(reverse("admin:audit"), {"act": "staff"}).content.decode()

    whys = [("off", []), ("on", []), ("away", ["training"]), ("back", [])]
    assert on_record(colleague) == [(what, supervisor.pk, why) for what, why in whys]
    assert "培训" in page
    assert all(f"张敏：{said}" in page for said in ("停用账户", "启用账户", "登记缺勤", "恢复在岗"))
    assert "解除登录锁定" not in page
    other = site(make.supervisor("510100")).get(reverse("admin:audit"), {"act": "staff"}).content.decode()
    assert "张敏" not in other


def test_what_an_administrator_changes_of_an_account_is_on_record():
    admin, colleague = make.staff(Role.ADMIN), make.reviewer(AREA, name="张敏")
    client, identity = site(admin), make.id_number()
    form = {
        "username": colleague.username,
        "name": "张敏敏",
        "nickname": colleague.nickname,
        "role": "reviewer",
        "kind": "id_card",
        "area": AREA,
    }

    answer = client.post(
        reverse("admin:accounts_account_change", args=[colleague.pk]),
        form | {"new_password": "Quiet-Harbour-2026", "identity": identity},
    )

    assert answer.status_code == 302
    assert on_record(colleague) == [
        ("off", admin.pk, []),
        ("password", admin.pk, []),
        ("changed", admin.pk, ["name", "identity"]),
    ]
    assert "张敏敏：修改账户资料（" in client.get(reverse("admin:audit"), {"act": "staff"}).content.decode()


def test_the_page_leads_to_the_month(supervisor):
    assert reverse("admin:monthly_report") in site(supervisor).get(reverse("admin:staff")).content.decode()
