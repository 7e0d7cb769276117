"""Binding persons: what proves a mandate, what is shown before it is proved, how guessing ends."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts import services
from accounts.models import Account, Mandate, MandateStatus, Message, Person, SandboxDelivery
from accounts.registry import RegisteredEnrollment
from core.clock import standing_at
from regions.models import Agency
from tests import factories
from tests.factories import api, citizen, moment

pytestmark = pytest.mark.django_db

WANG = "110101195503070028"


def bind(account, name="王秀兰", number=WANG, relation="self", **more):
    body = {"name": name, "id_number": number, "relation": relation, "consent": True} | more
    return api(account).post("/api/v1/persons/", body)


def verify(account, person_id, code="000000"):
    return api(account).post(f"/api/v1/persons/{person_id}/verify/", {"code": code})


def persons(account):
    return api(account).get("/api/v1/persons/").json()["results"]


def mandates(account):
    return api(account).get("/api/v1/mandates/").json()["results"]


def error(response):
    (problem,) = response.json()["errors"]
    return response.status_code, problem["code"]


def mandate(account):
    return Mandate.objects.get(account=account)


# Oneself, by a code


def test_binding_oneself_waits_for_the_code_and_shows_nothing(wang, account):
    response = bind(account)

    assert response.status_code == 201

    row = Mandate.objects.get()
    assert response.json() == {
        "id": str(row.person_id),
        "name": None,
        "id_number": None,
        "certificate": None,
        "relation": "self",
        "birth_date": None,
        "mandate": {
            "id": str(row.id),
            "status": "pending",
            "proof": "code",
            "until": None,
            "whom": "王*兰",
            "agency": None,
        },
        "enrollments": [],
    }
    assert persons(account) == [response.json()]
    assert not Account.objects.get(pk=account.pk).active_mandates


def test_code_goes_to_the_telephone_in_the_register(wang, account):
    bind(account)

    sent = SandboxDelivery.objects.get()

    assert (sent.channel, sent.to) == ("sms", "13900000001")
    assert "000000" in sent.text
    assert "10 分钟" in sent.text
    assert "000000" not in mandate(account).code_hash


def test_right_code_opens_the_person(wang, account, noon):
    person_id = bind(account).json()["id"]

    response = verify(account, person_id)

    assert response.status_code == 200

    (enrollment,) = Person.objects.get().enrollments.all()
    shown = response.json()

    assert shown["mandate"]["status"] == "active"
    assert (shown["name"], shown["id_number"]) == ("王*兰", "1101**********0028")
    assert shown["birth_date"] == "1955-03-07"
    assert shown["enrollments"] == [
        {
            "id": str(enrollment.id),
            "area": "500000",
            "area_name": "重庆市",
            "insurance": "employee",
            "category": "active",
            "tier": 1,
            "retired_year": None,
            "status": "active",
            "valid_from": "2015-01-01",
            "valid_until": None,
        }
    ]
    assert persons(account) == [shown]
    assert services.identity_of(account).id_number == WANG
    assert mandate(account).active_from == noon
    assert mandate(account).code_hash == ""


@pytest.mark.parametrize(
    ("until", "status"), [(date(2026, 11, 20), "active"), (date(2026, 11, 19), "ended"), (None, "active")]
)
def test_enrollment_says_whether_it_is_in_force(insured, account, until, status):
    insured(
        "王秀兰", WANG, enrollments=[RegisteredEnrollment("500000", "employee", "retired", date(2015, 1, 1), until)]
    )

    shown = verify(account, bind(account).json()["id"]).json()

    assert [row["status"] for row in shown["enrollments"]] == [status]


def test_wrong_code_leaves_it_pending(wang, account):
    person_id = bind(account).json()["id"]

    assert error(verify(account, person_id, "000001")) == (400, "code_wrong")
    assert mandate(account).code_attempts == 1
    assert verify(account, person_id).status_code == 200


def test_five_wrong_codes_spend_it(wang, account):
    person_id = bind(account).json()["id"]

    answers = [error(verify(account, person_id, "999999")) for _ in range(5)]

    assert answers == [(400, "code_wrong")] * 5
    assert error(verify(account, person_id)) == (409, "code_exhausted")
    assert mandate(account).status == MandateStatus.PENDING


def test_code_expires_after_ten_minutes_of_machine_time(wang, account):
    person_id = bind(account).json()["id"]

    row = mandate(account)

    assert timedelta(minutes=9) < row.code_expires_at - timezone.now() <= timedelta(minutes=10)

    Mandate.objects.update(code_expires_at=timezone.now())

    assert error(verify(account, person_id)) == (409, "code_expired")


def test_new_code_can_be_asked_for(wang, account):
    person_id = bind(account).json()["id"]

    Mandate.objects.update(code_expires_at=timezone.now(), code_attempts=5)

    assert api(account).post(f"/api/v1/persons/{person_id}/resend/").status_code == 200

    assert SandboxDelivery.objects.count() == 2
    assert verify(account, person_id).status_code == 200


def test_codes_sent_to_one_person_are_limited(wang, account, settings):
    settings.LIMITS = settings.LIMITS | {"ask-person": "2/hour"}
    person_id = bind(account).json()["id"]

    statuses = [api(account).post(f"/api/v1/persons/{person_id}/resend/").status_code for _ in range(2)]

    assert statuses == [200, 429]
    assert SandboxDelivery.objects.count() == 2


def test_wrong_codes_of_an_account_are_limited(wang, account, settings):
    settings.LIMITS = settings.LIMITS | {"wrong-code": "2/hour"}
    person_id = bind(account).json()["id"]

    answers = [error(verify(account, person_id, "999999")) for _ in range(3)]

    assert answers == [(400, "code_wrong"), (400, "code_wrong"), (429, "throttled")]
    assert error(verify(account, person_id)) == (429, "throttled")


def test_verifying_twice(wang, account):
    person_id = bind(account).json()["id"]

    verify(account, person_id)

    assert error(verify(account, person_id)) == (409, "wrong_state")


def test_code_of_another_account_opens_nothing(wang, account):
    person_id = bind(account).json()["id"]

    assert error(verify(citizen(), person_id)) == (404, "not_found")


def test_without_a_telephone_only_the_counter_helps(insured, account):
    insured("王秀兰", WANG, phone="")
    Agency.objects.create(area_id=factories.CHONGQING, name="示范医保中心", address="示范路1号", phone="023-00000000")

    response = bind(account)

    asked = response.json()["mandate"]
    assert (asked["proof"], asked["whom"]) == ("counter", "王*兰")
    assert asked["agency"] == {"name": "示范医保中心", "address": "示范路1号", "phone": "023-00000000"}
    assert error(verify(account, response.json()["id"])) == (409, "not_by_code")
    assert not SandboxDelivery.objects.exists()


def test_person_who_binds_elsewhere_is_warned(wang, account):
    verify(account, bind(account).json()["id"])
    second = citizen()

    verify(second, bind(second).json()["id"])

    (warning,) = Message.objects.all()

    assert (warning.account, warning.kind) == (account, "mandate_self")


# Who is asked, and what is wrong with it


@pytest.mark.parametrize(
    ("name", "number"),
    [("王秀", WANG), ("李雷", WANG), ("王秀兰", "110101195503070044"), ("李雷", "110101195503070044")],
)
def test_wrong_name_and_wrong_number_get_the_same_answer(wang, account, name, number):
    response = bind(account, name, number)

    assert response.status_code == 404
    assert response.json()["errors"] == [
        {
            "code": "not_registered",
            "detail": "没有查到参保信息，请核对姓名和证件号码，或联系参保地经办机构。",
            "attr": None,
        }
    ]
    assert not Mandate.objects.exists()


@pytest.mark.parametrize("name", ["王秀兰", " 王秀兰 ", "王 秀 兰", "王　秀兰"])
def test_blanks_in_a_name_do_not_matter(wang, account, name):
    assert bind(account, name).status_code == 201


def test_dots_and_width_in_a_name_do_not_matter(insured, account):
    insured("阿依古丽·Ｍ．买买提", WANG)

    assert bind(account, "阿依古丽•m.买买提").status_code == 201


@pytest.mark.parametrize(
    "number", ["110101195503070027", "11010119550307002", "110101195513070028", "abc", "110101195503070028X"]
)
def test_wrong_number_is_named(wang, account, number):
    response = bind(account, number=number)

    assert error(response) == (400, "id_number_invalid")
    assert response.json()["errors"][0]["attr"] == "id_number"


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "\x00"}, "name"),
        ({"name": None}, "name"),
        ({"id_number": ""}, "id_number"),
        ({"relation": "friend"}, "relation"),
        ({"relation": None}, "relation"),
        ({"consent": "maybe"}, "consent"),
        ({"consent": None}, "consent"),
    ],
)
def test_malformed_input_names_the_field(wang, account, change, attr):
    response = bind(account, **change)

    assert response.status_code == 400
    assert [problem["attr"] for problem in response.json()["errors"]] == [attr]
    assert not Mandate.objects.exists()


def test_without_consent_nothing_is_bound(wang, account):
    assert error(bind(account, consent=False)) == (400, "consent_required")
    assert not Person.objects.exists()


def test_guessing_is_throttled_by_account(wang, account, settings):
    settings.LIMITS = settings.LIMITS | {"guess-account": "3/hour"}

    answers = [error(bind(account, "李雷")) for _ in range(4)]

    assert answers == [(404, "not_registered")] * 3 + [(429, "throttled")]
    assert error(bind(account)) == (429, "throttled")
    assert bind(citizen()).status_code == 201


@pytest.mark.parametrize("crowd", ["guess-address", "guess-person"])
def test_a_crowd_of_guesses_holds_up_who_guesses_and_nobody_else(wang, settings, crowd):
    settings.LIMITS = settings.LIMITS | {crowd: "3/hour"}
    guesser, honest = citizen(), citizen()
    for _ in range(3):
        bind(citizen(), "李雷")

    answers = [error(bind(guesser, "李雷")) for _ in range(4)]

    assert answers == [(404, "not_registered")] * 3 + [(429, "throttled")]
    assert bind(honest, "王秀兰").status_code == 201


def test_finding_oneself_is_no_guess(wang, account, settings):
    settings.LIMITS = settings.LIMITS | {"guess-account": "1/hour"}

    for _ in range(3):
        person_id = bind(account).json()["id"]
        assert api(account).delete(f"/api/v1/persons/{person_id}/").status_code == 204


def test_typing_error_in_the_number_is_no_guess(wang, account, settings):
    settings.LIMITS = settings.LIMITS | {"guess-account": "1/hour"}

    for _ in range(3):
        assert error(bind(account, number="110101195503070027")) == (400, "id_number_invalid")


def test_a_person_is_bound_once_to_an_account(wang, account):
    bind(account)

    assert error(bind(account)) == (409, "already_bound")
    assert error(bind(account, relation="spouse")) == (409, "already_bound")


def test_an_account_is_one_person(wang, insured, account):
    other = insured("李雷", factories.id_number())

    bind(account)

    assert error(bind(account, other.name, other.id_number)) == (409, "self_bound")


def test_at_most_six_persons(insured, account, settings):
    relatives = [insured(f"亲属{'一二三四五六七'[n]}", factories.id_number()) for n in range(7)]

    statuses = [bind(account, one.name, one.id_number, "other").status_code for one in relatives]

    assert statuses == [201] * 6 + [409]
    assert error(bind(account, relatives[6].name, relatives[6].id_number, "other")) == (409, "too_many_persons")

    api(account).delete(f"/api/v1/persons/{persons(account)[0]['id']}/")

    assert bind(account, relatives[6].name, relatives[6].id_number, "other").status_code == 201


# Children


CHILD_BORN = date(2015, 3, 9)


@pytest.fixture
def family(insured):
    """A mother whom the register names as the guardian of her child."""
    child = insured("王小宝", factories.id_number(CHILD_BORN), phone="")
    mother = insured("王秀兰", WANG, guardian_of=[child.id_number])
    return mother, child


def test_guardian_in_the_register_acts_for_a_child_at_once(family, account):
    _mother, child = family
    verify(account, bind(account).json()["id"])

    response = bind(account, child.name, child.id_number, "child")

    assert response.status_code == 201
    assert response.json()["name"] == "王*宝"
    assert response.json()["mandate"]["status"] == "active"
    assert response.json()["mandate"]["proof"] == "register"
    assert response.json()["mandate"]["until"] == "2031-03-08"


def test_anybody_else_must_go_to_the_counter(family, insured, account):
    _mother, child = family
    other = insured("李雷", factories.id_number())
    verify(account, bind(account, other.name, other.id_number).json()["id"])

    response = bind(account, child.name, child.id_number, "child")

    assert response.json()["name"] is None
    assert response.json()["mandate"]["status"] == "pending"
    assert response.json()["mandate"]["proof"] == "counter"


def test_guardian_who_binds_the_child_first_gets_it_when_she_is_known(family, account):
    _mother, child = family
    bind(account, child.name, child.id_number, "child")

    verify(account, bind(account).json()["id"])

    assert {row["mandate"]["proof"]: row["mandate"]["status"] for row in persons(account)} == {
        "register": "active",
        "code": "active",
    }


def test_who_is_found_not_to_be_the_mother_loses_her_children_too(family, account):
    """She ends the false account's binding from her own; it acted for the child only because it passed for her."""
    _mother, child = family
    thief = citizen()
    verify(thief, bind(thief).json()["id"])
    bind(thief, child.name, child.id_number, "child")
    verify(account, bind(account).json()["id"])
    false = next(row for row in mandates(account) if row["relation"] == "self" and not row["mine"])

    api(account).post(f"/api/v1/mandates/{false['id']}/revoke/")

    assert persons(thief) == []
    assert not Account.objects.get(pk=thief.pk).active_mandates


def test_pending_self_is_nobody_yet(family, account):
    _mother, child = family

    bind(account)

    assert bind(account, child.name, child.id_number, "child").json()["mandate"]["proof"] == "counter"


def test_mandate_over_a_child_ends_the_day_before_the_sixteenth_birthday(family, account):
    _mother, child = family
    verify(account, bind(account).json()["id"])
    child_id = bind(account, child.name, child.id_number, "child").json()["id"]

    person = Person.objects.get(id=child_id)

    with standing_at(moment("2031-03-08 23:59")):
        assert person.pk in Account.objects.get(pk=account.pk).active_mandates

    with standing_at(moment("2031-03-09 00:00")):
        assert person.pk not in Account.objects.get(pk=account.pk).active_mandates
        shown = next(row for row in persons(account) if row["id"] == child_id)
        assert shown["mandate"]["status"] == "ended"
        assert (shown["name"], shown["birth_date"], shown["enrollments"]) == (None, None, [])
        assert services.end_lapsed() == 1
        assert [row["id"] for row in persons(account)] != [child_id]

    assert Message.objects.filter(account=account, kind="mandate_ended").count() == 1


def test_grown_child_is_asked_and_may_be_bound_again(family, account):
    _mother, child = family
    verify(account, bind(account).json()["id"])
    bind(account, child.name, child.id_number, "child")

    with standing_at(moment("2031-03-09 09:00")):
        response = bind(account, child.name, child.id_number, "child")

    assert response.status_code == 201
    assert response.json()["mandate"]["proof"] == "approval"
    assert response.json()["mandate"]["until"] is None
    assert Mandate.objects.filter(person_id=response.json()["id"]).count() == 2


@pytest.mark.parametrize(
    ("born", "last"),
    [
        (date(2012, 2, 29), date(2028, 2, 28)),
        (date(2010, 11, 21), date(2026, 11, 20)),
        (date(2026, 1, 1), date(2041, 12, 31)),
    ],
)
def test_last_day_of_childhood(noon, born, last):
    assert services.mandates.end_of_childhood(Person(birth_date=born)) == last


def test_sixteenth_birthday_is_the_end_of_childhood(noon):
    assert services.mandates.end_of_childhood(Person(birth_date=date(2010, 11, 20))) is None


# Unbinding


def test_unbinding_hides_the_person_and_keeps_the_past(wang, account):
    person_id = bind(account).json()["id"]

    verify(account, person_id)

    assert api(account).delete(f"/api/v1/persons/{person_id}/").status_code == 204

    assert persons(account) == []

    ended = mandate(account)
    assert (ended.status, ended.ended_by) == (MandateStatus.ENDED, account)
    assert services.identity_of(account) is None


def test_binding_again_makes_a_new_mandate(wang, account):
    person_id = bind(account).json()["id"]

    api(account).delete(f"/api/v1/persons/{person_id}/")

    assert bind(account).status_code == 201
    assert sorted(Mandate.objects.values_list("status", flat=True)) == ["ended", "pending"]


@pytest.mark.parametrize("method", ["delete", "verify", "resend"])
def test_person_of_others_does_not_exist(wang, account, method):
    person_id = bind(account).json()["id"]
    stranger = api(citizen())

    address = f"/api/v1/persons/{person_id}/"

    if method == "delete":
        response = stranger.delete(address)
    else:
        response = stranger.post(f"{address}{method}/", {"code": "000000"})

    assert error(response) == (404, "not_found")
    assert mandate(account).status == MandateStatus.PENDING


# Lists cost the same


@pytest.mark.parametrize("count", [1, 6])
def test_queries_of_the_list_do_not_grow(insured, account, django_assert_num_queries, count):
    for n in range(count):
        one = insured(f"亲属{'一二三四五六'[n]}", factories.id_number())
        person_id = bind(account, one.name, one.id_number, "other").json()["id"]
        Mandate.objects.filter(person_id=person_id).update(status=MandateStatus.ACTIVE)
    client = api(account)

    with django_assert_num_queries(5):  # token, mandates with persons, enrolments, areas, their agencies
        rows = client.get("/api/v1/persons/").json()["results"]

    assert len(rows) == count
