"""Mandates proved at the counter (窗口), put in force and ended by the agency's staff in the admin."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories as make

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:accounts_mandate_changelist")
GUIYANG, CHENGDU = "520100", "510100"


@pytest.fixture
def waiting():
    """A mandate over somebody insured in 贵阳 that waits for the counter."""
    of = make.enrollment(code=GUIYANG)
    return make.mandate(make.citizen(), of.person, proof="counter", status="pending", active_from=None)


def use(staff, action, mandate):
    client = Client()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(PAGE, {"action": action, "_selected_action": [str(mandate.pk)]}, follow=True)
    mandate.refresh_from_db()
    return answer.content.decode()


def test_the_agency_of_the_insured_area_puts_it_in_force_and_ends_it(waiting):
    staff = make.reviewer(GUIYANG)

    use(staff, "approve_at_counter", waiting)

    assert (waiting.status, waiting.approved_by) == ("active", staff)
    assert waiting.account.messages.get().kind == "mandate_approved"

    use(staff, "end_at_counter", waiting)

    assert (waiting.status, waiting.ended_by) == ("ended", staff)


def test_twice_is_told(waiting):
    staff = make.reviewer(GUIYANG)

    use(staff, "approve_at_counter", waiting)

    assert "不在等待窗口办理" in use(staff, "approve_at_counter", waiting)
    assert waiting.account.messages.count() == 1


def test_nobody_lets_themselves_act_for_others_or_others_for_them(waiting):
    """The clerk is also a citizen: known to the office by the number, to the account by the code once sent."""
    clerk = make.person("陈办事")
    make.mandate(waiting.account, clerk, relation="self")
    for number in (clerk.id_number, waiting.person.id_number):
        said = use(make.reviewer(GUIYANG, identity_hash=make.id_hash(number)), "approve_at_counter", waiting)
        assert (waiting.status, "请交由其他工作人员办理" in said) == ("pending", True)


def test_another_agency_does_not_see_it(waiting):
    said = use(make.reviewer(CHENGDU), "approve_at_counter", waiting)

    assert waiting.status == "pending"
    assert waiting.person.masked_name not in said
