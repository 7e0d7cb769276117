"""Passkeys beside the app: added, signed in with, asked again before money leaves, counted, blocked, removed, reset."""

import json
import time

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django_otp_webauthn.models import WebAuthnAttestation, WebAuthnCredential

from accounts import services
from accounts.models import Authenticator, SignIn, StaffChange
from accounts.security import enrolment, factor, passkeys
from claims.models import PaymentBatch
from core import clock
from core.errors import Refusal
from tests import factories as make
from tests.accounts.passkey import Passkey
from tests.accounts.second_factor import admitted, code_of, enrolled, invited
from tests.rivals import split, together

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
CODE, ENROL, PASSKEY, OWN, CONFIRM = (
    "/admin/login/code/",
    "/admin/login/enrol/",
    "/admin/login/passkey/",
    "/admin/security/",
    "/admin/security/confirm/",
)
HERE, DOMAIN = "http://testserver", "testserver"


@pytest.fixture(autouse=True)
def site(settings):
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [HERE]
    settings.OTP_WEBAUTHN_RP_ID = DOMAIN
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def reviewer():
    return with_password(make.reviewer(name="张敏"))


def with_password(account):
    account.set_password(PASSWORD)
    account.save()
    return account


def password(client, account):
    return client.post("/admin/login/", {"username": account.username, "password": PASSWORD})


def asked(client, page):
    """What the browser is asked on this page."""
    return json.loads(client.get(page).context["passkey"])


def added(client, key=None, name="办公电脑"):
    """Add a passkey on its page; the key, and the answer of the site."""
    key = key or Passkey(HERE, DOMAIN)
    answer = client.post(PASSKEY, {"passkey": key.create(asked(client, PASSKEY)), "name": name})
    return key, answer


def with_key(account, **of):
    """An account that has a passkey as its only factor, and signed out again."""
    client = Client()
    password(client, account)
    key, answer = added(client, Passkey(HERE, DOMAIN, **of))
    assert answer.status_code == 200
    return key


def stale(client):
    session = client.session
    session["second_factor_at"] = 0
    session.save()


def on_record(account):
    return list(StaffChange.objects.filter(account=account).order_by("id").values_list("what", flat=True))


def refused(act):
    with pytest.raises(Refusal) as refusal:
        act()
    return refusal.value.status, refusal.value.code


# Setting up


def test_the_first_one_gives_recovery_codes_and_is_then_asked_for(client, reviewer):
    password(client, reviewer)

    key, answer = added(client)

    assert len(answer.context["codes"]) == factor.codes_left(reviewer) == 10
    assert factor.is_enrolled(reviewer)
    assert on_record(reviewer) == ["passkey"]
    other = Client()
    assert password(other, reviewer)["Location"] == CODE
    assert other.get(OWN).status_code == 302
    answer = other.post(CODE, {"passkey": key.get(asked(other, CODE))})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert other.get(OWN).status_code == 200
    assert SignIn.objects.first().factor == "passkey"
    kept = WebAuthnCredential.objects.get()
    assert (kept.name, kept.sign_count, kept.last_used_at is not None) == ("办公电脑", 1, True)
    assert not WebAuthnAttestation.objects.exists()


def test_a_further_one_leaves_app_and_recovery_codes_as_they_are(client, reviewer):
    enrolled(reviewer)
    password(client, reviewer)
    client.post(CODE, {"code": code_of(reviewer)})

    _key, answer = added(client)

    assert answer["Location"] == OWN
    assert Authenticator.objects.filter(confirmed=True).count() == 1
    assert factor.codes_left(reviewer) == 10
    page = client.get(OWN).content.decode()
    assert "办公电脑" in page
    assert on_record(reviewer) == ["enrolled", "passkey"]


def test_where_one_is_required_the_first_passkey_needs_the_code_too(client, reviewer, settings):
    settings.SECOND_FACTOR = "required"
    code = invited(reviewer)
    password(client, reviewer)
    assert client.get(PASSKEY)["Location"] == ENROL
    assert client.post(PASSKEY, {"passkey": "{}"})["Location"] == ENROL

    client.post(ENROL, {"enrolment": code})
    assert PASSKEY in client.get(ENROL).content.decode()
    _key, answer = added(client)

    assert len(answer.context["codes"]) == 10
    assert client.get(OWN).status_code == 200
    assert not Authenticator.objects.exists()
    assert on_record(reviewer) == ["invited", "passkey"]
    assert refused(lambda: passkeys.remove(reviewer, str(WebAuthnCredential.objects.get().pk))) == (
        403,
        "second_factor_missing",
    )
    assert factor.is_enrolled(reviewer)


def test_adding_one_asks_for_a_fresh_factor(client, reviewer):
    key = with_key(reviewer)
    password(client, reviewer)
    client.post(CODE, {"passkey": key.get(asked(client, CODE))})
    stale(client)

    assert client.get(PASSKEY)["Location"].startswith(CONFIRM)
    assert client.post(PASSKEY, {"passkey": "{}"})["Location"].startswith(CONFIRM)
    answer = client.post(f"{CONFIRM}?next={PASSKEY}", {"passkey": key.get(asked(client, CONFIRM))})
    assert answer["Location"] == PASSKEY
    added(client, Passkey(HERE, DOMAIN, number=2), name="钥匙")

    assert WebAuthnCredential.objects.count() == 2


def test_the_password_alone_adds_none_where_there_is_one(client, reviewer):
    with_key(reviewer)
    password(client, reviewer)

    assert client.get(PASSKEY)["Location"] == CODE
    assert client.post(PASSKEY, {"passkey": "{}"})["Location"] == CODE


def test_a_key_that_is_known_already_is_refused(client, reviewer):
    key = with_key(with_password(make.reviewer()))
    password(client, reviewer)

    _key, answer = added(client, key)

    assert (answer.status_code, answer.context["refusal"].code) == (400, "passkey_wrong")
    assert not factor.is_enrolled(reviewer)


# Wrong answers


@pytest.mark.parametrize(
    "wrong", ["another page", "another domain", "another key", "an earlier challenge", "another's key", "nonsense"]
)
def test_a_wrong_answer_opens_nothing(client, reviewer, wrong):
    key = with_key(reviewer)
    other = with_key(with_password(make.reviewer()), number=2)
    password(client, reviewer)
    earlier = asked(client, CODE)
    now = asked(client, CODE)
    if wrong == "another page":
        key.origin = "https://testserver.example"
    if wrong == "another domain":
        key.domain = "example"
    if wrong == "another key":
        key.key = Passkey(HERE, DOMAIN).key
    answers = {"an earlier challenge": lambda: key.get(earlier), "another's key": lambda: other.get(now)}
    for said in [answers.get(wrong, lambda: key.get(now))()] if wrong != "nonsense" else NONSENSE:
        asked(client, CODE) if wrong == "nonsense" else None
        answer = client.post(CODE, {"passkey": said})
        assert (answer.status_code, answer.context["refusal"].code) == (401, "passkey_wrong"), said

    assert client.get(OWN).status_code == 302
    assert on_record(reviewer) == ["passkey"]


NONSENSE = [
    "x",
    "[]",
    "{}",
    "null",
    '{"id": 1}',
    json.dumps({"id": "a", "rawId": "a", "type": "public-key", "response": {}}),
]


@pytest.mark.parametrize("said", NONSENSE)
def test_a_set_up_of_nonsense_is_refused_readably(client, reviewer, said):
    password(client, reviewer)
    asked(client, PASSKEY)

    answer = client.post(PASSKEY, {"passkey": said, "name": "x"})

    assert (answer.status_code, answer.context["refusal"].code) == (400, "passkey_wrong")


def test_an_answer_counts_once_and_for_five_minutes(client, reviewer):
    key = with_key(reviewer)
    password(client, reviewer)
    said = key.get(asked(client, CODE))
    session = client.session
    session["passkey"] = {**session["passkey"], "until": time.time() - 1}
    session.save()

    late = client.post(CODE, {"passkey": said})
    again = client.post(CODE, {"passkey": said})

    assert [each.context["refusal"].code for each in (late, again)] == ["passkey_expired", "passkey_wrong"]


def test_a_challenge_to_sign_in_adds_no_key(client, reviewer):
    password(client, reviewer)
    key = Passkey(HERE, DOMAIN)
    asked(client, PASSKEY)
    session = client.session
    session["passkey"] = {**session["passkey"], "adding": False}
    session.save()

    answer = client.post(PASSKEY, {"passkey": key.create({"challenge": session["passkey"]["challenge"]}), "name": "x"})

    assert (answer.status_code, answer.context["refusal"].code) == (409, "passkey_expired")


def test_a_copied_key_is_blocked_and_on_record(client, reviewer):
    key = with_key(reviewer)
    password(client, reviewer)
    client.post(CODE, {"passkey": key.get(asked(client, CODE))})
    key.counter = 0

    other = Client()
    password(other, reviewer)
    answer = other.post(CODE, {"passkey": key.get(asked(other, CODE))})

    assert (answer.status_code, answer.context["refusal"].code) == (401, "passkey_cloned")
    assert on_record(reviewer) == ["passkey", "cloned"]
    assert not WebAuthnCredential.objects.get().confirmed
    assert "计数异常，已停用" in client.get(OWN).content.decode()


def test_a_counter_that_no_database_holds_blocks_the_key_and_breaks_nothing(client, reviewer):
    key = with_key(reviewer)
    password(client, reviewer)
    key.counter = 2**32 - 2

    answer = client.post(CODE, {"passkey": key.get(asked(client, CODE))})

    assert answer.status_code == 401


def test_a_page_at_another_address_offers_none(client, reviewer, settings):
    with_key(reviewer)
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = ["https://yidi.example"]
    password(client, reviewer)

    assert client.get(CODE).context["passkey"] == ""
    assert "data-passkey" not in client.get(CODE).content.decode()


# Doors, money, loss


def test_at_the_api_a_recovery_code_stands_for_a_passkey(reviewer):
    client = Client()
    password(client, reviewer)
    _key, answer = added(client)
    code = answer.context["codes"][0]
    body = {"username": reviewer.username, "password": PASSWORD}

    bare = make.api().post("/api/v1/auth/password/", body)
    right = make.api().post("/api/v1/auth/password/", {**body, "code": code})

    assert (bare.status_code, bare.json()["errors"][0]["code"]) == (401, "second_factor_required")
    assert right.status_code == 200


def test_money_leaves_after_a_passkey_was_asked_again(client):
    payer = with_password(make.finance())
    key = with_key(payer)
    batch = PaymentBatch.objects.create(
        number="ZF1", area_id=payer.area_id, made_by=payer, made_at=clock.now(), count=0, total=0
    )
    page = reverse("admin:claims_paymentbatch_change", args=[batch.pk])
    password(client, payer)
    client.post(CODE, {"passkey": key.get(asked(client, CODE))})
    stale(client)
    client.post(page, {"paid_on": f"{clock.today()}"})
    batch.refresh_from_db()
    assert batch.paid_on is None

    link = client.get(page).context["asks_code"].elsewhere
    assert link.replace("&", "&amp;") in client.get(page).content.decode()
    answer = client.post(link, {"passkey": key.get(asked(client, link))})
    assert answer["Location"] == page
    client.post(page, {"paid_on": f"{clock.today()}"})

    batch.refresh_from_db()
    assert batch.paid_on == clock.today()


def test_one_is_removed_after_a_fresh_factor_and_the_last_takes_the_recovery_codes_along(client, reviewer):
    key = with_key(reviewer)
    password(client, reviewer)
    client.post(CODE, {"passkey": key.get(asked(client, CODE))})
    row = WebAuthnCredential.objects.get()
    stale(client)
    assert client.post(OWN, {"do": "passkey", "key": row.pk})["Location"].startswith(CONFIRM)
    client.post(CONFIRM, {"passkey": key.get(asked(client, CONFIRM))})

    client.post(OWN, {"do": "passkey", "key": row.pk})

    assert not factor.is_enrolled(reviewer)
    assert factor.codes_left(reviewer) == 0
    assert on_record(reviewer) == ["passkey", "unpasskey", "removed"]


def test_nobody_removes_anothers(reviewer):
    with_key(with_password(make.reviewer()))
    row = WebAuthnCredential.objects.get()

    for key in (str(row.pk), "x", ""):
        assert refused(lambda key=key: passkeys.remove(reviewer, key)) == (404, "not_found")


def test_a_reset_takes_passkeys_away_and_a_new_code_is_needed(client, reviewer, settings):
    with_key(reviewer)
    settings.SECOND_FACTOR = "required"
    supervisor = make.supervisor()

    services.reset_factor(reviewer, by=supervisor)

    assert not WebAuthnCredential.objects.exists()
    assert enrolment.needs_code(reviewer)
    assert password(client, reviewer)["Location"] == ENROL


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_to_one_challenge_at_once_one_counts():
    account = with_password(make.reviewer())
    key = with_key(account)
    client = Client()
    password(client, account)
    said = key.get(asked(client, CODE))
    sessions = [client.session, client.session]

    winners, losers = split(together(*[lambda kept=kept: passkeys.verify(account, kept, said) for kept in sessions]))

    assert (winners, [loser.code for loser in losers]) == (["passkey"], ["passkey_expired"])
    assert on_record(account) == ["passkey"]
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_a_code_admits_an_app_or_a_passkey_but_not_both_at_once(settings):
    account = with_password(make.reviewer())
    settings.SECOND_FACTOR = "required"
    device = admitted(account)
    client = Client()
    password(client, account)
    session = client.session
    challenge = passkeys.challenge(session, account, adding=True)
    session.save()
    said, code = Passkey(HERE, DOMAIN).create(challenge), code_of(account, confirmed=False)

    winners, losers = split(
        together(
            lambda: passkeys.add(account, session, said, "x", device=device),
            lambda: enrolment.confirm(account, code, device=device),
        )
    )

    assert ([len(codes) for codes in winners], len(losers)) == ([10], 1)
    assert len(on_record(account)) == 2
    connections.close_all()
