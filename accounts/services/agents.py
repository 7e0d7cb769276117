"""Finding the person for whom somebody acts without a mandate: an agent (代办人) who files once."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from accounts import registry
from accounts.models import Account, Enrollment
from accounts.services.register import guess, identify
from core import clock
from core.errors import NotFound


def find_insured(
    name: str,
    id_number: str,
    area_code: str,
    insurance: str,
    *,
    account: Account,
    on: date | None = None,
    address: str = "",
    attr: str | None = None,
) -> Enrollment:
    """Return the enrolment of the person somebody names: in force on the day (today), else the latest one there was.

    The person is mirrored from the register. Whatever does not match, name, number, area or insurance, the answer is the
    same NotFound `not_registered`, blaming `attr`; each counts as a guess of `account`. Raises InvalidIdNumber, TooMany.
    """
    with guess(account, address):
        try:
            person = registry.mirror(identify(name, id_number))
        except NotFound:
            raise _unknown(attr) from None
        named = person.enrollments.filter(area_id=area_code, insurance=insurance).select_related("person", "area")
        found = named.in_force(on or clock.today()).first() or named.order_by("-valid_from").first()
        if found is None:
            raise _unknown(attr)
    return found


def _unknown(attr: str | None) -> NotFound:
    return NotFound(
        _("没有找到与姓名、证件号码、参保地和险种都相符的参保人，请核对后重试。"), code="not_registered", attr=attr
    )
