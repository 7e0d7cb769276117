"""Finding an insured person by name and certificate, without helping those who guess.

Somebody who stands before a hospital's counter (`find_enrolled`), or for whom an agent (代办人) files once, without a
mandate (`find_insured`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts import limits, registry
from accounts.certificate import Certificate, CertificateKind, read_certificate, read_number
from accounts.models import Account, Enrollment, Person, id_hash
from accounts.registry import RegisterRecord
from core import clock
from core.errors import NotFound, Problem, Refusal, TooMany, WrongState
from core.text import plain_name

Identity = str | Certificate
"""Whom somebody names: by an 18-digit number as it was typed, or by a certificate."""


def certificate_of(identity: Identity, *, attr: str = "id_number") -> Certificate:
    """The certificate that is named. Raises InvalidIdNumber."""
    return identity if isinstance(identity, Certificate) else read_number(identity, attr=attr)


def typed_certificate(form: Mapping[str, Any]) -> Identity:
    """The certificate that a form of the staff's site names: `id_number` with `kind` and, of a passport, `country`. Raises Invalid."""
    kind, number = form.get("kind") or CertificateKind.ID_CARD, str(form.get("id_number", ""))
    if kind not in CertificateKind.values or kind == CertificateKind.ID_CARD:
        return number
    country = str(form.get("country", "")) if kind == CertificateKind.PASSPORT else ""
    return read_certificate(kind, number, country)


def identify(name: str, identity: Identity) -> RegisterRecord:
    """Return the register's record of the person with this name and certificate. Call it inside `guess`.

    Raises InvalidIdNumber, NotFound `not_registered`.
    """
    record = registry.register().look_up(certificate_of(identity).key)
    if record is None or plain_name(record.name) != plain_name(name):
        raise NotFound(_("没有查到参保信息，请核对姓名和证件号码，或联系参保地经办机构。"), code="not_registered")
    return record


FEW = 3
"""So many misses of its own an account always has, whatever others at the same address, or about the same person, guess."""


@contextmanager
def guess(account: Account, address: str, about: Identity, operator: str | None = None) -> Iterator[None]:
    """Count a miss (NotFound) inside the block as a guess of the account, about the person named, and of the network address.

    Where the account is a whole hospital's, `operator` says who of it asks: then a miss is one of the operator's, of the
    hospital's about this person, and of the hospital's.

    Raises TooMany, before anything is looked up, when the account missed too often; when too many were made about the person
    or from the address, only for who missed already: thousands share one address of a mobile carrier, and most never guess.
    Raises InvalidIdNumber.
    """
    person = id_hash(certificate_of(about).key)
    if operator is None:
        spent = [(limits.GUESSING_ACCOUNT, str(account.pk))]
        misses = limits.GUESSING_ACCOUNT.spend(account.pk)
        shared = [(limits.GUESSING_PERSON, person), (limits.GUESSING_ADDRESS, address or str(account.pk))]
    else:
        spent = _of_hospital(account, operator, person)
        misses = _spend_all(spent)
        shared = [(limits.GUESSING_PERSON, person)]
    for limit, who in shared:
        spent.append((limit, who))
        try:
            limit.spend(who)
        except TooMany:
            if misses > FEW:
                _give_back(spent)
                raise
    try:
        yield
    except NotFound:
        raise
    except Refusal:
        _give_back(spent)
        raise
    else:
        _give_back(spent)


def _of_hospital(account: Account, operator: str, person: str) -> list[tuple[limits.Limit, str]]:
    """What bounds a hospital, whose operators name themselves as they like; the last by what it missed about this person."""
    return [
        (limits.GUESSING_OPERATOR, f"{account.pk}:{operator}"),
        (limits.GUESSING_HOSPITAL, str(account.pk)),
        (limits.GUESSING_ACCOUNT, f"{account.pk}:{person}"),
    ]


def _spend_all(wanted: list[tuple[limits.Limit, str]]) -> int:
    """Spend each, or none; the count of the last. Raises TooMany."""
    spent, count = [], 0
    for limit, who in wanted:
        spent.append((limit, who))
        try:
            count = limit.spend(who)
        except TooMany:
            _give_back(spent)
            raise
    return count


def _give_back(spent: list[tuple[limits.Limit, str]]) -> None:
    for limit, who in spent:
        limit.refund(who)


def find_enrolled(
    name: str, id_number: Identity, *, area: str = "", insurance: str = "", account: Account, address: str = ""
) -> Enrollment:
    """Return the enrolment in force today of the person with this name and certificate; `area` and `insurance` choose.

    Raises InvalidIdNumber, TooMany, NotFound `not_registered` (a guess of `account`) or `not_insured`, and WrongState
    `enrollment_ambiguous` with one problem for each candidate.
    """
    person = find_registered(name, id_number, account=account, address=address)
    wanted = {column: value for column, value in (("area_id", area), ("insurance", insurance)) if value}
    candidates = list(
        person.enrollments.in_force(clock.today())
        .filter(**wanted)
        .select_related("person", "area__parent")
        .order_by("area_id", "insurance")
    )
    if not candidates:
        uninsured = _("没有查到患者在该地有效的参保关系，请核对参保地和险种，或请患者联系参保地经办机构。")
        raise NotFound(uninsured, code="not_insured", attr="insured_area" if wanted else "patient")
    if len(candidates) > 1:
        raise ambiguous(candidates)
    return candidates[0]


def find_registered(
    name: str, id_number: Identity, *, account: Account, address: str = "", operator: str | None = None
) -> Person:
    """Return the insured person with this name and certificate; `operator`: see `guess`.

    Raises InvalidIdNumber, TooMany, NotFound `not_registered`.
    """
    with guess(account, address, id_number, operator):
        return registry.mirror(identify(name, id_number))


def ambiguous(candidates: Iterable[Enrollment]) -> WrongState:
    """`enrollment_ambiguous`: one problem for each enrolment that may be meant."""
    return WrongState(problems=[_candidate(enrollment) for enrollment in candidates])


def _candidate(enrollment: Enrollment) -> Problem:
    choice = _("患者有多个参保关系，请选择：%(area)s %(insurance)s（insured_area=%(code)s，insurance=%(kind)s）。") % {
        "area": enrollment.area.name,
        "insurance": enrollment.get_insurance_display(),
        "code": enrollment.area_id,
        "kind": enrollment.insurance,
    }
    return Problem("enrollment_ambiguous", choice, "insured_area")


def find_insured(
    name: str,
    id_number: Identity,
    area_code: str,
    insurance: str,
    *,
    account: Account,
    on: date | None = None,
    address: str = "",
    attr: str | None = None,
) -> Enrollment:
    """Return the enrolment of the person somebody names: in force on the day (today), else the latest one there was.

    The person is mirrored from the register. Whatever does not match, name, certificate, area or insurance, the answer is the
    same NotFound `not_registered`, blaming `attr`; each counts as a guess of `account`. Raises InvalidIdNumber, TooMany.
    """
    with guess(account, address, id_number):
        try:
            person = registry.mirror(identify(name, id_number))
        except NotFound:
            raise _unknown(attr) from None
        named = person.enrollments.filter(area_id=area_code, insurance=insurance).select_related("person", "area")
        enrollment = named.in_force(on or clock.today()).first() or named.order_by("-valid_from").first()
        if enrollment is None:
            raise _unknown(attr)
    return enrollment


def _unknown(attr: str | None) -> NotFound:
    return NotFound(
        _("没有找到与姓名、证件号码、参保地和险种都相符的参保人，请核对后重试。"), code="not_registered", attr=attr
    )
