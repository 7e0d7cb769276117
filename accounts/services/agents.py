"""An agent (代办人) who acts once without a mandate: who they are, and for whom."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts import registry
from accounts.id_number import read_id_number
from accounts.models import Account, Enrollment, id_hash
from accounts.services.register import guess, identify, not_registered
from regions import clock
from regions.errors import Invalid, Problem

ADULT = 18  # full legal capacity (民法典 art. 17, 18)
NAME = re.compile(r"[^\W\d_][\w·• .'-]{1,49}")
PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}")


@dataclass(frozen=True)
class AgentIdentity:
    """An agent as they identify themselves, checked in form. `id_hash` is how their ID number is compared."""

    name: str
    id_number: str
    id_hash: str
    phone: str


def agent_identity(*, name: str, id_number: str, phone: str) -> AgentIdentity:
    """Check the form of an agent's identity. Raises Invalid with every problem at once (attr `agent.name`, …)."""
    problems, number = [], ""
    if not NAME.fullmatch(name.strip()):
        problems.append(Problem("name_invalid", _("请填写代办人的真实姓名。"), "agent.name"))
    try:
        identity = read_id_number(id_number, today=clock.today(), attr="agent.id_number")
        number = identity.number
        if _age(identity.birth_date.year, identity.birth_date.month, identity.birth_date.day) < ADULT:
            problems.append(Problem("agent_underage", _("代办人须年满18周岁，请由成年人代办。"), "agent.id_number"))
    except Invalid as error:
        problems.extend(error.problems)
    if not PHONE.fullmatch(phone.strip()):
        problems.append(Problem("phone_invalid", _("请填写代办人的手机号码或带区号的固定电话。"), "agent.phone"))
    if problems:
        raise Invalid(problems=problems)
    return AgentIdentity(name.strip(), number, id_hash(number), phone.strip())


def _age(year: int, month: int, day: int) -> int:
    today = clock.today()
    return today.year - year - ((today.month, today.day) < (month, day))


def find_insured(
    name: str, id_number: str, area_code: str, insurance: str, *, account: Account, address: str = ""
) -> Enrollment:
    """Return the enrolment, in force today, of the person an agent names; their register record is mirrored.

    Whatever does not match, the answer is the same NotFound `not_registered`, and counts as a guess of `account`.
    Raises InvalidIdNumber, TooMany.
    """
    with guess(account, address):
        person = registry.mirror(identify(name, id_number))
        found = person.enrollments.in_force(clock.today()).filter(area_id=area_code, insurance=insurance).first()
        if found is None:
            raise not_registered()
    return found
