"""Mandates over adults: asked, agreed, declined, ended by either side; the counter; rivals."""

import threading
from datetime import date

import pytest
from django.db import connections

from accounts import services
from accounts.models import Account, Mandate, MandateStatus, Message, Proof, Relation, Role
from accounts.services.mandates import AtCounter
from core.clock import now, standing_at
from core.errors import Forbidden, NotFound, WrongState
from core.ids import new_id
from tests import factories
from tests.factories import api, citizen, person, reviewer, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

WANG = "110101195503070028"


@pytest.fixture
def daughter():
    return citizen(person("王小丽"))


def bind(account, name="王秀兰", number=WANG, relation="parent"):
    body = {"name": name, "id_number": number, "relation": relation, "consent": True}
    return api(account).post("/api/v1/persons/", body)


def become_wang(account):
    person_id = bind(account, relation="self").json()["id"]
    api(account).post(f"/api/v1/persons/{person_id}/verify/", {"code": "000000"})
    return account


def mandates(account):
    return api(account).get("/api/v1/mandates/").json()["results"]


def act(account, row, verb, **headers):
    return api(account).post(f"/api/v1/mandates/{row['id']}/{verb}/", headers=headers)


def error(response):
    (problem,) = response.json()["errors"]
    return response.status_code, problem["code"]


def told(account):
    return list(Message.objects.filter(account=account).order_by("id").values_list("kind", flat=True))


@pytest.fixture
def mother(wang):
    return become_wang(citizen())


@pytest.fixture
def asked(mother, daughter):
    """The daughter's request, as the mother sees it."""
    bind(daughter)
    return next(row for row in mandates(mother) if not row["mine"])


def test_adult_is_asked_and_sees_who_asks(mother, daughter, noon):
    response = bind(daughter)

    assert response.json()["mandate"]["status"] == "pending"
    assert response.json()["mandate"]["proof"] == "approval"
    assert (response.json()["name"], response.json()["birth_date"]) == (None, None)

    row = next(row for row in mandates(mother) if not row["mine"])
    assert row == {
        "id": response.json()["mandate"]["id"],
        "mine": False,
        "holder": "王*丽",
        "person": {"id": response.json()["id"], "name": "王*兰"},
        "relation": "parent",
        "proof": "approval",
        "status": "pending",
        "asked_at": noon.isoformat(),
        "active_from": None,
        "ended_at": None,
        "until": None,
        "actions": ["approve", "revoke"],
    }
    assert told(mother) == ["mandate_asked"]


def test_asker_sees_the_request_but_no_name(asked, daughter):
    row = next(row for row in mandates(daughter) if row["id"] == asked["id"])

    assert (row["mine"], row["person"]["name"], row["actions"]) == (True, None, ["revoke"])


def test_agreeing_opens_the_person(asked, mother, daughter, noon):
    response = act(mother, asked, "approve")

    assert response.status_code == 200
    assert (response.json()["status"], response.json()["actions"]) == ("active", ["revoke"])

    mandate = Mandate.objects.get(id=asked["id"])
    assert (mandate.approved_by, mandate.active_from) == (mother, noon)
    assert Account.objects.get(pk=daughter.pk).active_mandates[mandate.person_id] == mandate
    assert {row["name"] for row in api(daughter).get("/api/v1/persons/").json()["results"]} == {"王*丽", "王*兰"}
    assert told(daughter) == ["mandate_approved"]
    assert set(services.holders(mandate.person)) == {mother, daughter}


def test_agreeing_twice(asked, mother):
    act(mother, asked, "approve")

    assert error(act(mother, asked, "approve")) == (409, "wrong_state")


def test_agreeing_twice_with_a_key_replays(asked, mother):
    first = act(mother, asked, "approve", **{"Idempotency-Key": "k"})

    again = act(mother, asked, "approve", **{"Idempotency-Key": "k"})

    assert (again.status_code, again.json()) == (200, first.json())
    assert again["Idempotent-Replayed"] == "true"


def test_declining(asked, mother, daughter):
    assert act(mother, asked, "revoke").json()["status"] == "ended"

    assert api(daughter).get("/api/v1/persons/").json()["count"] == 1
    assert told(daughter) == ["mandate_ended"]
    assert error(act(mother, asked, "revoke")) == (409, "wrong_state")
    assert error(act(mother, asked, "approve")) == (409, "wrong_state")


@pytest.mark.parametrize("by", ["mother", "daughter"])
def test_either_side_ends_an_active_mandate_and_the_other_is_told(asked, mother, daughter, by, noon):
    act(mother, asked, "approve")
    who, other = (mother, daughter) if by == "mother" else (daughter, mother)

    response = act(who, asked, "revoke")

    assert (response.json()["status"], response.json()["ended_at"]) == ("ended", noon.isoformat())
    assert Mandate.objects.get(id=asked["id"]).ended_by == who
    assert told(other)[-1] == "mandate_ended"
    assert told(who)[-1] != "mandate_ended"


def test_asker_cannot_agree_for_the_person(asked, daughter):
    assert error(act(daughter, asked, "approve")) == (404, "not_found")
    assert Mandate.objects.get(id=asked["id"]).status == MandateStatus.PENDING


@pytest.mark.parametrize("verb", ["approve", "revoke"])
def test_mandate_that_does_not_concern_me_does_not_exist(asked, verb):
    assert error(act(citizen(person()), asked, verb)) == (404, "not_found")
    assert error(act(citizen(), asked, verb)) == (404, "not_found")
    assert Mandate.objects.get(id=asked["id"]).status == MandateStatus.PENDING


def test_request_waits_until_the_person_has_an_account(wang, daughter):
    bind(daughter)

    mother = become_wang(citizen())

    row = next(row for row in mandates(mother) if not row["mine"])

    assert (row["holder"], row["actions"]) == ("王*丽", ["approve", "revoke"])
    assert told(mother) == ["mandate_asked"]
    assert act(mother, row, "approve").status_code == 200


def test_pending_self_sees_no_request(wang, daughter):
    bind(daughter)
    claims = citizen()

    bind(claims, relation="self")

    assert [row["mine"] for row in mandates(claims)] == [True]


def test_former_self_sees_nothing_any_more(asked, mother):
    own = next(row for row in mandates(mother) if row["mine"])

    act(mother, own, "revoke")

    assert [row["mine"] for row in mandates(mother)] == [True]
    assert error(act(mother, asked, "approve")) == (404, "not_found")


def test_asking_again_after_a_refusal_is_limited(wang, mother, daughter, settings):
    settings.LIMITS = settings.LIMITS | {"ask-person": "2/hour"}
    statuses = []

    for _ in range(3):
        response = bind(daughter)
        statuses.append(response.status_code)
        if response.status_code == 201:
            Mandate.objects.filter(id=response.json()["mandate"]["id"]).update(status=MandateStatus.ENDED)

    assert statuses == [201, 201, 429]


def test_code_mandate_cannot_be_agreed_to(wang, mother):
    second = citizen()
    bind(second, relation="self")

    row = next(row for row in mandates(mother) if not row["mine"])

    assert (row["proof"], row["actions"]) == ("code", ["revoke"])
    assert error(act(mother, row, "approve")) == (404, "not_found")


@pytest.mark.parametrize("path", ["persons/", "mandates/"])
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.HOSPITAL, Role.ADMIN])
def test_staff_bind_nobody(path, role):
    given = {"institution": factories.institution()} if role == Role.HOSPITAL else {}

    assert error(api(staff(role, **given)).get(f"/api/v1/{path}")) == (403, "permission_denied")


@pytest.mark.parametrize("count", [10, 100])
def test_queries_of_the_list_do_not_grow(django_assert_num_queries, count):
    me = person()
    account = citizen(me)
    for _ in range(count - 1):
        factories.mandate(citizen(person()), me, proof=Proof.APPROVAL)
    client = api(account)

    with django_assert_num_queries(4):  # token, me, mandates with both sides, who the holders are
        rows = client.get("/api/v1/mandates/?page_size=100").json()["results"]

    assert len(rows) == count


# The counter


@pytest.fixture
def at_counter(insured):
    """A father whom the register does not know, and his child."""
    child = insured("王小宝", factories.id_number(date(2015, 3, 9)), phone="")
    father = citizen(person())
    bind(father, child.name, child.id_number, "child")
    return Mandate.objects.get(account=father, proof=Proof.COUNTER)


def approve(clerk, mandate):
    """What another clerk of 重庆 checked, this one confirms."""
    proof = AtCounter(reviewer("500000"), clerk, new_id(), new_id())
    return services.approve_at_counter(mandate, proof=proof)


def test_counter_puts_a_mandate_in_force(at_counter):
    clerk = reviewer("500000")

    approve(clerk, at_counter)

    at_counter.refresh_from_db()

    assert (at_counter.status, at_counter.approved_by) == (MandateStatus.ACTIVE, clerk)
    assert at_counter.valid_until == date(2031, 3, 8)
    assert told(at_counter.account) == ["mandate_approved"]


def test_counter_of_another_area_may_not(at_counter):
    with pytest.raises(Forbidden):
        approve(reviewer("110000"), at_counter)
    with pytest.raises(Forbidden):
        approve(staff(Role.HOSPITAL, institution=factories.institution()), at_counter)
    with pytest.raises(Forbidden):
        services.end_at_counter(reviewer("110000"), at_counter)


def test_counter_approves_once_and_only_what_waits_for_it(at_counter, asked):
    clerk = reviewer("500000")
    approve(clerk, at_counter)

    with pytest.raises(WrongState):
        approve(clerk, at_counter)
    with pytest.raises(WrongState):
        approve(clerk, Mandate.objects.get(id=asked["id"]))


def test_counter_ends_a_mandate_and_tells_the_holder(at_counter):
    clerk = reviewer("500000")
    approve(clerk, at_counter)

    services.end_at_counter(clerk, at_counter)

    at_counter.refresh_from_db()

    assert (at_counter.status, at_counter.ended_by) == (MandateStatus.ENDED, clerk)
    assert told(at_counter.account) == ["mandate_approved", "mandate_ended"]

    with pytest.raises(WrongState):
        services.end_at_counter(clerk, at_counter)


# Who an account is


def test_identity_is_the_active_self(wang):
    account = citizen()

    assert services.identity_of(account) is None

    become_wang(account)

    assert services.identity_of(account).id_number == WANG


def test_relatives_are_not_who_i_am(daughter):
    factories.mandate(daughter, person("他人"), relation=Relation.PARENT)

    assert services.identity_of(daughter).name == "王小丽"


def test_mandate_is_found_for_whom_it_holds_only(daughter):
    stranger = person()

    assert stranger.pk not in daughter.active_mandates

    with pytest.raises(NotFound):
        services.unbind(daughter, stranger.id)


# Rivals


def both(first, second):
    """Run two calls at the same time, each on a connection of its own; return what they answered, sorted."""
    answers, barrier, noon = [], threading.Barrier(2), now()

    def run(call):
        try:
            with standing_at(noon):
                barrier.wait(20)
                answers.append(call())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answer.status_code for answer in answers)


@pytest.mark.django_db(transaction=True)
def test_two_bindings_of_one_person_at_once(wang):
    account = citizen()

    assert both(lambda: bind(account, relation="self"), lambda: bind(account, relation="other")) == [201, 409]
    assert Mandate.objects.filter(account=account).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_selves_at_once(wang, insured):
    other = insured("李雷", factories.id_number())
    account = citizen()

    statuses = both(lambda: bind(account, relation="self"), lambda: bind(account, other.name, other.id_number, "self"))

    assert statuses == [201, 409]
    assert Mandate.objects.filter(account=account).count() == 1


@pytest.mark.django_db(transaction=True)
def test_seventh_person_at_once(wang, insured):
    account = citizen()
    for _ in range(5):
        factories.mandate(account, person())
    other = insured("李雷", factories.id_number())

    statuses = both(
        lambda: bind(account, relation="parent"), lambda: bind(account, other.name, other.id_number, "other")
    )

    assert statuses == [201, 409]
    assert Mandate.objects.filter(account=account).count() == 6


@pytest.mark.django_db(transaction=True)
def test_agreeing_and_withdrawing_at_once(asked, mother, daughter):
    statuses = both(lambda: act(mother, asked, "approve"), lambda: act(daughter, asked, "revoke"))

    assert statuses in ([200, 200], [200, 409])
    assert Mandate.objects.get(id=asked["id"]).status == MandateStatus.ENDED


@pytest.mark.django_db(transaction=True)
def test_person_named_for_the_first_time_by_two_at_once(wang):
    one, two = citizen(), citizen()

    assert both(lambda: bind(one, relation="parent"), lambda: bind(two, relation="spouse")) == [201, 201]
    assert Mandate.objects.values("person").distinct().count() == 1
