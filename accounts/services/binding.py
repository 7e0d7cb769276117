"""Binding a person to an account: asked, proved, in force (DESIGN.md §9: a mandate is proved, not claimed)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts import limits, registry, sms
from accounts.models import Account, Mandate, MandateStatus, Person, Proof, Relation, id_hash
from accounts.services.lookup import Identity, guess, identify
from accounts.services.mandates import (
    OF_AGE,
    accounts_of,
    activate,
    end_lapsed,
    end_of_childhood,
    is_guardian,
    tell_asked,
)
from accounts.services.uniting import merged_meanwhile
from core import clock
from core.errors import Invalid, NotFound, Refusal, WrongState
from core.sealing import keyed_hash

MOST_PERSONS = 6
CODE_MINUTES = 10
CODE_ATTEMPTS = 5


def bind_person(
    account: Account, *, name: str, id_number: Identity, relation: str, consent: bool, address: str = ""
) -> Mandate:
    """Ask to act for a person: oneself or family. What proves it follows from who it is (API.md, `proof`).

    Raises Invalid `consent_required`, `id_number_invalid`, `newborn_relation`; NotFound `not_registered`; TooMany; WrongState
    `already_bound`, `self_bound`, `too_many_persons`, `mother_not_bound`, `merge_pending`; SmsUnavailable.
    """
    if not consent:
        raise Invalid(_("请先阅读并同意授权说明。"), code="consent_required", attr="consent")
    with guess(account, address, id_number):
        record = identify(name, id_number)
        person = registry.mirror(record)
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        end_lapsed(account)
        _require_room(account, person, relation)
        if person.is_newborn:
            _require_mother(account, record.mother, relation)
        mandate = _ask(account, person, relation)
    if mandate.proof == Proof.CODE:
        _send_first_code(mandate)
    return mandate


def _count_request(account: Account, person: Person) -> None:
    """Nobody is flooded with codes and requests, whether by one account or by many."""
    limits.REQUESTS_BY_ACCOUNT.spend(f"{account.pk}:{person.pk}")
    limits.REQUESTS_ABOUT_PERSON.spend(person.pk)


def _require_room(account: Account, person: Person, relation: str) -> None:
    """At most six persons an account, each once, oneself once. The account's row is locked."""
    live = Mandate.objects.live().filter(account=account)
    if live.filter(person=person).exists():
        raise WrongState(_("已绑定该参保人，无需重复绑定。"), code="already_bound")
    if relation == Relation.SELF and live.filter(relation=Relation.SELF).exists():
        raise WrongState(_("本账户已绑定本人，请先解除后再绑定。"), code="self_bound", attr="relation")
    if live.count() >= MOST_PERSONS:
        raise WrongState(_("一个账户最多绑定6人，请先解除不再需要的绑定。"), code="too_many_persons")


def _require_mother(account: Account, mother: str, relation: str) -> None:
    """A newborn without a number is bound only beside its mother, as the register names her. The account's row is locked."""
    if relation == Relation.SELF:
        raise Invalid(_("新生儿请选择“子女”绑定。"), code="newborn_relation", attr="relation")
    bound = Mandate.objects.active().filter(account=account)
    if not (mother and bound.filter(person__id_hash=id_hash(mother)).exists()):
        message = _("请先在本账户绑定新生儿的母亲（以参保登记为准），再绑定新生儿；登记有误的，请联系参保地经办机构。")
        raise WrongState(message, code="mother_not_bound")


def _ask(account: Account, person: Person, relation: str) -> Mandate:
    """Make the mandate, and put it in force at once where the register proves it."""
    mandate = Mandate(
        account=account,
        person=person,
        relation=relation,
        proof=_proof(account, person, relation),
        consented_at=clock.now(),
        valid_until=None if relation == Relation.SELF else end_of_childhood(person),
    )
    try:
        mandate.save()
    except IntegrityError as error:
        raise merged_meanwhile(error) from error
    if mandate.proof == Proof.REGISTER:
        activate(mandate)
    elif mandate.proof == Proof.APPROVAL:
        _count_request(account, person)
        for other in accounts_of(person):
            tell_asked(mandate, other)
    return mandate


def _proof(account: Account, person: Person, relation: str) -> Proof:
    if relation == Relation.SELF:
        return Proof.CODE if person.phone else Proof.COUNTER
    if person.age_on(clock.today()) >= OF_AGE:
        return Proof.APPROVAL
    return Proof.REGISTER if is_guardian(account, person) else Proof.COUNTER


# The code


def _send_first_code(mandate: Mandate) -> None:
    """Send the code outside the transaction; a request whose code cannot be sent is taken back."""
    try:
        _count_request(mandate.account, mandate.person)
        _send_code(mandate)
    except Refusal:
        mandate.delete()
        raise


def _send_code(mandate: Mandate) -> None:
    service = sms.gateway()
    code = service.new_code()
    mandate.code_hash = _code_hash(mandate, code)
    mandate.code_expires_at = timezone.now() + timedelta(minutes=CODE_MINUTES)
    mandate.code_attempts = 0
    mandate.save(update_fields=["code_hash", "code_expires_at", "code_attempts"])
    service.send_code(mandate.person.phone, code, minutes=CODE_MINUTES)


def _code_hash(mandate: Mandate, code: str) -> str:
    return keyed_hash(f"{mandate.id}:{code}", purpose="code")


def resend_code(account: Account, person_id: Any) -> Mandate:
    """Send a new code for a pending mandate; the old one is void. Raises NotFound, WrongState, TooMany, SmsUnavailable."""
    mandate = _pending(account, person_id)
    _count_request(account, mandate.person)
    _send_code(mandate)
    return mandate


def verify(account: Account, person_id: Any, code: str) -> Mandate:
    """Prove with the code that the telephone in the register is mine: the mandate is in force.

    Raises NotFound, WrongState (`wrong_state`, `code_expired`, `code_exhausted`), Invalid `code_wrong`, TooMany.
    """
    limits.WRONG_CODES.spend(account.pk)
    with transaction.atomic():
        mandate = _pending(account, person_id, lock=True)
        _require_usable_code(mandate)
        right = constant_time_compare(mandate.code_hash, _code_hash(mandate, code))
        if right:
            activate(mandate)
        else:
            mandate.code_attempts += 1
            mandate.save(update_fields=["code_attempts"])
    if not right:
        raise Invalid(_("验证码不正确，请核对后重新填写。"), code="code_wrong", attr="code")
    limits.WRONG_CODES.refund(account.pk)
    return mandate


def _pending(account: Account, person_id: Any, *, lock: bool = False) -> Mandate:
    """My mandate over a person that waits for a code."""
    rows = Mandate.objects.live().filter(account=account, person_id=person_id)
    mandate = (rows.select_for_update() if lock else rows).first()
    if mandate is None:
        raise NotFound(_("没有找到该参保人，请重新绑定。"))
    if mandate.status != MandateStatus.PENDING:
        raise WrongState(_("该参保人已绑定成功，无需再次验证。"))
    if mandate.proof != Proof.CODE:
        raise WrongState(_("该绑定不通过验证码办理，请等待本人同意或到经办机构窗口办理。"), code="not_by_code")
    return mandate


def _require_usable_code(mandate: Mandate) -> None:
    if mandate.code_attempts >= CODE_ATTEMPTS:
        raise WrongState(_("验证码错误次数过多，请重新获取验证码。"), code="code_exhausted")
    if mandate.code_expires_at is None or mandate.code_expires_at <= timezone.now():
        raise WrongState(_("验证码已过期，请重新获取验证码。"), code="code_expired")
