"""The insured register and our mirror of it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts import registry
from accounts.models import Enrollment, Person, RegisterEntry, id_hash
from accounts.registry import RegisteredEnrollment, RegisterRecord
from core import hooks
from regions.models import Area

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

NUMBER = "110101195503070028"
CHONGQING = RegisteredEnrollment("500000", "employee", "retired", date(2015, 1, 1), account_balance=Decimal("12.50"))
WANG = RegisterRecord("王秀兰", NUMBER, "13900000001", guardian_of=("110101201501010015",), enrollments=(CHONGQING,))


@pytest.fixture(autouse=True)
def areas(db):
    Area.objects.get_or_create(code="500000", defaults={"name": "重庆市", "level": "province", "pools_at": "province"})
    Area.objects.get_or_create(code="510100", defaults={"name": "成都市", "level": "city"})


@pytest.fixture
def heard():
    calls = []

    def hook(row, before):
        calls.append((row.area_id, before.valid_until, row.valid_until))

    registry.enrollment_changed.follow(hook)
    yield calls
    hooks.followers[registry.enrollment_changed.name].remove(hook)


def test_demo_register_returns_what_was_stored():
    registry.store(WANG)

    assert registry.register().look_up(NUMBER) == WANG
    assert registry.register().look_up("110101195503070036") is None


def test_storing_again_replaces_the_record():
    registry.store(WANG)

    registry.store(replace(WANG, phone="13900000002"))

    assert RegisterEntry.objects.count() == 1
    assert registry.register().look_up(NUMBER).phone == "13900000002"


def test_a_record_lies_encrypted_in_the_table():
    registry.store(WANG)

    cell = bytes(RegisterEntry.objects.values_list("record", flat=True).get())

    assert "王秀兰".encode() not in cell
    assert NUMBER.encode() not in cell


def test_mirror_makes_the_person_with_enrollments():
    person = registry.mirror(WANG)

    assert (person.name, person.id_number, person.phone) == ("王秀兰", NUMBER, "13900000001")
    assert person.birth_date == date(1955, 3, 7)

    row = person.enrollments.get()
    assert (row.area_id, row.insurance, row.category, row.tier) == ("500000", "employee", "retired", 1)
    assert (row.valid_from, row.valid_until, row.account_balance) == (date(2015, 1, 1), None, Decimal("12.50"))


def test_mirroring_twice_changes_nothing(heard):
    first = registry.mirror(WANG).enrollments.get()

    second = registry.mirror(WANG).enrollments.get()

    assert second.id == first.id
    assert Person.objects.count() == 1
    assert heard == []


def test_enrollment_keeps_its_id_when_the_register_corrects_it(heard):
    before = registry.mirror(WANG).enrollments.get()

    corrected = replace(CHONGQING, valid_from=date(2014, 7, 1), tier=2, retired_year=2010)

    after = registry.mirror(replace(WANG, enrollments=(corrected,))).enrollments.get()

    assert (after.id, after.valid_from, after.tier) == (before.id, date(2014, 7, 1), 2)
    assert (before.retired_year, after.retired_year) == (None, 2010)
    assert heard == []


def test_new_period_after_a_gap_is_another_enrollment():
    lapsed = replace(CHONGQING, valid_until=date(2020, 12, 31))
    old = registry.mirror(replace(WANG, enrollments=(lapsed,))).enrollments.get()

    resumed = replace(CHONGQING, valid_from=date(2024, 1, 1))
    person = registry.mirror(replace(WANG, enrollments=(resumed,)))

    periods = list(person.enrollments.order_by("valid_from").values_list("valid_from", "valid_until"))

    assert periods == [(date(2015, 1, 1), date(2020, 12, 31)), (date(2024, 1, 1), None)]
    assert person.enrollments.filter(id=old.id, valid_from=date(2015, 1, 1)).exists()


def test_exact_start_is_matched_before_an_overlap():
    early = replace(CHONGQING, valid_from=date(2015, 1, 1), valid_until=date(2015, 12, 31))
    late = replace(CHONGQING, valid_from=date(2016, 1, 1))
    person = registry.mirror(replace(WANG, enrollments=(early, late)))
    ids = dict(person.enrollments.values_list("valid_from", "id"))

    merged = replace(CHONGQING, valid_from=date(2014, 1, 1), valid_until=date(2015, 12, 31))

    person = registry.mirror(replace(WANG, enrollments=(merged, late)))

    assert dict(person.enrollments.values_list("valid_from", "id")) == {
        date(2014, 1, 1): ids[date(2015, 1, 1)],
        date(2016, 1, 1): ids[date(2016, 1, 1)],
    }


def test_end_of_an_enrollment_is_announced(heard):
    registry.mirror(WANG)

    registry.mirror(replace(WANG, enrollments=(replace(CHONGQING, valid_until=date(2026, 10, 31)),)))

    assert heard == [("500000", None, date(2026, 10, 31))]


def test_moving_ends_the_enrollment_that_vanished_yesterday(heard):
    registry.mirror(WANG)

    chengdu = RegisteredEnrollment("510100", "employee", "retired", date(2026, 11, 1))

    person = registry.mirror(replace(WANG, enrollments=(chengdu,)))

    assert heard == [("500000", None, date(2026, 11, 19))]
    assert sorted(person.enrollments.values_list("area_id", "valid_until")) == [
        ("500000", date(2026, 11, 19)),
        ("510100", None),
    ]


def test_enrollment_that_had_ended_may_vanish_silently(heard):
    registry.mirror(replace(WANG, enrollments=(replace(CHONGQING, valid_until=date(2020, 12, 31)),)))

    person = registry.mirror(replace(WANG, enrollments=()))

    assert heard == []
    assert person.enrollments.get().valid_until == date(2020, 12, 31)


def test_storing_reaches_a_person_who_is_mirrored(heard):
    registry.store(WANG)
    registry.mirror(WANG)

    registry.store(replace(WANG, enrollments=(replace(CHONGQING, valid_until=date(2026, 11, 30)),)))

    assert Enrollment.objects.get().valid_until == date(2026, 11, 30)
    assert heard == [("500000", None, date(2026, 11, 30))]


def test_hook_that_fails_undoes_the_mirroring(heard):
    registry.mirror(WANG)

    def broken(row, before):
        raise RuntimeError("filings could not follow")

    registry.enrollment_changed.follow(broken)

    try:
        with pytest.raises(RuntimeError):
            registry.mirror(replace(WANG, enrollments=()))
    finally:
        hooks.followers[registry.enrollment_changed.name].remove(broken)

    assert Enrollment.objects.get().valid_until is None


def test_refresh_ends_everything_of_a_person_the_register_forgot():
    registry.store(WANG)
    person = registry.mirror(WANG)
    RegisterEntry.objects.all().delete()

    registry.refresh(person)

    assert person.enrollments.get().valid_until == date(2026, 11, 19)
    assert Person.objects.get().name == "王秀兰"


def test_persons_not_asked_about_for_a_day_are_refreshed(heard):
    registry.store(WANG)
    person = registry.mirror(WANG)

    RegisterEntry.objects.all().delete()

    assert registry.refresh_stale() == 0

    Person.objects.filter(id=person.id).update(mirrored_at=timezone.now() - timedelta(days=1, seconds=1))

    assert registry.refresh_stale() == 1
    assert heard == [("500000", None, date(2026, 11, 19))]
    assert registry.refresh_stale() == 0


def test_longest_forgotten_are_refreshed_first():
    numbers = [NUMBER, "110101195503070044", "110101195503070060"]

    for days, number in enumerate(numbers, start=2):
        registry.store(replace(WANG, id_number=number))
        person = registry.mirror(replace(WANG, id_number=number))
        Person.objects.filter(id=person.id).update(mirrored_at=timezone.now() - timedelta(days=days))

    assert registry.refresh_stale(limit=2) == 2

    stale = Person.objects.filter(mirrored_at__lt=timezone.now() - timedelta(days=1)).get()
    assert stale.id_number == NUMBER


def test_person_the_register_stumbles_over_does_not_hold_up_the_others():
    numbers = [NUMBER, "110101195503070044"]
    for days, number in enumerate(reversed(numbers), start=2):
        registry.store(replace(WANG, id_number=number))
        person = registry.mirror(replace(WANG, id_number=number))
        Person.objects.filter(id=person.id).update(mirrored_at=timezone.now() - timedelta(days=days))
    broken = RegisterEntry.objects.get(id_hash=id_hash(NUMBER))
    broken.record = "{"

    broken.save()

    assert registry.refresh_stale() == 2

    stale = Person.objects.filter(mirrored_at__lt=timezone.now() - timedelta(days=1)).get()
    assert stale.id_number == NUMBER
