"""Finding the enrolment of somebody who stands before a hospital's desk."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts import registry
from accounts.models import Account, Enrollment, Person
from accounts.services.register import guess, identify
from core import clock
from core.errors import NotFound, Problem, WrongState


def find_enrolled(
    name: str, id_number: str, *, area: str = "", insurance: str = "", account: Account, address: str = ""
) -> Enrollment:
    """Return the enrolment in force today of the person with this name and number; `area` and `insurance` choose.

    Raises InvalidIdNumber, TooMany, NotFound `not_registered` (a guess of `account`) or `not_insured`, and WrongState
    `enrollment_ambiguous` with one problem for each candidate.
    """
    person = find_registered(name, id_number, account=account, address=address)
    wanted = {column: value for column, value in (("area_id", area), ("insurance", insurance)) if value}
    found = list(
        person.enrollments.in_force(clock.today())
        .filter(**wanted)
        .select_related("person", "area__parent")
        .order_by("area_id", "insurance")
    )
    if not found:
        said = _("没有查到患者在该地有效的参保关系，请核对参保地和险种，或请患者联系参保地经办机构。")
        raise NotFound(said, code="not_insured", attr="insured_area" if wanted else "patient")
    if len(found) > 1:
        raise ambiguous(found)
    return found[0]


def find_registered(name: str, id_number: str, *, account: Account, address: str = "") -> Person:
    """Return the insured person with this name and number. Raises InvalidIdNumber, TooMany, NotFound `not_registered`."""
    with guess(account, address):
        return registry.mirror(identify(name, id_number))


def ambiguous(found: Iterable[Enrollment]) -> WrongState:
    """`enrollment_ambiguous`: one problem for each enrolment that may be meant."""
    return WrongState(problems=[_candidate(enrollment) for enrollment in found])


def _candidate(enrollment: Enrollment) -> Problem:
    said = _("患者有多个参保关系，请选择：%(area)s %(insurance)s（insured_area=%(code)s，insurance=%(kind)s）。") % {
        "area": enrollment.area.name,
        "insurance": enrollment.get_insurance_display(),
        "code": enrollment.area_id,
        "kind": enrollment.insurance,
    }
    return Problem("enrollment_ambiguous", said, "insured_area")
