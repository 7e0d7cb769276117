"""The second factor: setting up, codes that count once, recovery codes, lost phones; asked for at every door."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from knox.models import AuthToken

from accounts import services
from accounts.models import Authenticator, Role, SignIn, StaffChange, StaffSession
from accounts.security import enrolment, factor
from core.errors import Refusal
from tests import factories as make
from tests.accounts.second_factor import code_of, enrolled, wrong_code
from tests.rivals import split, together

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
PATH = "/api/v1/auth/password/"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def reviewer():
    account = make.reviewer()
    account.set_password(PASSWORD)
    account.save()
    return account


def sign_in(account, **extra):
    return make.api().post(PATH, {"username": account.username, "password": PASSWORD, **extra})


def refusal(answer):
    (problem,) = answer.json()["errors"]
    return answer.status_code, problem["code"]


def refused(act):
    with pytest.raises(Refusal) as refusal:
        act()
    return refusal.value.status, refusal.value.code


def on_record(account):
    return list(StaffChange.objects.filter(account=account).order_by("id").values_list("what", flat=True))


# Setting up


def test_a_secret_counts_for_nothing_until_its_first_code(reviewer):
    waiting = enrolment.begin(reviewer)

    assert enrolment.begin(reviewer).pk == waiting.pk
    assert not factor.is_enrolled(reviewer)
    wrong = wrong_code_of_waiting(reviewer)
    assert refused(lambda: enrolment.confirm(reviewer, wrong)) == (400, "second_factor_wrong")
    assert not factor.is_enrolled(reviewer)
    assert sign_in(reviewer).status_code == 200


def wrong_code_of_waiting(account):
    right = {code_of(account, later=steps, confirmed=False) for steps in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222") if code not in right)


def test_the_first_code_sets_it_up_and_gives_ten_recovery_codes(reviewer):
    enrolment.begin(reviewer)

    codes = enrolment.confirm(reviewer, code_of(reviewer, confirmed=False))

    assert factor.is_enrolled(reviewer)
    assert len(set(codes)) == factor.codes_left(reviewer) == 10
    assert on_record(reviewer) == ["enrolled"]


def test_another_phone_takes_the_place_of_the_first(reviewer):
    enrolled(reviewer)
    first = Authenticator.objects.get()

    enrolled(reviewer)

    assert Authenticator.objects.get().pk != first.pk
    assert TOTPDevice.objects.count() == 1
    assert factor.codes_left(reviewer) == 10


def test_neither_secret_nor_recovery_codes_lie_readable_in_the_database(reviewer):
    codes = enrolled(reviewer)
    secret = Authenticator.objects.get().secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_authenticator")
        (stored,) = cursor.fetchone()
        cursor.execute("SELECT key FROM otp_totp_totpdevice")
        assert cursor.fetchone() == ("",)

    assert len(secret) == 40
    assert secret.encode() not in bytes(stored)
    assert bytes.fromhex(secret) not in bytes(stored)
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert kept.isdisjoint({code.replace("-", "") for code in codes} | set(codes))


# At the API's door


def test_without_a_code_the_answer_asks_for_it_and_with_it_opens(reviewer):
    enrolled(reviewer)

    assert refusal(sign_in(reviewer)) == (401, "second_factor_required")
    assert refusal(sign_in(reviewer, code="")) == (401, "second_factor_required")
    assert refusal(sign_in(reviewer, code=wrong_code(reviewer))) == (401, "second_factor_wrong")
    assert not AuthToken.objects.exists()


def test_with_the_code_it_opens_and_the_record_says_how(reviewer):
    enrolled(reviewer)

    assert sign_in(reviewer, code=code_of(reviewer)).status_code == 200

    assert [(row.door, row.factor) for row in SignIn.objects.all()] == [("api", "code")]


def test_the_same_code_never_counts_twice(reviewer):
    enrolled(reviewer)
    code = code_of(reviewer)

    answers = [sign_in(reviewer, code=code).status_code for _ in range(2)]

    assert answers == [200, 401]
    assert AuthToken.objects.count() == 1


def test_a_code_typed_in_groups_or_in_full_width_counts(reviewer):
    enrolled(reviewer)
    code = code_of(reviewer)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)

    assert sign_in(reviewer, code=f"{wide[:3]} {wide[3:]}").status_code == 200


def test_after_wrong_codes_the_right_one_waits(reviewer):
    enrolled(reviewer)
    factor_wrong = wrong_code(reviewer)
    sign_in(reviewer, code=factor_wrong)

    waits = sign_in(reviewer, code=code_of(reviewer))

    assert refusal(waits) == (429, "throttled")
    assert int(waits["Retry-After"]) == 1
    Authenticator.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    assert sign_in(reviewer, code=code_of(reviewer)).status_code == 200


def test_a_wrong_password_says_nothing_of_the_factor(reviewer):
    enrolled(reviewer)

    answer = make.api().post(PATH, {"username": reviewer.username, "password": "wrong", "code": code_of(reviewer)})

    assert refusal(answer) == (401, "credentials_wrong")
    assert sign_in(reviewer, code=code_of(reviewer)).status_code == 200


def test_a_recovery_code_opens_once_however_it_is_typed(reviewer):
    first, second, *_rest = enrolled(reviewer)

    answers = [sign_in(reviewer, code=code).status_code for code in (first, first.lower().replace("-", " "))]

    assert answers == [200, 401]
    assert factor.codes_left(reviewer) == 9
    assert SignIn.objects.get().factor == "recovery"
    assert second != first


def test_new_recovery_codes_void_the_earlier_ones(reviewer):
    earlier = enrolled(reviewer)

    fresh = factor.new_codes(reviewer)

    assert set(fresh).isdisjoint(earlier)
    assert refused(lambda: factor.verify(reviewer, earlier[0])) == (401, "second_factor_wrong")
    assert on_record(reviewer) == ["enrolled", "codes"]


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.FINANCE, Role.ADMIN])
def test_where_it_is_required_nobody_who_decides_pays_or_administers_gets_in_without(settings, role):
    settings.SECOND_FACTOR = "required"
    account = make.finance() if role == Role.FINANCE else make.staff(role)
    account.set_password(PASSWORD)
    account.save()

    assert refusal(sign_in(account)) == (403, "second_factor_missing")
    enrolled(account)
    assert sign_in(account, code=code_of(account)).status_code == 200
    assert refused(lambda: factor.remove(account)) == (403, "second_factor_missing")


def test_a_hospitals_till_signs_in_without_unless_it_enrolled(settings):
    settings.SECOND_FACTOR = "required"
    till = make.staff(Role.HOSPITAL, institution=make.institution())
    till.set_password(PASSWORD)
    till.save()

    assert sign_in(till).status_code == 200
    enrolled(till)
    assert refusal(sign_in(till)) == (401, "second_factor_required")


def test_where_it_is_not_required_one_may_do_without_again(reviewer):
    enrolled(reviewer)

    factor.remove(reviewer)

    assert sign_in(reviewer).status_code == 200
    assert factor.codes_left(reviewer) == 0
    assert on_record(reviewer) == ["enrolled", "removed"]


# Lost phones


def test_a_supervisor_resets_a_colleagues_at_once_which_ends_what_is_signed_in(reviewer):
    enrolled(reviewer)
    AuthToken.objects.create(reviewer)
    StaffSession.objects.create(
        session_key="a" * 32, session_data="", expire_date="2099-01-01T00:00Z", account=reviewer
    )

    assert services.reset_factor(reviewer, by=make.supervisor())

    assert not factor.is_enrolled(reviewer)
    assert not AuthToken.objects.exists()
    assert not StaffSession.objects.exists()
    assert on_record(reviewer) == ["enrolled", "reset"]


@pytest.mark.parametrize("who", ["other area", "oneself", "reviewer", "hospital"])
def test_nobody_else_does(reviewer, who):
    enrolled(reviewer)
    by = {
        "other area": lambda: make.supervisor("510100"),
        "oneself": lambda: reviewer,
        "reviewer": make.reviewer,
        "hospital": lambda: make.staff(Role.HOSPITAL, institution=make.institution()),
    }[who]()

    assert refused(lambda: services.reset_factor(reviewer, by=by)) == (403, "other_area")
    assert factor.is_enrolled(reviewer)


def test_a_supervisor_does_not_reset_their_own():
    supervisor = make.supervisor()
    enrolled(supervisor)

    assert refused(lambda: services.reset_factor(supervisor, by=supervisor)) == (403, "oneself")


@pytest.mark.parametrize("whose", ["administrator", "reviewer"])
def test_administrators_need_two(reviewer, whose):
    first, second = make.staff(Role.ADMIN), make.staff(Role.ADMIN)
    lost = make.staff(Role.ADMIN) if whose == "administrator" else reviewer
    enrolled(lost)

    assert not services.reset_factor(lost, by=first)
    assert refused(lambda: services.reset_factor(lost, by=first)) == (403, "second_administrator")
    assert factor.is_enrolled(lost)
    assert services.reset_factor(lost, by=second)

    assert not factor.is_enrolled(lost)
    assert on_record(lost) == ["enrolled", "asked", "reset"]
    assert refused(lambda: services.reset_factor(first, by=first)) == (403, "oneself")


def test_two_accounts_of_one_person_are_not_two_administrators(reviewer):
    number = make.id_number()
    first, second = (make.staff(Role.ADMIN) for _ in "ab")
    for account in (first, second):
        account.identify(number)
        account.save()
    enrolled(reviewer)
    services.reset_factor(reviewer, by=first)

    assert refused(lambda: services.reset_factor(reviewer, by=second)) == (403, "second_administrator")


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_of_two_sign_ins_with_one_code_at_once_one_gets_in():
    account = make.reviewer()
    codes = enrolled(account)
    code = code_of(account)

    winners, losers = split(together(*[lambda: factor.verify(account, code)] * 2))
    recovered, late = split(together(*[lambda: factor.verify(account, codes[0])] * 2))

    assert (winners, [loser.code for loser in losers]) == (["code"], ["second_factor_wrong"])
    assert (recovered, [loser.code for loser in late]) == (["recovery"], ["second_factor_wrong"])
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_of_two_confirmations_at_once_one_makes_the_recovery_codes():
    account = make.reviewer()
    enrolment.begin(account)
    code = code_of(account, confirmed=False)

    winners, losers = split(together(*[lambda: enrolment.confirm(account, code)] * 2))

    assert [len(codes) for codes in winners] == [10]
    assert [loser.code for loser in losers] == ["nothing_to_confirm"]
    assert factor.codes_left(account) == 10


def test_the_last_administrator_asks_the_machine_itself():
    lone = make.staff(Role.ADMIN)
    enrolled(lone)

    call_command("reset_second_factor", lone.username)

    assert not factor.is_enrolled(lone)
    assert on_record(lone) == ["enrolled", "reset"]
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody")
