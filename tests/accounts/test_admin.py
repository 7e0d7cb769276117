"""Staff accounts in the administrator's site: who they are, what they may become, and what ends with an old password."""

import pytest
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import Account, Role, id_hash
from tests import factories as make

pytestmark = pytest.mark.django_db

LIST = reverse("admin:accounts_account_changelist")
ADD = reverse("admin:accounts_account_add")
NUMBER = "110101195503070028"


@pytest.fixture
def office():
    client = Client()
    client.force_login(make.staff(Role.ADMIN), backend="django.contrib.auth.backends.ModelBackend")
    return client


def form(**given):
    usual = {
        "username": "cq-new",
        "nickname": "",
        "role": "reviewer",
        "area": make.area("500000").pk,
        "institution": "",
    }
    return usual | {"is_active": "on", "identity": NUMBER, "new_password": "correct-horse-7"} | given


def page(account):
    return reverse("admin:accounts_account_change", args=[account.pk])


def test_a_new_reviewer_is_known_by_the_number(office):
    answer = office.post(ADD, form())

    assert answer.status_code == 302

    made = Account.objects.get(username="cq-new")
    assert (made.identity_hash, made.id_number, made.check_password("correct-horse-7")) == (
        id_hash(NUMBER),
        NUMBER,
        True,
    )
    assert NUMBER not in office.get(page(made)).content.decode()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"identity": ""}, "identity"),
        ({"identity": "110101195503070027"}, "identity"),
        ({"role": "simulated"}, "role"),
        ({"role": "citizen"}, "role"),
        ({"new_password": ""}, "new_password"),
    ],
    ids=["nobody", "wrong check digit", "simulated", "citizen", "no password"],
)
def test_what_a_staff_account_may_not_be(office, given, field):
    answer = office.post(ADD, form(**given))

    assert list(answer.context["adminform"].form.errors) == [field]
    assert not Account.objects.filter(username="cq-new").exists()


def test_a_number_once_given_stays(office):
    office.post(ADD, form())
    made = Account.objects.get(username="cq-new")

    office.post(page(made), form(identity="", new_password="", nickname="小陈"))

    made.refresh_from_db()

    assert (made.nickname, made.identity_hash) == ("小陈", id_hash(NUMBER))


@pytest.mark.parametrize("given", [{"new_password": "another-horse-8"}, {"is_active": ""}], ids=["password", "off"])
def test_tokens_end_with_the_old_password_and_with_the_account(office, given):
    office.post(ADD, form())
    made = Account.objects.get(username="cq-new")
    client = make.api(made)

    office.post(page(made), form(identity="", **({"new_password": ""} | given)))

    assert client.get("/api/v1/account/").status_code == 401
    assert not AuthToken.objects.filter(user=made).exists()


def test_tokens_end_when_staff_change_their_own_password():
    member = make.reviewer()
    member.set_password("correct-horse-7")
    member.save()
    bearer, office = make.api(member), Client()

    office.force_login(member, backend="django.contrib.auth.backends.ModelBackend")

    assert "其他设备上的登录随即失效" in office.get(reverse("admin:password_change")).content.decode()

    typed = {"old_password": "correct-horse-7", "new_password1": "another-horse-8", "new_password2": "another-horse-8"}

    changed = office.post(reverse("admin:password_change"), typed)

    assert changed.status_code == 302
    assert bearer.get("/api/v1/account/").status_code == 401
    assert office.get("/admin/").status_code == 200


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.FINANCE])
def test_only_administrators_keep_staff(role):
    client = Client()

    client.force_login(make.staff(role), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(LIST).status_code == 403


def test_a_person_is_shown_with_what_the_register_says_of_each_enrolment(office):
    of = make.enrollment(make.person("沈美娟"), code="310000", category="retired", retired_year=2000)

    page = office.get(f"/admin/accounts/person/{of.person_id}/change/").content.decode()

    assert "退休年份" in page
    assert ">2000<" in "".join(page.split())
    assert "沈美娟" not in page
    assert 'name="enrollments-0-retired_year"' not in page
