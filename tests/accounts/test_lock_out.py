"""Wrong passwords: who guesses waits, longer each time; the person whose name it is does not."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.core import signing
from django.test import RequestFactory
from django.utils import timezone

from accounts import services
from accounts.models import Role, SignIn
from accounts.security.attempts import STRANGERS_AFTER, address_of, purge_sign_ins
from tests import factories as make
from tests.roles import as_owner

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def admin():
    account = make.staff(Role.ADMIN)
    account.username = "admin"
    account.set_password(PASSWORD)
    account.save()
    return account


def sign_in(word=PASSWORD, *, address=OFFICE, client=None, username="admin"):
    body = {"username": username, "password": word}
    return (client or make.api()).post("/api/v1/auth/password/", body, REMOTE_ADDR=address)


def guess(times, address=ELSEWHERE, **how):
    return [sign_in("wrong", address=address, **how).status_code for _ in range(times)]


def later(**how):
    """The wrong ones were so long ago."""
    for row in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=row.attempt_time - timedelta(**how))


def test_wrong_passwords_from_elsewhere_keep_nobody_out(admin):
    assert guess(7) == [401, 401, 401, 401, 403, 403, 403]

    assert sign_in().status_code == 200
    assert sign_in(address=ELSEWHERE).status_code == 403


def test_the_wait_is_said_and_doubles(admin):
    waits = []
    for _ in range(7):
        guess(5 if not waits else 1)
        waits.append(int(sign_in(address=ELSEWHERE)["Retry-After"]))
        later(seconds=waits[-1])

    assert waits == [30, 60, 120, 240, 480, 900, 900]
    assert sign_in(address=ELSEWHERE).status_code == 200


def test_what_is_refused_meanwhile_makes_the_wait_no_longer(admin):
    guess(5)
    before = AccessAttempt.objects.get().failures_since_start

    guess(20)

    assert AccessAttempt.objects.get().failures_since_start == before == 5


def test_a_known_device_goes_on_where_its_own_address_is_guessed_from(admin):
    device = make.api()
    sign_in(client=device)

    guess(6, OFFICE)

    assert sign_in(address=OFFICE).status_code == 403
    assert sign_in(address=OFFICE, client=device).status_code == 200


def test_a_known_device_that_guesses_waits_wherever_it_is(admin):
    device = make.api()
    sign_in(client=device)

    assert guess(3, OFFICE, client=device) + guess(3, ELSEWHERE, client=device) == [401] * 4 + [403] * 2

    assert sign_in(client=device).status_code == 403
    assert sign_in().status_code == 200


def test_a_device_is_known_for_the_names_that_signed_in_on_it_alone(admin):
    other = make.reviewer()
    other.set_password(PASSWORD)
    other.save()
    device = make.api()
    sign_in(client=device, username=other.username)

    guess(5, OFFICE)

    assert sign_in(client=device).status_code == 403


def test_a_forged_cookie_makes_no_device_known(admin):
    device = make.api()
    sign_in(client=device)
    cookie = device.cookies[settings.DEVICE_COOKIE_NAME]
    guess(5, OFFICE)
    forged = make.api()
    forged.cookies[settings.DEVICE_COOKIE_NAME] = signing.dumps(
        signing.loads(cookie.value, salt="accounts.security.device"), salt="x"
    )

    assert sign_in(client=forged).status_code == 403
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 180 * 24 * 3600)


def test_nobody_passes_for_a_device_by_its_user_agent(admin):
    device = make.api()
    sign_in(client=device)
    said = signing.loads(device.cookies[settings.DEVICE_COOKIE_NAME].value, salt="accounts.security.device")
    for _ in range(6):
        body = {"username": "admin", "password": "wrong"}
        make.api().post("/api/v1/auth/password/", body, headers={"User-Agent": f"device {said['id']}"})

    assert sign_in(client=device).status_code == 200


def test_guesses_from_many_addresses_are_slowed_down_together_and_stop_no_known_device(admin):
    device = make.api()
    sign_in(client=device)
    for number in range(STRANGERS_AFTER):
        guess(1, f"203.0.113.{number + 1}")

    fresh = sign_in(address="192.0.2.1")

    assert (fresh.status_code, 50 <= int(fresh["Retry-After"]) <= 60) == (403, True)
    assert sign_in(client=device).status_code == 200
    later(minutes=1)
    assert sign_in(address="192.0.2.1").status_code == 200


def test_a_supervisor_lets_a_colleague_in_at_once(admin):
    colleague = make.reviewer()
    guess(5, username=colleague.username)
    assert services.locked_out([colleague]) == {colleague.username}

    services.unlock(colleague, by=make.supervisor())

    assert services.locked_out([colleague]) == set()
    assert guess(1, username=colleague.username) == [401]


def test_the_staffs_page_waits_as_the_api_does(admin, client):
    form = {"username": "admin", "password": "wrong"}
    answers = [client.post("/admin/login/", form, REMOTE_ADDR=ELSEWHERE) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert 1 <= int(answers[-1]["Retry-After"]) <= 30
    assert "审核主管" in answers[-1].content.decode()
    right = client.post("/admin/login/", {**form, "password": PASSWORD}, REMOTE_ADDR=OFFICE)
    assert right.status_code == 302


def test_the_staffs_page_is_limited_by_address(client, settings):
    settings.LIMITS = settings.LIMITS | {"sign-in": "2/min"}
    form = {"username": "nobody", "password": "wrong"}

    assert [client.post("/admin/login/", form).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("unknown", None),
    ],
)
def test_an_address_of_ipv6_is_the_network_that_one_customer_has(sent, kept):
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=sent)) == kept


def test_records_of_signing_in_are_purged_when_their_time_is_over(admin, settings):
    guess(1)
    sign_in()
    later(hours=2)
    guess(1)
    kept = SignIn.objects.get()
    SignIn.objects.create(account=admin, door="api", at=timezone.now() - settings.SIGN_INS_KEPT - timedelta(days=1))

    with as_owner():  # the application deletes none of them (tests/core/test_grants.py)
        assert purge_sign_ins() == 1

    assert SignIn.objects.get() == kept
    assert AccessAttempt.objects.count() == 1
