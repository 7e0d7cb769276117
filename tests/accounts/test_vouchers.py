"""The insurance code (医保码): shown, bound to the first hospital, read by it, used once; by machine time."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Mandate, Voucher
from accounts.services import close_account, revoke_mandate, unbind
from accounts.services.vouchers import bind, issue, purge_vouchers, read, use
from core import clock
from core.errors import NotFound, TooMany, WrongState
from tests.factories import api, citizen, institution, mandate, moment, person
from tests.rivals import split, together

pytestmark = pytest.mark.django_db

HERE, THERE = "H11010100001", "H11010100002"
BILL, OTHER_BILL = UUID(int=1), UUID(int=2)


@pytest.fixture(autouse=True)
def hospitals(db):
    institution(HERE)
    institution(THERE, name="另一医院")


@pytest.fixture
def owner():
    return person("王秀兰")


@pytest.fixture
def account(owner):
    return citizen(owner)


@pytest.fixture
def token(account, owner):
    return issue(account, owner.pk).token


def refusal(token, institution_id=HERE, **how):
    with pytest.raises((NotFound, WrongState)) as refused:
        read(token, institution_id, **how)
    assert refused.value.problems[0].attr == "voucher"
    assert "新的医保码" in refused.value.detail or "刷新" in refused.value.detail
    return refused.value.code


def aged(**passed):
    """Everything that is on record of vouchers happened so much earlier."""
    for voucher in Voucher.objects.all():
        for name in ("created_at", "expires_at", "bound_at", "used_at"):
            if value := getattr(voucher, name):
                setattr(voucher, name, value - timedelta(**passed))
        voucher.save()


# Its life


def test_issued_bound_read_and_used(account, owner):
    issued = issue(account, owner.pk)
    bind(issued.token, HERE)

    voucher = read(issued.token, HERE)

    assert (voucher.person, voucher.account_id, voucher.institution_id) == (owner, account.pk, HERE)

    use(read(issued.token, HERE, lock=True), BILL)

    assert refusal(issued.token) == "voucher_used"

    row = Voucher.objects.get()
    assert row.used_for == BILL
    assert row.created_at < row.bound_at < row.used_at < row.expires_at


def test_a_token_suits_scanners_and_is_never_the_same(account, owner):
    tokens = {issue(account, owner.pk).token for _ in range(20)}

    assert len(tokens) == 20
    assert all(re.fullmatch("M[0-9A-HJKMNP-TV-Z]{26}", token) for token in tokens)


def test_the_token_is_not_in_the_database(token):
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(voucher)::text FROM accounts_voucher AS voucher")
        (stored,) = cursor.fetchone()

    assert token not in stored
    assert token[1:] not in stored


def test_reading_does_not_use_it(token):
    bind(token, HERE)

    assert read(token, HERE).pk == read(token, HERE).pk
    assert Voucher.objects.get().used_at is None


@pytest.mark.parametrize("spelled", [str.lower, lambda token: f" {token[:3]}-{token[3:9]} {token[9:]}\r\n"])
def test_a_token_may_be_typed(token, spelled):
    bind(spelled(token), HERE)

    assert read(spelled(token), HERE).institution_id == HERE


@pytest.mark.usefixtures("noon")
def test_binding_is_one_statement_and_reading_another(token, django_assert_num_queries):
    with django_assert_num_queries(1):
        bind(token, HERE)
    with django_assert_num_queries(1):
        assert read(token, HERE).person.masked_name == "王*兰"
    voucher = read(token, HERE)

    with django_assert_num_queries(1):
        use(voucher, BILL)


# Who may show it


def test_nobody_shows_a_code_for_those_they_may_not_act_for(owner):
    pending = mandate(citizen(), owner, status="pending", active_from=None).account

    for other in (citizen(person()), pending):
        with pytest.raises(NotFound):
            issue(other, owner.pk)

    assert not Voucher.objects.exists()


def test_a_mandate_that_has_ended_shows_no_code(account, owner):
    unbind(account, owner.pk)
    account = type(account).objects.get()

    with pytest.raises(NotFound):
        issue(account, owner.pk)


@pytest.mark.parametrize("bound", [True, False])
def test_a_code_shown_under_a_mandate_that_has_ended_since_is_refused(account, owner, token, bound):
    if bound:
        bind(token, HERE)

    revoke_mandate(account, Mandate.objects.get().pk)

    assert refusal(token) == "voucher_expired"
    with transaction.atomic():
        assert refusal(token, lock=True) == "voucher_expired"


def test_a_code_for_a_child_ends_with_the_day_the_mandate_ends(account):
    child = person()

    with clock.standing_at(moment("2026-11-20 23:59")):
        mandate(account, child, valid_until=clock.today())
        token = issue(account, child.pk).token
        assert read(token, HERE).person == child

    with clock.standing_at(moment("2026-11-21 00:00")):
        assert refusal(token) == "voucher_expired"


def test_codes_of_an_account_are_limited(account, owner, settings):
    settings.LIMITS = settings.LIMITS | {"voucher": "2/hour"}
    issue(account, owner.pk)
    issue(account, owner.pk)

    with pytest.raises(TooMany):
        issue(account, owner.pk)

    assert Voucher.objects.count() == 2


# How long


def test_it_can_be_read_for_three_minutes_of_machine_time(account, owner):
    before = timezone.now()

    with clock.standing_at(moment("2031-01-01 10:00")):
        issued = issue(account, owner.pk)

    assert timedelta(seconds=180) <= issued.expires_at - before < timedelta(seconds=190)
    assert Voucher.objects.get().expires_at == issued.expires_at

    aged(seconds=170)
    bind(issued.token, HERE)

    assert read(issued.token, HERE)


def test_too_late_it_is_neither_bound_nor_read(token):
    aged(seconds=180)

    bind(token, HERE)

    assert refusal(token) == "voucher_expired"
    assert Voucher.objects.get().institution_id is None


def test_the_hospital_that_read_it_has_half_an_hour_from_then_on(token):
    bind(token, HERE)

    row = Voucher.objects.get()

    assert row.expires_at - row.bound_at == timedelta(seconds=settings.VOUCHER_BOUND_SECONDS) == timedelta(minutes=30)

    aged(minutes=29)
    bind(token, HERE)  # a second call of the hospital's prolongs nothing

    assert read(token, HERE)

    aged(minutes=1)

    assert refusal(token) == "voucher_expired"


def test_a_voucher_that_was_used_stays_used_when_its_time_is_up(token):
    bind(token, HERE)
    use(read(token, HERE), BILL)

    aged(hours=1)

    assert refusal(token) == "voucher_used"


# Whose


def test_the_first_hospital_that_reads_it_is_the_only_one(token):
    bind(token, HERE)

    bind(token, THERE)

    assert refusal(token, THERE) == "voucher_elsewhere"
    assert read(token, HERE).institution_id == HERE


def test_the_other_hospital_is_not_told_whether_it_was_used(token):
    bind(token, HERE)

    use(read(token, HERE), BILL)

    assert refusal(token, THERE) == "voucher_elsewhere"


def test_an_unknown_token_is_told_to_nobody_and_counted(settings):
    settings.LIMITS = settings.LIMITS | {"guess-voucher": "2/hour"}

    bind("M0000", HERE)

    assert [refusal("M0000"), refusal("")] == ["voucher_unknown", "voucher_unknown"]

    with pytest.raises(TooMany):
        read("M0000", HERE)

    assert refusal("M0000", THERE) == "voucher_unknown"


def test_a_right_token_is_no_guess(token, settings):
    settings.LIMITS = settings.LIMITS | {"guess-voucher": "0/hour"}

    assert read(token, HERE)


# Once


def test_it_is_used_once_even_by_two_that_read_it_before(token):
    one, other = read(token, HERE), read(token, HERE)
    use(one, BILL)

    with pytest.raises(WrongState) as refused:
        use(other, OTHER_BILL)

    assert refused.value.code == "voucher_used"
    assert Voucher.objects.get().used_for == BILL


def test_a_settlement_that_is_refused_uses_nothing_but_stays_bound(token):
    bind(token, HERE)

    with transaction.atomic():
        use(read(token, HERE, lock=True), BILL)
        transaction.set_rollback(True)

    assert read(token, HERE).used_at is None
    assert refusal(token, THERE) == "voucher_elsewhere"


@pytest.mark.django_db(transaction=True)
def test_two_desks_settle_with_it_at_once(token):
    bind(token, HERE)

    def settle(bill):
        with transaction.atomic():
            use(read(token, HERE, lock=True), bill)
        return bill

    (winner,), (refused,) = split(together(lambda: settle(BILL), lambda: settle(OTHER_BILL)))

    assert refused.code == "voucher_used"
    assert Voucher.objects.get().used_for == winner


@pytest.mark.django_db(transaction=True)
def test_two_hospitals_read_it_at_once(token):
    def reading(at):
        bind(token, at)
        return read(token, at).institution_id

    (winner,), (refused,) = split(together(lambda: reading(HERE), lambda: reading(THERE)))

    assert refused.code == "voucher_elsewhere"
    assert Voucher.objects.get().institution_id == winner


# What is left


def test_what_was_not_used_is_forgotten_after_two_days_what_was_used_after_thirty(account, owner, token):
    used = issue(account, owner.pk).token
    use(read(used, HERE), BILL)

    aged(hours=47)

    assert purge_vouchers() == 0

    aged(hours=1)

    assert purge_vouchers() == 1
    assert Voucher.objects.get().used_for == BILL

    aged(days=28)

    assert purge_vouchers() == 1


def test_a_closed_account_leaves_no_code_behind(account, owner, token):
    close_account(account)

    assert not Voucher.objects.exists()
    assert refusal(token) == "voucher_unknown"


# Over HTTP


def test_the_phone_shows_it_as_a_qr_code(account, owner):
    response = api(account).post(f"/api/v1/persons/{owner.pk}/vouchers/", HTTP_IDEMPOTENCY_KEY="k")

    again = api(account).post(f"/api/v1/persons/{owner.pk}/vouchers/", HTTP_IDEMPOTENCY_KEY="k")

    assert (response.status_code, again.status_code) == (201, 201)

    shown = response.json()
    assert shown.keys() == {"token", "expires_at", "expires_in", "qr_svg"}
    assert shown["expires_in"] == 180
    assert shown["qr_svg"].startswith("<svg")
    assert shown["token"] != again.json()["token"]  # no key replays a code
    assert read(shown["token"], HERE).person == owner
