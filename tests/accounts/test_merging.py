"""A newborn's number has come: two members of staff decide, everything stays, nothing is counted twice."""

from datetime import date, timedelta

import pytest
from django.test import Client

from accounts import registry, services
from accounts.certificate import read_certificate
from accounts.models import Mandate, Merger, Message, Person, Role
from accounts.registry import RegisteredEnrollment, RegisterRecord, store
from accounts.services.merging import ask_merger, decide_merger
from core import clock
from core.errors import Forbidden, Invalid, NotFound, WrongState
from settlements.models import InsuranceYear
from tests import factories as make

pytestmark = pytest.mark.django_db

BIRTH, BORN = "Z500000026", date(2026, 11, 5)
MOTHER = "110101195503070028"


def covered():
    return (RegisteredEnrollment(make.CHONGQING, "resident", "minor", BORN),)


@pytest.fixture
def account(wang):
    """The mother's, with her newborn bound."""
    newborn = RegisterRecord(
        "王之子", BIRTH, certificate_kind="birth", birth_date=BORN, sex="male", mother=MOTHER, enrollments=covered()
    )
    store(newborn)
    account = make.citizen()
    services.bind_person(account, name="王秀兰", id_number=MOTHER, relation="self", consent=True)
    services.verify(account, Person.objects.get().pk, "000000")
    services.bind_person(
        account, name="王之子", id_number=read_certificate("birth", BIRTH), relation="child", consent=True
    )
    return account


@pytest.fixture
def number(account):
    """The child's number, as the register has it now: 001 is a boy's."""
    return named()


def named(born=BORN, **more):
    while int((number := make.id_number(born))[16]) % 2 == 0:
        pass
    store(RegisterRecord("王小明", number, **{"born_as": f"birth::{BIRTH}", "enrollments": covered(), **more}))
    return number


def clerk(**more):
    return make.staff(Role.REVIEWER, **more)


def child():
    return Person.objects.get(birth_date=BORN, merged_into=None)


def asked(number, by=None):
    return ask_merger(by or clerk(), birth_certificate=BIRTH, id_number=number)


def test_everything_stays_and_is_found_by_both(account, number):
    before = child()
    enrollment, mandate = before.enrollments.get(), Mandate.objects.get(person=before)
    year = InsuranceYear.objects.create(
        person=before, area=enrollment.area, insurance="resident", starts_on=date(2026, 1, 1), entries=1, burden=321
    )

    decide_merger(clerk(), asked(number), merge=True)

    after = child()
    assert (after.pk, after.name, after.id_number, after.certificate_kind) == (before.pk, "王小明", number, "id_card")
    assert (after.enrollments.get(), Mandate.objects.get(person=after)) == (enrollment, mandate)
    assert InsuranceYear.objects.get(person=after) == year

    old = services.find_registered("王之子", read_certificate("birth", BIRTH), account=make.citizen())
    new = services.find_registered("王小明", number, account=make.citizen())
    assert (old, new, old.name) == (after, after, "王小明")
    assert Message.objects.filter(account=account, kind="merged").count() == 1
    assert registry.refresh(after).enrollments.get() == enrollment


def test_one_person_does_not_do_both(number):
    by = clerk()
    merger = asked(number, by)

    with pytest.raises(Forbidden) as refused:
        decide_merger(by, merger, merge=True)

    assert (refused.value.code, child().certificate_kind) == ("same_clerk", "birth")


def test_nobody_merges_the_child_of_their_own(number):
    mother = clerk()
    mother.identify(MOTHER)
    mother.save()

    with pytest.raises(Forbidden) as refused:
        asked(number, mother)

    assert refused.value.code == "party"


def test_another_area_does_not_find_the_child(number):
    with pytest.raises(NotFound):
        asked(number, make.staff(Role.REVIEWER, code=make.BEIJING))


def test_a_number_with_a_row_of_its_own_takes_over_all_of_the_newborn(account):
    """The register did not say that both are one. What is done to bills: tests/settlements/test_uniting.py."""
    before, number = child(), named(born_as="", mother=MOTHER)
    twin = registry.mirror(registry.register().look_up(number))
    draft = make.filed(before.enrollments.get(), account, to=make.CHENGDU, keep=True)

    decide_merger(clerk(), asked(number), merge=True)

    old = services.find_registered("王之子", read_certificate("birth", BIRTH), account=make.citizen())
    draft.refresh_from_db()
    assert (old, child(), draft.person) == (twin, twin, twin)
    assert Mandate.objects.get(account=account, relation="child").person == twin
    assert Message.objects.filter(account=account, kind="merged").count() == 1


def test_a_number_named_after_it_was_asked_for_is_united_when_it_is_decided(account):
    number = named(born_as="", mother=MOTHER)
    merger = asked(number)
    twin = registry.mirror(registry.register().look_up(number))

    decide_merger(clerk(), merger, merge=True)

    assert (Merger.objects.get().status, Merger.objects.get().person) == ("merged", twin)


@pytest.mark.parametrize("other", [{"born_as": "birth::Z500000027"}, {"born_as": "", "mother": "500000199507220045"}])
def test_another_child_is_not_merged(account, other):
    with pytest.raises(Invalid) as refused:
        asked(named(**other))

    assert refused.value.code == "merger_mismatch"


def test_another_birthday_is_not_merged(account):
    with pytest.raises(Invalid) as refused:
        asked(named(BORN + timedelta(days=1), enrollments=()))

    assert refused.value.code == "merger_mismatch"


def test_whom_another_area_insures_is_answered_like_a_number_that_nobody_has(account):
    """Else a clerk with a newborn learnt of any number in the country whether somebody has it."""
    elsewhere = named(born_as="", enrollments=(RegisteredEnrollment(make.BEIJING, "resident", "minor", BORN),))

    refused = []
    for number in (elsewhere, make.id_number(BORN)):
        with pytest.raises(NotFound) as error:
            asked(number)
        refused.append((error.value.code, error.value.detail))

    assert refused[0] == refused[1]
    assert refused[0][0] == "not_registered"


def test_a_child_that_another_area_insures_by_now_is_merged(account):
    merger = asked(named(enrollments=(RegisteredEnrollment(make.BEIJING, "resident", "minor", BORN),)))

    assert merger.person == child()


def test_it_is_decided_once(number):
    merger = asked(number)

    decide_merger(clerk(), merger, merge=False)

    with pytest.raises(WrongState) as refused:
        decide_merger(clerk(), merger, merge=True)
    assert (refused.value.code, child().certificate_kind) == ("already_decided", "birth")


def test_the_staffs_site_asks_and_decides(number):
    first, second = Client(), Client()
    first.force_login(clerk(), backend="django.contrib.auth.backends.ModelBackend")
    second.force_login(clerk(), backend="django.contrib.auth.backends.ModelBackend")

    wrong = first.post("/admin/accounts/merger/add/", {"birth_certificate": "Z000000000", "number": number})
    first.post("/admin/accounts/merger/add/", {"birth_certificate": BIRTH, "number": number})
    merger = Merger.objects.get()
    listed = first.get("/admin/accounts/merger/")
    second.post("/admin/accounts/merger/", {"action": "merge", "_selected_action": [str(merger.pk)]})

    assert "没有查到在本统筹区参保" in wrong.content.decode()
    assert (listed.status_code, number in listed.content.decode()) == (200, False)
    assert (Merger.objects.get().status, child().id_number) == ("merged", number)


SEEN_BY = {"reviewer", "supervisor", "admin"}
STAFF = [
    *((role, make.CHONGQING) for role in ("reviewer", "supervisor", "finance")),
    *((role, make.CHENGDU) for role in ("reviewer", "supervisor", "finance")),
    *((role, "") for role in ("admin", "hospital", "citizen")),
]


@pytest.mark.parametrize(("role", "area"), STAFF)
def test_a_merger_is_seen_and_decided_by_staff_of_the_area_alone(role, area):
    of = make.enrollment(make.person("新生儿"))
    asked = Merger.objects.create(
        person=of.person, id_number=make.id_number(), asked_by=make.reviewer(), asked_at=clock.now()
    )
    if role == "citizen":
        account = make.citizen(of.person)
    else:
        account = make.staff(role, **({"code": area} if area else {}), **at_work(role))

    try:
        decided = decide_merger(account, asked, merge=False).status == "declined"
    except Forbidden:
        decided = False

    may = role in SEEN_BY and area != make.CHENGDU
    assert (Merger.objects.visible_to(account).exists(), decided) == (may, may)


def at_work(role):
    return {"institution": make.institution()} if role == Role.HOSPITAL else {}
