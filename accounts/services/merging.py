"""Merging a newborn with its ID number, decided by two members of staff.

The person's row stays and is known by the number from then on: filings, settlements, mandates and the year so far hang on it and
need not move. What is left is a row that leads from the birth certificate to it. Where the number has a row of its own already,
all of the newborn's goes over to that one (`accounts.services.uniting`).
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import registry
from accounts.certificate import read_certificate, read_number
from accounts.models import Account, Mandate, Merger, Person, Relation, Role, id_hash
from accounts.registry import RegisterRecord
from accounts.services.inbox import tell
from accounts.services.mandates import holders
from accounts.services.uniting import unite
from core import clock
from core.errors import Forbidden, Invalid, NotFound, WrongState


def ask_merger(staff: Account, *, birth_certificate: str, id_number: str) -> Merger:
    """Ask that a newborn be known by its number. Raises Invalid (a wrong number; `merger_mismatch`), NotFound, Forbidden, WrongState."""
    certificate = read_certificate("birth", birth_certificate)
    number = read_number(id_number).number
    with transaction.atomic():
        person = Person.objects.select_for_update(no_key=True).filter(id_hash=id_hash(certificate.key)).first()
        if person is None or person.merged_into_id or not _insured_here(staff, person):
            raise NotFound(_("没有查到在本统筹区参保、使用该出生医学证明的新生儿，请核对编号。"), code="not_registered")
        _require_outsider(staff, person)
        if Merger.objects.filter(person=person, status=Merger.Status.ASKED).exists():
            raise WrongState(_("该新生儿的合并已提交，请由另一名工作人员复核。"), code="merger_asked")
        _fitting(staff, person, number)
        return Merger.objects.create(person=person, id_number=number, asked_by=staff, asked_at=clock.now())


def decide_merger(staff: Account, merger: Merger, *, merge: bool) -> Merger:
    """Merge, or do not: by another than asked.

    Raises Forbidden (`same_clerk`, `party`, other area), WrongState (`already_decided`, `merger_busy`, what `unite` raises), Invalid.
    """
    with transaction.atomic():
        number = id_hash(merger.id_number)
        rows = Person.objects.filter(Q(pk=merger.person_id) | Q(id_hash=number)).order_by("pk")
        locked = {row.pk: row for row in rows.select_for_update()}
        person = locked[merger.person_id]
        twin = next((row for row in locked.values() if row is not person), None)
        merger = Merger.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=merger.pk)
        if merger.status != Merger.Status.ASKED:
            raise WrongState(_("该合并已由他人复核，请刷新后查看。"), code="already_decided")
        if not _insured_here(staff, person):
            raise Forbidden(_("该参保人不在您的统筹区参保，请由参保地经办机构办理。"))
        for row in locked.values():
            _require_outsider(staff, row)
        _refuse_same(staff, merger.asked_by)
        if merge:
            merger.person = _merge(person, twin, _fitting(staff, person, merger.id_number), by=staff)
        merger.status = Merger.Status.MERGED if merge else Merger.Status.DECLINED
        merger.decided_by, merger.decided_at = staff, clock.now()
        merger.save()
    return merger


def _merge(newborn: Person, twin: Person | None, record: RegisterRecord, *, by: Account) -> Person:
    """The newborn is known by its number: its row takes it, or is united with the one that has it. Returns the person."""
    if twin is None:
        _take_number(newborn, record)
    else:
        unite(newborn, twin, by=by)
    person = registry.mirror(record)
    for account in holders(person):
        tell(
            account,
            key=f"merged:{person.id}",
            kind="merged",
            title=_("身份证号码已登记"),
            text=_("%(who)s的业务已由出生医学证明合并到身份证号码，备案、结算和年度累计不变。")
            % {"who": person.masked_name},
        )
    return person


def _take_number(person: Person, record: RegisterRecord) -> None:
    """The row takes the number; a row of its own leads from the birth certificate to it."""
    before = person.certificate
    person.certify(record.certificate)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:  # somebody named the number just now
        raise WrongState(_("刚刚有人用该身份证号码办理业务，请再复核一次。"), code="merger_busy") from error
    left = Person(name=person.name, birth_date=person.birth_date, sex=person.sex, merged_into=person)
    left.certify(before)
    left.save()


def _fitting(staff: Account, person: Person, number: str) -> RegisterRecord:
    """The register's record of the number, if it is this child's; of others, only of one's own area it is said that they are there."""
    record = registry.register().look_up(number)
    fits = record is not None and _is_of(person, record)
    if record is None or not (fits or _registered_here(staff, record)):
        raise NotFound(_("参保登记中没有这个身份证号码，请核对，或等登记更新后再办理。"), code="not_registered")
    if not fits:
        message = _("该身份证号码与新生儿的出生日期、性别或母亲不一致，请核对出生医学证明和户口簿。")
        raise Invalid(message, code="merger_mismatch", attr="id_number")
    return record


def _is_of(person: Person, record: RegisterRecord) -> bool:
    sexes = {person.sex, record.sex or record.certificate.sex} - {""}
    return record.born_on == person.birth_date and len(sexes) < 2 and _same_child(person, record)


def _registered_here(staff: Account, record: RegisterRecord) -> bool:
    """Whether the staff may know that the register has it: of their area's people, and of whom no area insures."""
    areas = {row.area for row in record.enrollments}
    return staff.role == Role.ADMIN or not areas or staff.area_id in areas


def _same_child(person: Person, record: RegisterRecord) -> bool:
    """The register says which birth certificate it was, or at least names the same mother."""
    if record.born_as:
        return record.born_as == person.certificate.key
    before = registry.register().look_up(person.certificate.key)
    return before is not None and before.mother != "" and before.mother == record.mother


def _insured_here(staff: Account, person: Person) -> bool:
    if staff.role == Role.ADMIN:
        return True
    local = staff.role in (Role.REVIEWER, Role.SUPERVISOR)
    return local and person.enrollments.filter(area_id=staff.area_id).exists()


def _require_outsider(staff: Account, person: Person) -> None:
    """Nobody merges the child of their own, or one they act for."""
    acting = Mandate.objects.filter(account__in=holders(person), relation=Relation.SELF, active_from__isnull=False)
    before = registry.register().look_up(person.certificate.key)
    concerned = {*acting.values_list("person__id_hash", flat=True), *([id_hash(before.mother)] if before else [])}
    if staff.identity_hash and staff.identity_hash in concerned:
        raise Forbidden(_("您与该新生儿有关，请交由其他工作人员办理。"), code="party")


def _refuse_same(staff: Account, first: Account) -> None:
    if staff.pk == first.pk or (staff.identity_hash and staff.identity_hash == first.identity_hash):
        raise Forbidden(_("合并由您提交，请交由另一名工作人员复核。"), code="same_clerk")
