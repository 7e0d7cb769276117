"""The code handed over in person, without which nobody who must have a second factor sets up the first one."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken

from accounts import services
from accounts.models import Authenticator, Role, StaffChange
from accounts.security import enrolment, factor
from core.errors import Refusal
from tests import factories as make
from tests.accounts.second_factor import code_of, enrolled, invited
from tests.rivals import split, together

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
ENROL, STAFF = "/admin/login/enrol/", "/admin/accounts/account/"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def required(settings):
    settings.SECOND_FACTOR = "required"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def reviewer():
    account = make.reviewer(name="张敏")
    account.set_password(PASSWORD)
    account.save()
    return account


def half_way(account):
    """A browser in which the right password was just given."""
    client = Client()
    client.post("/admin/login/", {"username": account.username, "password": PASSWORD})
    return client


def site_of(account):
    """A browser in which somebody signed in with the second factor a moment ago."""
    enrolled(account)
    account.set_password(PASSWORD)
    account.save()
    client = half_way(account)
    client.post("/admin/login/code/", {"code": code_of(account)})
    return client


def refused(act):
    with pytest.raises(Refusal) as refusal:
        act()
    return refusal.value.status, refusal.value.code


def sign_in(account, **extra):
    answer = make.api().post("/api/v1/auth/password/", {"username": account.username, "password": PASSWORD, **extra})
    return answer.status_code, answer.json()["errors"][0]["code"] if answer.status_code >= 400 else ""


def on_record(account):
    return list(StaffChange.objects.filter(account=account).order_by("id").values_list("what", "by__username"))


# What the password alone does not do


def test_the_password_alone_sees_no_secret_and_sets_nothing_up(reviewer):
    client = half_way(reviewer)

    page = client.get(ENROL).content.decode()

    assert "请当面向审核主管或系统管理员领取绑定码" in page
    assert "image/svg+xml;base64" not in page
    assert client.post(ENROL, {"code": "123456"}).status_code == 200
    assert client.post(ENROL, {"enrolment": "AAAA-BBBB-CCCC-DDDD"}).status_code == 401
    assert not Authenticator.objects.exists()
    assert refused(lambda: enrolment.begin(reviewer)) == (403, "enrolment_code_missing")
    assert refused(lambda: enrolment.confirm(reviewer, "123456")) == (409, "nothing_to_confirm")


def test_a_secret_begun_while_none_was_required_is_not_confirmed_without_a_code(reviewer, settings):
    settings.SECOND_FACTOR = "optional"
    waiting = enrolment.begin(reviewer)
    settings.SECOND_FACTOR = "required"
    code = code_of(reviewer, confirmed=False)

    assert refused(lambda: enrolment.confirm(reviewer, code)) == (409, "nothing_to_confirm")
    assert refused(lambda: enrolment.confirm(reviewer, code, device=waiting.pk)) == (409, "nothing_to_confirm")
    assert not factor.is_enrolled(reviewer)


def test_at_the_api_the_code_of_enrolment_opens_nothing_and_is_not_used_up(reviewer):
    code = invited(reviewer)

    assert sign_in(reviewer) == (403, "second_factor_missing")
    assert sign_in(reviewer, code=code) == (403, "second_factor_missing")

    assert enrolment.admit(reviewer, code).confirmed is False


def test_a_session_from_before_it_was_required_needs_the_code_too(reviewer):
    client = Client()
    client.force_login(reviewer, backend=BACKEND)

    assert 'name="enrolment"' in client.get(ENROL).content.decode()
    client.post(ENROL, {"enrolment": invited(reviewer)})
    answer = client.post(ENROL, {"code": code_of(reviewer, confirmed=False)})

    assert len(answer.context["codes"]) == 10


# Giving one


def test_the_supervisor_hands_a_code_over_which_is_seen_once_and_kept_as_a_digest(reviewer):
    supervisor = make.supervisor(name="李主管")
    site = site_of(supervisor)

    answer = site.post(reverse("admin:staff"), {"account": str(reviewer.pk), "do": "invite"})

    (handed,) = answer.context["handed"]
    assert (handed.colleague, len(handed.code)) == (reviewer, 19)
    assert answer["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert handed.code in answer.content.decode()
    assert handed.code not in site.get(reverse("admin:staff")).content.decode()
    assert StaticToken.objects.get(device__user=reviewer).token not in (handed.code, handed.code.replace("-", ""))
    assert on_record(reviewer) == [("invited", supervisor.username)]

    client = half_way(reviewer)
    client.post(ENROL, {"enrolment": handed.code})
    client.post(ENROL, {"code": code_of(reviewer, confirmed=False)})
    assert factor.is_enrolled(reviewer)
    assert "李主管：发放绑定码" in client.get("/admin/security/").content.decode()


def test_the_button_stands_where_a_code_is_needed_and_asks_for_a_fresh_factor(reviewer):
    supervisor = make.supervisor()
    site = site_of(supervisor)
    page = reverse("admin:staff")
    assert 'value="invite"' in site.get(page).content.decode()
    session = site.session
    session["second_factor_at"] = 0
    session.save()

    site.post(page, {"account": str(reviewer.pk), "do": "invite"})

    assert not StaticDevice.objects.filter(user=reviewer).exists()
    assert f'id="code-{reviewer.pk}"' in site.get(page).content.decode()


def test_an_administrator_gives_codes_in_the_list_of_staff(reviewer):
    payer, root = make.finance(), make.staff(Role.ADMIN)
    site = site_of(root)

    chosen = [str(reviewer.pk), str(payer.pk), str(root.pk)]
    answer = site.post(STAFF, {"action": "give_enrolment_code", "_selected_action": chosen})

    assert {each.colleague for each in answer.context["handed"]} == {reviewer, payer}
    assert on_record(payer) == [("invited", root.username)]
    assert on_record(root)[-1] == ("enrolled", root.username)


@pytest.mark.parametrize("who", ["other area", "oneself", "reviewer", "hospital"])
def test_nobody_else_gives_one(reviewer, who):
    by = {
        "other area": lambda: make.supervisor("510100"),
        "oneself": lambda: reviewer,
        "reviewer": make.reviewer,
        "hospital": lambda: make.staff(Role.HOSPITAL, institution=make.institution()),
    }[who]()

    assert refused(lambda: services.give_enrolment_code(reviewer, by=by)) == (403, "other_area")


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPERVISOR])
def test_nobody_gives_one_to_themselves_under_either_account(role):
    number = make.id_number()
    first, second = (make.staff(role, area=make.area("110000")) for _ in "ab")
    for account in (first, second):
        account.identify(number)
        account.save()

    assert refused(lambda: services.give_enrolment_code(first, by=first)) == (403, "oneself")
    assert refused(lambda: services.give_enrolment_code(first, by=second)) == (403, "oneself")


def test_who_has_one_or_needs_none_is_given_no_code(reviewer, settings):
    supervisor = make.supervisor()
    enrolled(reviewer)
    assert refused(lambda: services.give_enrolment_code(reviewer, by=supervisor)) == (409, "no_code_needed")

    settings.SECOND_FACTOR = "optional"
    other = make.reviewer()
    assert refused(lambda: services.give_enrolment_code(other, by=supervisor)) == (409, "no_code_needed")


def test_the_first_administrator_asks_the_machine_itself(capsys):
    root = make.staff(Role.ADMIN)

    call_command("give_enrolment_code", root.username)
    code = capsys.readouterr().out.strip()
    waiting = enrolment.admit(root, code)
    enrolment.confirm(root, code_of(root, confirmed=False), device=waiting.pk)
    assert on_record(root) == [("invited", root.username), ("enrolled", root.username)]
    for name in ("nobody", root.username):
        with pytest.raises(CommandError):
            call_command("give_enrolment_code", name)


# One use, one day, one at a time


def test_a_code_admits_once(reviewer):
    code = invited(reviewer)
    first, second = half_way(reviewer), half_way(reviewer)
    first.post(ENROL, {"enrolment": code})

    answer = second.post(ENROL, {"enrolment": code})

    assert answer.status_code == 401
    assert "绑定码不正确、已使用或已过期" in answer.content.decode()
    assert "image/svg+xml;base64" not in second.get(ENROL).content.decode()
    assert "image/svg+xml;base64" in first.get(ENROL).content.decode()
    assert second.post(ENROL, {"code": code_of(reviewer, confirmed=False)}).status_code == 200
    assert not factor.is_enrolled(reviewer)


def test_after_a_day_it_counts_no_more(reviewer):
    code = invited(reviewer)
    StaticDevice.objects.update(created_at=timezone.now() - timedelta(days=1, seconds=1))

    assert refused(lambda: enrolment.admit(reviewer, code)) == (401, "enrolment_code_wrong")


def test_a_later_code_voids_the_earlier_one_and_the_app_that_it_admitted(reviewer):
    first = invited(reviewer)
    client = half_way(reviewer)
    client.post(ENROL, {"enrolment": first})
    seen = code_of(reviewer, confirmed=False)

    second = invited(reviewer)

    assert 'name="enrolment"' in client.post(ENROL, {"code": seen}).content.decode()
    assert not factor.is_enrolled(reviewer)
    assert refused(lambda: enrolment.admit(reviewer, first)) == (401, "enrolment_code_wrong")
    StaticDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    waiting = enrolment.admit(reviewer, second)
    enrolment.confirm(reviewer, code_of(reviewer, confirmed=False), device=waiting.pk)
    assert Authenticator.objects.get().pk == waiting.pk


def test_after_wrong_ones_the_right_one_waits(reviewer):
    code = invited(reviewer)
    client = half_way(reviewer)
    client.post(ENROL, {"enrolment": "AAAA-AAAA-AAAA-AAAA"})

    waits = client.post(ENROL, {"enrolment": code})

    assert (waits.status_code, waits["Retry-After"]) == (429, "1")
    StaticDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    assert client.post(ENROL, {"enrolment": code}).status_code == 302


def test_after_a_reset_of_a_lost_factor_a_new_code_is_needed(reviewer):
    supervisor = make.supervisor()
    enrolled(reviewer)
    services.reset_factor(reviewer, by=supervisor)

    client = half_way(reviewer)

    assert 'name="enrolment"' in client.get(ENROL).content.decode()
    client.post(ENROL, {"enrolment": services.give_enrolment_code(reviewer, by=supervisor)})
    client.post(ENROL, {"code": code_of(reviewer, confirmed=False)})
    assert factor.is_enrolled(reviewer)
    assert [what for what, _by in on_record(reviewer)] == ["invited", "enrolled", "reset", "invited", "enrolled"]


def test_recovery_codes_are_not_counted_among_it_nor_it_among_them(reviewer):
    code = invited(reviewer)

    assert factor.codes_left(reviewer) == 0
    assert refused(lambda: factor.verify(reviewer, code)) == (401, "second_factor_wrong")


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_of_two_set_ups_with_one_code_at_once_one_is_admitted():
    account = make.reviewer()
    code = invited(account)

    winners, losers = split(together(*[lambda: enrolment.admit(account, code)] * 2))

    assert len(winners) == 1
    assert [loser.code for loser in losers] == ["enrolment_code_wrong"]
    assert Authenticator.objects.get().pk == winners[0].pk
    connections.close_all()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rival", ["another code", "a reset"])
def test_a_code_withdrawn_at_the_same_moment_leaves_either_the_old_or_the_new(rival):
    account, supervisor = make.reviewer(), make.supervisor()
    waiting = enrolment.admit(account, invited(account))
    code = code_of(account, confirmed=False)
    withdraw = {
        "another code": lambda: services.give_enrolment_code(account, by=supervisor),
        "a reset": lambda: services.reset_factor(account, by=supervisor),
    }[rival]

    together(lambda: enrolment.confirm(account, code, device=waiting.pk), withdraw)

    in_use = Authenticator.objects.filter(confirmed=True).exists()
    done = [what for what, _by in on_record(account)]
    if rival == "a reset":
        assert not in_use
        assert done[-1] == "reset"
    else:
        assert in_use == (done == ["invited", "enrolled"])
        assert in_use != (done == ["invited", "invited"])
    connections.close_all()
