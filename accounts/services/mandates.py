"""Mandates: who may act for whom, how it begins, who ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import registry
from accounts.models import Account, Mandate, MandateQuerySet, MandateStatus, Person, Proof, Relation, Role
from accounts.services.inbox import tell
from core import clock
from core.errors import Forbidden, Invalid, NotFound, WrongState

IN_THE_ACCOUNT = (Proof.APPROVAL, Proof.COUNTER)
"""What a person who has an account of their own agrees to there: also what waits for the counter."""
OF_AGE = 16  # from then on a person agrees in their own account (RULES.md §5.3, item 9)


# Reading


def holders(person: Person) -> QuerySet[Account]:
    """The accounts that may act for a person now."""
    return Account.objects.filter(id__in=Mandate.objects.active().filter(person=person).values("account_id"))


def identity_of(account: Account) -> Person | None:
    """The person an account is: that of its active mandate over itself."""
    return Person.objects.filter(id__in=_selves().filter(account=account).values("person_id")).first()


def accounts_of(person: Person) -> QuerySet[Account]:
    """The accounts that are this person."""
    return Account.objects.filter(id__in=_selves().filter(person=person).values("account_id"))


def _selves() -> MandateQuerySet:
    return Mandate.objects.active().filter(relation=Relation.SELF)


# Beginning


def end_of_childhood(person: Person) -> date | None:
    """The last day on which a guardian acts for a child: the day before the 16th birthday; None for those of age."""
    if person.age_on(clock.today()) >= OF_AGE:
        return None
    born = person.birth_date
    try:
        birthday = born.replace(year=born.year + OF_AGE)
    except ValueError:  # born on 29 February
        birthday = date(born.year + OF_AGE, 3, 1)
    return birthday - timedelta(days=1)


def is_guardian(account: Account, child: Person) -> bool:
    """Whether the register names the person behind the account as guardian (监护人) of the child, or as a newborn's mother."""
    identity = identity_of(account)
    if identity is None:
        return False
    me, them = identity.certificate.key, child.certificate.key
    record = registry.register().look_up(me)
    if record is not None and them in record.guardian_of:
        return True
    newborn = registry.register().look_up(them) if child.is_newborn else None
    return newborn is not None and newborn.mother == me


def activate(mandate: Mandate, *, approved_by: Account | None = None) -> None:
    """From now on the mandate is in force. The caller holds its row's lock."""
    mandate.status = MandateStatus.ACTIVE
    mandate.active_from = clock.now()
    mandate.approved_by = approved_by
    mandate.code_hash, mandate.code_expires_at = "", None
    mandate.save()
    if mandate.relation == Relation.SELF:
        _now_known(mandate)


def _now_known(mine: Mandate) -> None:
    """The account is somebody now: its children in the register follow, and it hears who asks to act for it."""
    waiting = Mandate.objects.select_for_update().filter(status=MandateStatus.PENDING)
    for mandate in waiting.filter(account=mine.account, proof=Proof.COUNTER).exclude(relation=Relation.SELF):
        if is_guardian(mine.account, mandate.person):
            mandate.proof = Proof.REGISTER
            activate(mandate)
    for mandate in waiting.filter(person=mine.person, proof__in=IN_THE_ACCOUNT).exclude(account=mine.account):
        tell_asked(mandate, mine.account)
    for other in accounts_of(mine.person).exclude(pk=mine.account_id):
        tell(
            other,
            key=f"mandate-self:{mine.id}",
            kind="mandate_self",
            title=_("您在另一微信账号绑定了本人"),
            text=_("如非您本人操作，请在“家庭成员”中解除，并联系经办机构。"),
        )


def tell_asked(mandate: Mandate, account: Account) -> None:
    """Tell an account of the person that somebody asks to act for them."""
    tell(
        account,
        key=f"mandate-asked:{mandate.id}",
        kind="mandate_asked",
        title=_("有人申请为您代办"),
        text=_("%(who)s申请作为您的亲属代办异地就医业务，请在“家庭成员”中同意或拒绝。")
        % {"who": called(mandate.account)},
    )


def called(account: Account) -> str:
    """How another person sees an account: the masked name of the person it is, else its nickname."""
    identity = identity_of(account)
    return identity.masked_name if identity else account.nickname


def approve_mandate(account: Account, mandate_id: Any) -> Mandate:
    """Agree that another account acts for me. Raises NotFound (not a request to me), WrongState (decided meanwhile)."""
    with transaction.atomic():
        mandate = _lock(account, mandate_id)
        if mandate.proof not in IN_THE_ACCOUNT or mandate.person != identity_of(account) or mandate.account == account:
            raise NotFound(_("没有找到这项授权申请。"))
        if mandate.status != MandateStatus.PENDING:
            raise WrongState(_("这项授权申请已处理，请刷新后查看。"))
        mandate.proof = Proof.APPROVAL
        activate(mandate, approved_by=account)
        tell(
            mandate.account,
            key=f"mandate-approved:{mandate.id}",
            kind="mandate_approved",
            title=_("代办授权已同意"),
            text=_("%(who)s已同意由您代办异地就医业务。") % {"who": mandate.person.masked_name},
        )
    return mandate


@dataclass(frozen=True)
class AtCounter:
    """What proves a mandate at the agency's counter (窗口): who checked both identities, who confirmed it, and the scans of both."""

    checked_by: Account
    confirmed_by: Account
    applicant_scan: UUID
    person_scan: UUID


def approve_at_counter(mandate: Mandate, *, proof: AtCounter) -> Mandate:
    """Put a mandate in force that two members of staff proved with documents at the agency's counter.

    Raises Forbidden (the person is not insured in the area of this agency, it is a matter of one's own: `party`, or one
    person did both: `same_clerk`), WrongState (nothing waits for the counter, or `own_account`), Invalid `scans_missing`.
    """
    with transaction.atomic():
        for staff in (proof.checked_by, proof.confirmed_by):
            mandate = waiting_for_counter(staff, mandate)
        _refuse_one_person(proof)
        activate(mandate, approved_by=proof.confirmed_by)
        _tell_of_counter(mandate)
    return mandate


def waiting_for_counter(staff: Account, mandate: Mandate) -> Mandate:
    """The mandate under its lock, if this member of staff may prove it at the counter. Raises as `approve_at_counter` does."""
    mandate = _lock_for_counter(staff, mandate)
    _refuse_own(staff, mandate)
    if mandate.status != MandateStatus.PENDING or mandate.proof != Proof.COUNTER:
        raise WrongState(_("这项授权不在等待窗口办理，请刷新后查看。"))
    if accounts_of(mandate.person).exclude(pk=mandate.account_id).exists():
        message = _("参保人已有绑定本人的账户，不能在窗口办理，请其在本人账户的“家庭成员”中同意。")
        raise WrongState(message, code="own_account")
    return mandate


def _refuse_one_person(proof: AtCounter) -> None:
    """Two people, two scans."""
    first, second = proof.checked_by, proof.confirmed_by
    if first.pk == second.pk or (first.identity_hash and first.identity_hash == second.identity_hash):
        raise Forbidden(_("证件由您核验，请交由另一名工作人员复核。"), code="same_clerk")
    if proof.applicant_scan == proof.person_scan:
        raise Invalid(_("请分别上传申请人和参保人的证件。"), code="scans_missing")


def _tell_of_counter(mandate: Mandate) -> None:
    """The holder, and everybody else who may act for the person."""
    who = {"who": mandate.person.masked_name}
    tell(
        mandate.account,
        key=f"mandate-approved:{mandate.id}",
        kind="mandate_approved",
        title=_("代办授权已生效"),
        text=_("窗口已核验证明材料，您现在可以代%(who)s办理异地就医业务。") % who,
    )
    for account in holders(mandate.person).exclude(pk=mandate.account_id):
        tell(
            account,
            key=f"mandate-counter:{mandate.id}",
            kind="mandate_counter",
            title=_("窗口办理了代办授权"),
            text=_("经办机构窗口已核验证件，另一账户现在可以代%(who)s办理业务。如有异议，请联系经办机构。") % who,
        )


def _refuse_own(staff: Account, mandate: Mandate) -> None:
    """Nobody at the counter lets themselves act for others, or others act for them."""
    proved = Mandate.objects.filter(account=mandate.account_id, relation=Relation.SELF, active_from__isnull=False)
    concerned = {mandate.person.id_hash, *proved.values_list("person__id_hash", flat=True)}
    if staff.identity_hash and staff.identity_hash in concerned:
        raise Forbidden(_("您与这项授权有关，请交由其他工作人员办理。"), code="party")


# Ending


def unbind(account: Account, person_id: Any) -> None:
    """End my mandate over a person. Raises NotFound."""
    with transaction.atomic():
        mandate = Mandate.objects.select_for_update().live().filter(account=account, person_id=person_id).first()
        if mandate is None:
            raise NotFound(_("没有找到该参保人。"))
        _end_and_tell(mandate, account)


def revoke_mandate(account: Account, mandate_id: Any) -> Mandate:
    """End a mandate of mine, or one over me (a request is declined so). Raises NotFound, WrongState (ended already)."""
    with transaction.atomic():
        mandate = _lock(account, mandate_id)
        if mandate.status == MandateStatus.ENDED:
            raise WrongState(_("这项授权已结束，无需再次解除。"))
        _end_and_tell(mandate, account)
    return mandate


def end_at_counter(staff: Account, mandate: Mandate) -> Mandate:
    """End a mandate at the agency's counter, for example when guardianship changed. Raises Forbidden, WrongState."""
    with transaction.atomic():
        mandate = _lock_for_counter(staff, mandate)
        if mandate.status == MandateStatus.ENDED:
            raise WrongState(_("这项授权已结束，无需再次解除。"))
        _end_and_tell(mandate, staff)
    return mandate


def end_all_of(account: Account) -> None:
    """End every mandate an account holds, because it closes."""
    for mandate in Mandate.objects.select_for_update().live().filter(account=account):
        _end_one(mandate, account)


def end_lapsed(account: Account | None = None) -> int:
    """End the mandates whose last day has passed (a child came of age); return how many."""
    lapsed = Mandate.objects.select_for_update(skip_locked=True).live().filter(valid_until__lt=clock.today())
    with transaction.atomic():
        rows = list(lapsed.filter(account=account) if account else lapsed)
        for mandate in rows:
            _end(mandate, None)
            tell(
                mandate.account,
                key=f"mandate-lapsed:{mandate.id}",
                kind="mandate_ended",
                title=_("代办授权已到期"),
                text=_("%(who)s已满16周岁，如需继续代办，请重新绑定并由其本人同意。")
                % {"who": mandate.person.masked_name},
            )
    return len(rows)


def _lock(account: Account, mandate_id: Any) -> Mandate:
    """Lock a mandate that concerns the account: its own, or one over the person it is."""
    mandate = Mandate.objects.concerning(account).select_for_update(of=("self",)).filter(id=mandate_id).first()
    if mandate is None:
        raise NotFound(_("没有找到这项授权。"))
    return mandate


def _lock_for_counter(staff: Account, mandate: Mandate) -> Mandate:
    local = staff.role in (Role.REVIEWER, Role.SUPERVISOR)
    if not (local and mandate.person.enrollments.filter(area_id=staff.area_id).exists()) and staff.role != Role.ADMIN:
        raise Forbidden(_("该参保人不在您的统筹区参保，请由参保地经办机构办理。"))
    return Mandate.objects.select_for_update().get(pk=mandate.pk)


def _end(mandate: Mandate, by: Account | None) -> None:
    mandate.status = MandateStatus.ENDED
    mandate.ended_at, mandate.ended_by = clock.now(), by
    mandate.code_hash, mandate.code_expires_at = "", None
    mandate.save()


def _end_and_tell(mandate: Mandate, by: Account) -> None:
    """End a mandate. Who is no longer proved to be the guardian keeps no child that only the register gave them."""
    _end_one(mandate, by)
    if mandate.relation == Relation.SELF:
        children = Mandate.objects.select_for_update().live().filter(account=mandate.account, proof=Proof.REGISTER)
        for child in children:
            _end_one(child, by)


def _end_one(mandate: Mandate, by: Account) -> None:
    """End one mandate and tell the other side: the holder, or the person it was over."""
    was_asked = mandate.status == MandateStatus.PENDING
    who = mandate.person.masked_name
    _end(mandate, by)
    if by.pk != mandate.account_id:
        text = _("%(who)s未同意您的代办申请。") if was_asked else _("您代%(who)s办理业务的授权已被解除。")
        _tell_ended(mandate, mandate.account, text % {"who": who})
    elif mandate.relation != Relation.SELF and mandate.proof == Proof.APPROVAL:
        text = _("%(who)s撤回了代办申请。") if was_asked else _("%(who)s解除了为您代办的授权。")
        for account in accounts_of(mandate.person):
            _tell_ended(mandate, account, text % {"who": called(by)})


def _tell_ended(mandate: Mandate, account: Account, text: str) -> None:
    tell(account, key=f"mandate-ended:{mandate.id}", kind="mandate_ended", title=_("代办授权已结束"), text=text)
