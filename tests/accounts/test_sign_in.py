"""Signing in and out: WeChat for citizens, passwords for staff, tokens that die when they should."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from knox.models import AuthToken

from accounts.models import Account, Role
from accounts.tokens import purge_tokens
from tests.factories import api, area, citizen, institution, person, staff

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def error(response):
    (problem,) = response.json()["errors"]
    return response.status_code, problem["code"]


def wechat(code):
    return api().post("/api/v1/auth/wechat/", {"code": code})


def password(username, word, **extra):
    return api().post("/api/v1/auth/password/", {"username": username, "password": word}, **extra)


def with_token(token):
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def reviewer():
    return Account.objects.create_staff("cq-one", PASSWORD, role=Role.REVIEWER, area=area("500000"))


def test_first_sign_in_makes_the_account_and_the_next_finds_it():
    first, second = wechat("sandbox:wang"), wechat("sandbox:wang")

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["account"] == second.json()["account"]
    assert first.json()["account"] == {
        "id": str(Account.objects.get().id),
        "nickname": "wang",
        "language": "",
        "elder_mode": None,
        "role": "citizen",
    }


def test_different_codes_are_different_accounts():
    assert wechat("sandbox:wang").json()["account"]["id"] != wechat("sandbox:li").json()["account"]["id"]


def test_token_opens_and_says_until_when(settings):
    settings.TOKEN_TTL = timedelta(days=3)
    before = timezone.now()

    answer = wechat("sandbox:wang").json()

    assert set(answer) == {"token", "expires_at", "account"}

    expiry = AuthToken.objects.get().expiry
    assert before + timedelta(days=3) <= expiry <= timezone.now() + timedelta(days=3)
    assert answer["expires_at"].endswith("+08:00")
    assert timezone.datetime.fromisoformat(answer["expires_at"]) == expiry
    assert with_token(answer["token"]).get("/api/v1/account/").status_code == 200


def test_neither_token_nor_openid_lies_readable_in_the_database():
    token = wechat("sandbox:wang").json()["token"]

    stored = AuthToken.objects.get()

    account = Account.objects.get()

    assert token not in (stored.digest, stored.token_key)
    assert "wang" not in account.openid_hash
    assert b"sandbox:wang" not in bytes(Account.objects.values_list("openid", flat=True).get())
    assert account.openid == "sandbox:wang"


@pytest.mark.parametrize("code", ["wang", "sandbox:", "sandbox:a b"])
def test_wrong_code_is_refused(code):
    assert error(wechat(code)) == (400, "code_invalid")
    assert not Account.objects.exists()


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": None}, {"code": "x" * 129}, {"code": "sandbox:\x00"}])
def test_malformed_sign_in_names_the_field(body):
    response = api().post("/api/v1/auth/wechat/", body)

    assert response.status_code == 400
    assert [problem["attr"] for problem in response.json()["errors"]] == ["code"]


def test_sandbox_is_closed_where_it_is_not_allowed(settings):
    settings.SANDBOX = False

    assert error(wechat("sandbox:wang")) == (503, "wechat_unavailable")


def test_disabled_account_cannot_sign_in():
    wechat("sandbox:wang")

    Account.objects.update(is_active=False)

    assert error(wechat("sandbox:wang")) == (403, "account_disabled")


def test_sign_in_is_throttled_by_address(settings):
    settings.LIMITS = settings.LIMITS | {"sign-in": "2/min"}

    assert [wechat("sandbox:wang").status_code for _ in range(3)] == [200, 200, 429]

    limited = password("nobody", "x")
    assert error(limited) == (429, "throttled")
    assert 1 <= int(limited["Retry-After"]) <= 60


def test_sign_out_kills_this_token_at_once_and_no_other():
    one, other = wechat("sandbox:wang").json()["token"], wechat("sandbox:wang").json()["token"]

    assert with_token(one).post("/api/v1/auth/logout/").status_code == 204

    assert error(with_token(one).get("/api/v1/account/")) == (401, "authentication_failed")
    assert with_token(other).get("/api/v1/account/").status_code == 200


def test_expired_token_is_refused():
    token = wechat("sandbox:wang").json()["token"]

    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))

    assert error(with_token(token).get("/api/v1/account/")) == (401, "authentication_failed")


def test_sweeping_takes_expired_tokens_only():
    wechat("sandbox:wang")
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))

    wechat("sandbox:wang")

    assert purge_tokens() == 1
    assert AuthToken.objects.count() == 1


@pytest.mark.parametrize("token", ["", "x", "x y", "\xff\xfe", "f" * 64, "../../etc"])
def test_wrong_tokens_are_refused_alike(token):
    client = api()

    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}".encode("latin-1").decode("latin-1"))

    assert client.get("/api/v1/account/").status_code == 401


def test_without_a_token():
    assert error(api().get("/api/v1/account/")) == (401, "not_authenticated")


def test_dead_token_does_not_hinder_signing_in():
    client = with_token("f" * 64)

    assert client.post("/api/v1/auth/wechat/", {"code": "sandbox:wang"}).status_code == 200


def test_staff_sign_in_with_their_role(reviewer, settings):
    settings.STAFF_TOKEN_TTL = timedelta(hours=1)

    response = password("cq-one", PASSWORD)

    assert response.status_code == 200
    assert response.json()["account"] == {
        "id": str(reviewer.id),
        "nickname": "cq-one",
        "role": "reviewer",
        "language": "",
        "elder_mode": None,
    }
    assert AuthToken.objects.get().expiry <= timezone.now() + timedelta(hours=1)


@pytest.mark.parametrize(("username", "word"), [("cq-one", "wrong"), ("nobody", PASSWORD), ("CQ-ONE", PASSWORD)])
def test_unknown_name_and_wrong_password_get_the_same_answer(reviewer, username, word):
    assert error(password(username, word)) == (401, "credentials_wrong")


def test_disabled_staff_get_the_same_answer(reviewer):
    Account.objects.update(is_active=False)

    assert error(password("cq-one", PASSWORD)) == (401, "credentials_wrong")


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.SIMULATED])
def test_passwords_are_for_staff_only(role):
    Account.objects.create_staff("odd", PASSWORD, role=role)

    assert error(password("odd", PASSWORD)) == (401, "credentials_wrong")


def test_staff_account_locks_after_repeated_failures(reviewer):
    answers = [error(password("cq-one", "wrong")) for _ in range(6)]

    assert answers[:4] == [(401, "credentials_wrong")] * 4
    assert answers[5] == (403, "locked_out")
    assert error(password("cq-one", PASSWORD)) == (403, "locked_out")


def test_success_forgets_earlier_failures(reviewer):
    for _ in range(3):
        for _ in range(3):
            password("cq-one", "wrong")
        assert password("cq-one", PASSWORD).status_code == 200


def test_account_says_who_i_am():
    client = with_token(wechat("sandbox:wang").json()["token"])

    assert client.get("/api/v1/account/").json() == {
        "id": str(Account.objects.get().id),
        "nickname": "wang",
        "language": "",
        "elder_mode": None,
        "role": "citizen",
        "area": None,
        "area_name": None,
        "institution": None,
        "institution_name": None,
        "person": None,
        "unread": 0,
    }


def test_account_of_staff_names_area_or_institution(reviewer):
    hospital = staff(Role.HOSPITAL, institution=institution())

    said = api(reviewer).get("/api/v1/account/").json()

    assert (said["role"], said["area"], said["area_name"]) == ("reviewer", "500000", "重庆市")

    said = api(hospital).get("/api/v1/account/").json()
    assert (said["role"], said["institution"], said["institution_name"]) == ("hospital", "H11010100001", "示范医院")


def test_account_says_which_person_i_am(noon):
    me = person()

    assert api(citizen(me)).get("/api/v1/account/").json()["person"] == str(me.id)


@pytest.mark.django_db(transaction=True)
def test_two_first_sign_ins_at_once_are_one_account():
    answers, barrier = [], threading.Barrier(2)

    def sign_in():
        try:
            barrier.wait(20)
            answers.append(wechat("sandbox:wang"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sign_in) for _ in range(2)]
    for thread in threads:
        thread.start()

    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [200, 200]
    assert Account.objects.count() == 1
