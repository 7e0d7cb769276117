"""Where somebody of the staff is signed in: seen, ended, over with the password; and what dies with it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from accounts import services
from accounts.models import SignIn, StaffChange, StaffSession
from accounts.security import sessions
from accounts.security.attempts import purge_sign_ins
from core.errors import NotFound, Refusal
from reviews import materials
from tests import factories as make
from tests.reviews import material_files as files
from tests.roles import as_purge

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
OWN = "/admin/security/"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def reviewer():
    account = make.reviewer()
    account.set_password(PASSWORD)
    account.save()
    return account


def signed_in(account, **headers):
    client = Client(headers=headers)
    client.post(reverse("admin:login"), {"username": account.username, "password": PASSWORD})
    return client


def stands(client):
    return client.get(OWN).status_code == 200


def on_record(account):
    return list(StaffChange.objects.filter(account=account).order_by("id").values_list("what", "by"))


def test_one_sees_where_one_is_signed_in(reviewer):
    other, here = signed_in(reviewer, user_agent="Firefox"), signed_in(reviewer, user_agent="Chromium")
    make.api().post("/api/v1/auth/password/", {"username": reviewer.username, "password": PASSWORD})

    places = here.get(OWN).context["places"]

    assert [(place.agent, place.here) for place in places if place.on_site] == [("Chromium", True), ("Firefox", False)]
    assert [place.on_site for place in places].count(False) == 1
    assert all(place.address == "127.0.0.1" for place in places if place.on_site)
    keys = StaffSession.objects.values_list("session_key", flat=True)
    page = here.get(OWN).content.decode()
    assert not [key for key in keys if key in page]
    assert stands(other)


def test_one_of_them_is_ended_and_its_place_opens_nothing_any_more(reviewer):
    other, here = signed_in(reviewer), signed_in(reviewer)
    (place,) = [place for place in here.get(OWN).context["places"] if not place.here]

    here.post(OWN, {"do": "end", "place": place.handle})

    assert (stands(here), stands(other)) == (True, False)
    assert on_record(reviewer) == [("ended", reviewer.pk)]
    with pytest.raises(NotFound):
        sessions.end_place(reviewer, place.handle, by=reviewer)


def test_all_others_are_ended_at_once_tokens_too(reviewer):
    others, here = [signed_in(reviewer) for _ in "ab"], signed_in(reviewer)
    AuthToken.objects.create(reviewer, timedelta(hours=1))

    here.post(OWN, {"do": "end_all"})
    here.post(OWN, {"do": "end_all"})

    assert [stands(each) for each in (here, *others)] == [True, False, False]
    assert not AuthToken.objects.exists()
    assert on_record(reviewer) == [("ended", reviewer.pk)]


def test_one_more_than_allowed_ends_the_one_that_was_still_for_longest(reviewer, settings):
    settings.SESSIONS_AT_ONCE = 2
    colleague = make.reviewer()
    colleague.set_password(PASSWORD)
    colleague.save()
    somebody, oldest, used = signed_in(colleague), signed_in(reviewer), signed_in(reviewer)
    StaffSession.objects.filter(pk=oldest.session.session_key).update(expire_date=timezone.now() + timedelta(hours=1))

    newest = signed_in(reviewer)

    assert "最久未使用的 1 处已退出" in newest.get(OWN).content.decode()
    assert [stands(each) for each in (oldest, used, newest, somebody)] == [False, True, True, True]
    assert on_record(reviewer) == [(StaffChange.What.ENDED, reviewer.pk)]


def test_nobody_ends_what_is_anothers(reviewer):
    stranger = make.reviewer()
    other = signed_in(reviewer)
    (place,) = sessions.places(reviewer)

    with pytest.raises(NotFound):
        sessions.end_place(stranger, place.handle, by=stranger)

    assert stands(other)


def test_a_new_password_ends_all_but_this_one(reviewer):
    other, here = signed_in(reviewer), signed_in(reviewer)
    token = AuthToken.objects.create(reviewer)[1]
    fresh = "seven purple hedgehogs"

    form = {"old_password": PASSWORD, "new_password1": fresh, "new_password2": fresh}
    assert here.post(reverse("admin:password_change"), form).status_code == 302

    assert (stands(here), stands(other)) == (True, False)
    assert StaffSession.objects.filter(account=reviewer).count() == 1
    client = make.api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get("/api/v1/account/").status_code == 401


def test_a_supervisor_ends_a_colleagues_and_a_stranger_does_not(reviewer):
    client = signed_in(reviewer)
    with pytest.raises(Refusal) as refused:
        services.end_sign_ins(reviewer, by=make.supervisor("510100"))
    assert (refused.value.code, stands(client)) == ("other_area", True)
    supervisor = make.supervisor()

    services.end_sign_ins(reviewer, by=supervisor)

    assert not stands(client)
    assert on_record(reviewer) == [("ended", supervisor.pk)]


def test_signing_out_ends_it(reviewer):
    client = signed_in(reviewer)

    client.post(reverse("admin:logout"))

    assert not StaffSession.objects.filter(account=reviewer).exists()


def test_an_ended_session_is_over_whatever_the_cache_does(reviewer, settings):
    """Sessions stand in the database alone: none comes back out of a cache that was away when it was ended."""
    client = signed_in(reviewer)
    unreachable = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": unreachable}

    services.end_sign_ins(reviewer, by=make.supervisor())

    assert not stands(client)


def test_signed_links_die_with_the_token_they_were_made_under():
    owner = make.citizen(make.person())
    client, elsewhere = make.api(owner), make.api(owner)
    scan = materials.receive(owner, SimpleUploadedFile("a.jpg", files.jpeg()), "residence_permit")
    materials.process(scan.id)
    links = [one.get(f"/api/v1/materials/{scan.id}/").json()["url"] for one in (client, elsewhere)]
    assert [followed(link) for link in links] == [200, 200]

    client.post("/api/v1/auth/logout/")

    assert [followed(link) for link in links] == [403, 200]


def followed(link):
    """Follow a link to its end; the status."""
    answer = make.api().get(link)
    answer.getvalue()
    return answer.status_code


def test_what_stands_on_record_of_a_sign_in_stays(reviewer, settings):
    signed_in(reviewer)
    row = SignIn.objects.filter(account=reviewer)
    assert list(row.values_list("door", "factor", "address")) == [("site", "", "127.0.0.1")]

    for act in (lambda: row.update(factor="code"), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()

    SignIn.objects.create(account=reviewer, door="site", at=timezone.now() - settings.SIGN_INS_KEPT - timedelta(days=1))
    with as_purge():
        assert purge_sign_ins() == 1


def test_sessions_that_are_over_are_purged(reviewer):
    signed_in(reviewer)
    StaffSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    client = signed_in(reviewer)

    assert sessions.purge_sessions() == 1
    assert stands(client)
