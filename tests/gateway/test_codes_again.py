"""A code that 1101 has read proves who stands there for a day, visit after visit; any other opens one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Voucher
from gateway.models import KnownPerson, Visit


@pytest.fixture
def code(desk):
    """The certificate of a code that 1101 read."""
    read = {"mdtrt_cert_type": "01", "mdtrt_cert_no": desk.code()}
    desk.output("1101", {"data": read})
    return read


def test_the_code_that_1101_read_opens_every_visit_of_its_day(desk, code):
    first = desk.register(**code)
    Voucher.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

    second = desk.register(**code)

    used = Voucher.objects.get()
    assert first != second
    assert [(visit.means, visit.voucher) for visit in Visit.objects.all()] == [("voucher", used.pk)] * 2
    assert used.used_for == Visit.objects.get(number=first).pk


def test_a_day_later_it_is_told_that_it_was_used(desk, code):
    desk.register(**code)
    KnownPerson.objects.update(proved_at=timezone.now() - timedelta(hours=25))

    assert desk.refusal("2201", desk.registration(**code)).startswith("医保码已经使用过，请患者在手机上刷新")


def test_a_code_that_1101_has_not_read_opens_one_visit(desk, code):
    another = {"mdtrt_cert_type": "01", "mdtrt_cert_no": desk.code()}
    desk.register(**another)

    assert desk.refusal("2201", desk.registration(**another)).startswith("医保码已经使用过")
