"""Signing in to the staff's site in two steps, the page 登录安全, and codes asked again before money leaves."""

import time
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from accounts.models import Authenticator, Role, SignIn, StaffChange
from accounts.security import factor
from claims.models import PaymentBatch
from core import clock
from tests import factories as make
from tests.accounts.second_factor import code_of, enrolled, invited, wrong_code

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
LOGIN, CODE, ENROL, OWN, CONFIRM = (
    "/admin/login/",
    "/admin/login/code/",
    "/admin/login/enrol/",
    "/admin/security/",
    "/admin/security/confirm/",
)
WORKLIST = "/admin/reviews/submission/"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def with_password(account):
    account.set_password(PASSWORD)
    account.save()
    return account


@pytest.fixture
def reviewer():
    return with_password(make.reviewer())


def password(client, account, onward=""):
    return client.post(LOGIN + onward, {"username": account.username, "password": PASSWORD})


def is_in(client):
    return client.get(OWN).status_code == 200


def stale(client):
    """The code was given longer ago than it counts."""
    session = client.session
    session["second_factor_at"] = time.time() - django_settings.SECOND_FACTOR_SECONDS - 1
    session.save()


def test_the_password_alone_lets_nobody_in_who_enrolled(client, reviewer):
    enrolled(reviewer)

    answer = password(client, reviewer, "?next=/admin/reviews/submission/")

    assert (answer.status_code, answer["Location"]) == (302, CODE)
    assert not is_in(client)
    assert client.get(WORKLIST).status_code == 302
    answer = client.post(CODE, {"code": code_of(reviewer)})
    assert (answer.status_code, answer["Location"]) == (302, WORKLIST)
    assert is_in(client)
    assert [(row.door, row.factor) for row in SignIn.objects.all()] == [("site", "code")]


def test_a_wrong_code_is_told_and_lets_nobody_in(client, reviewer):
    enrolled(reviewer)
    password(client, reviewer)

    answer = client.post(CODE, {"code": wrong_code(reviewer)})

    assert answer.status_code == 401
    assert "动态验证码不正确或已使用过" in answer.content.decode()
    assert not is_in(client)


def test_without_the_password_there_is_no_second_step(client, reviewer):
    enrolled(reviewer)

    for page in (CODE, ENROL):
        assert client.get(page)["Location"] == LOGIN
        assert client.post(page, {"code": code_of(reviewer)})["Location"] == LOGIN
    assert not is_in(client)


@pytest.mark.parametrize("meanwhile", ["five minutes", "another password", "switched off"])
def test_the_second_step_ends_with_what_it_rests_on(client, reviewer, meanwhile):
    enrolled(reviewer)
    password(client, reviewer)
    if meanwhile == "five minutes":
        session = client.session
        session["half"] = {**session["half"], "until": time.time() - 1}
        session.save()
    else:
        reviewer.set_password("another long password")
        reviewer.is_active = meanwhile != "switched off"
        reviewer.save()

    assert client.post(CODE, {"code": code_of(reviewer)})["Location"] == LOGIN
    assert not is_in(client)


def test_nobody_is_sent_to_another_site_after_signing_in(client, reviewer):
    answer = password(client, reviewer, "?next=https://elsewhere.example/")

    assert answer["Location"] == "/admin/"


def test_in_the_sandbox_whoever_did_not_enrol_goes_on(client, reviewer):
    assert password(client, reviewer)["Location"] == "/admin/"
    assert is_in(client)


def test_where_it_is_required_it_is_set_up_while_signing_in(client, reviewer, settings):
    settings.SECOND_FACTOR = "required"

    code = invited(reviewer)

    assert password(client, reviewer)["Location"] == ENROL
    page = client.get(ENROL).content.decode()
    assert 'name="enrolment"' in page
    assert "data:image/svg+xml;base64," not in page
    assert client.post(ENROL, {"enrolment": code.lower()})["Location"] == ENROL
    page = client.get(ENROL)
    assert "data:image/svg+xml;base64," in page.content.decode()
    assert not is_in(client)
    answer = client.post(ENROL, {"code": code_of(reviewer, confirmed=False)})

    assert answer.status_code == 200
    assert len(answer.context["codes"]) == 10
    assert answer["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert is_in(client)
    assert client.get(ENROL).status_code in (200, 302)
    assert answer.context["codes"][0] not in client.get(OWN).content.decode()
    assert list(StaffChange.objects.values_list("what", flat=True)) == ["enrolled", "invited"]


def test_who_knows_the_password_sets_up_no_second_app(client, reviewer, settings):
    settings.SECOND_FACTOR = "required"
    enrolled(reviewer)
    password(client, reviewer)

    assert client.get(ENROL)["Location"] == CODE
    assert client.post(ENROL, {"code": "000000"})["Location"] == CODE
    assert Authenticator.objects.count() == 1


def test_a_recovery_code_lets_in_and_the_page_says_how_many_are_left(client, reviewer):
    code, *_rest = enrolled(reviewer)
    password(client, reviewer)

    answer = client.post(CODE, {"code": code}, follow=True)

    assert "还剩 9 个" in answer.content.decode()


def test_changing_it_asks_for_a_code_first(client, reviewer):
    enrolled(reviewer)
    password(client, reviewer)
    client.post(CODE, {"code": code_of(reviewer)})
    stale(client)

    assert client.get(ENROL)["Location"].startswith(CONFIRM)
    for act in ("codes", "remove"):
        assert client.post(OWN, {"do": act})["Location"].startswith(CONFIRM)
    assert factor.is_enrolled(reviewer)
    Authenticator.objects.update(last_t=-1)
    answer = client.post(f"{CONFIRM}?next={ENROL}", {"code": code_of(reviewer)})
    assert (answer.status_code, answer["Location"]) == (302, ENROL)
    assert client.get(ENROL).status_code == 200
    assert len(client.post(OWN, {"do": "codes"}).context["codes"]) == 10


def test_what_others_did_is_told_at_the_next_sign_in(client, reviewer):
    enrolled(reviewer)
    supervisor = make.supervisor(name="李主管")
    site = Client()
    site.force_login(supervisor, backend="django.contrib.auth.backends.ModelBackend")
    site.post(reverse("admin:staff"), {"account": str(reviewer.pk), "do": "reset"})
    assert not factor.is_enrolled(reviewer)

    password(client, reviewer)
    page = client.get(OWN).content.decode()

    assert page.count("李主管：重设动态验证码") == 2  # told once, and in the list of what was done


def test_a_supervisor_who_enrolled_gives_a_code_to_reset_anothers(reviewer):
    enrolled(reviewer)
    supervisor = with_password(make.supervisor())
    enrolled(supervisor)
    site = Client()
    password(site, supervisor)
    site.post(CODE, {"code": code_of(supervisor)})
    stale(site)
    Authenticator.objects.filter(user=supervisor).update(last_t=-1)

    page = reverse("admin:staff")
    site.post(page, {"account": str(reviewer.pk), "do": "reset"})
    assert factor.is_enrolled(reviewer)
    site.post(page, {"account": str(reviewer.pk), "do": "reset", "code": code_of(supervisor)})

    assert not factor.is_enrolled(reviewer)


def test_two_administrators_reset_one_in_the_list_of_staff(reviewer):
    enrolled(reviewer)
    page = reverse("admin:accounts_account_changelist")
    for _ in range(2):
        site = Client()
        site.force_login(make.staff(Role.ADMIN), backend="django.contrib.auth.backends.ModelBackend")
        before = factor.is_enrolled(reviewer)
        site.post(page, {"action": "reset_factor", "_selected_action": [str(reviewer.pk)]})
        assert before

    assert not factor.is_enrolled(reviewer)


# Money


@pytest.fixture
def payer():
    account = with_password(make.finance())
    enrolled(account)
    return account


@pytest.fixture
def batch(payer):
    return PaymentBatch.objects.create(
        number="ZF1", area_id=payer.area_id, made_by=payer, made_at=clock.now(), count=0, total=0
    )


def paying(batch):
    """Every form that sends money."""
    return {
        reverse("admin:export_claims"): {},
        reverse("admin:payment_file", args=[batch.pk]): {},
        reverse("admin:claims_paymentbatch_change", args=[batch.pk]): {"paid_on": f"{clock.today()}"},
    }


def done(batch):
    batch.refresh_from_db()
    return (batch.paid_on is not None, batch.downloads.count())


def test_money_leaves_only_with_a_fresh_code(client, payer, batch):
    password(client, payer)
    client.post(CODE, {"code": code_of(payer)})
    stale(client)

    for address, form in paying(batch).items():
        told = client.post(address, form, follow=True).content.decode()
        assert "请同时填写验证器应用中的6位动态验证码" in told
        told = client.post(address, {**form, "code": wrong_code(payer)}, follow=True).content.decode()
        assert "动态验证码不正确" in told or "验证码多次不正确" in told
    assert done(batch) == (False, 0)

    Authenticator.objects.update(last_t=-1, throttling_failure_timestamp=None, throttling_failure_count=0)
    address, form = list(paying(batch).items())[1]
    assert client.post(address, {**form, "code": code_of(payer)}).status_code == 200
    address, form = list(paying(batch).items())[2]
    client.post(address, form)  # the code still counts
    assert done(batch) == (True, 1)


def test_right_after_signing_in_with_it_nothing_is_asked_again(client, payer, batch):
    password(client, payer)
    client.post(CODE, {"code": code_of(payer)})

    page = reverse("admin:claims_paymentbatch_change", args=[batch.pk])
    assert 'name="code"' not in client.get(page).content.decode()
    client.post(page, {"paid_on": f"{clock.today()}"})

    assert done(batch) == (True, 0)


def test_a_session_from_before_it_was_required_sends_no_money(settings, batch):
    other = make.finance()
    site = Client()
    site.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    settings.SECOND_FACTOR = "required"

    for address, form in paying(batch).items():
        site.post(address, form)

    assert done(batch) == (False, 0)


def test_the_own_page_costs_as_many_queries_however_much_there_is(client, reviewer, django_assert_max_num_queries):
    password(client, reviewer)
    for _ in range(30):
        SignIn.objects.create(account=reviewer, door="api")
        StaffChange.objects.keep(reviewer, "ended", by=make.supervisor())

    with django_assert_max_num_queries(16):
        client.get(OWN)


def test_the_record_is_of_machine_time_and_of_a_device_that_is_then_known(client, reviewer):
    password(client, reviewer)

    row = SignIn.objects.get()

    assert abs(row.at.timestamp() - time.time()) < timedelta(minutes=1).total_seconds()
    assert django_settings.DEVICE_COOKIE_NAME in client.cookies
