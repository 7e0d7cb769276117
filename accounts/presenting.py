"""Accounts, persons, vouchers, mandates and messages as the HTTP contract shows them: masked, and nothing before it is proved."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from knox.models import AuthToken

from accounts import services
from accounts.bodies import (
    AccountShape,
    CertificateShape,
    CounterShape,
    EnrollmentShape,
    MandateShape,
    MessageShape,
    PersonShape,
    SignedIn,
    SignedInAccount,
    VoucherShape,
)
from accounts.models import (
    Account,
    Certified,
    Enrollment,
    Mandate,
    MandateStatus,
    Message,
    Person,
    Proof,
)
from accounts.services.vouchers import Issued
from core import clock
from core.printing import qr

ENDED, PENDING, ACTIVE = MandateStatus.ENDED, MandateStatus.PENDING, MandateStatus.ACTIVE


def signed_in(token: str, row: AuthToken) -> SignedIn:
    return {"token": token, "expires_at": row.expiry, "account": _brief(row.user)}


def _brief(account: Account) -> SignedInAccount:
    nickname = account.nickname or account.username or ""
    return {
        "id": str(account.id),
        "nickname": nickname,
        "role": account.role,
        "language": account.language,
        "elder_mode": account.elder_mode,
    }


def account_row(account: Account) -> AccountShape:
    me = services.identity_of(account)
    return {
        **_brief(account),
        "area": account.area_id,
        "area_name": account.area.name if account.area else None,
        "institution": account.institution_id,
        "institution_name": account.institution.name if account.institution else None,
        "person": str(me.id) if me else None,
        "unread": services.unread(account),
    }


def person_rows(mandates: list[Mandate]) -> list[PersonShape]:
    """The persons of some mandates, which come with person, enrolments and their areas."""
    return [person_row(mandate) for mandate in mandates]


def person_row(mandate: Mandate) -> PersonShape:
    status = _status(mandate)
    person = mandate.person
    shown = status == ACTIVE
    return {
        "id": str(person.id),
        "name": person.masked_name if shown else None,
        "id_number": person.masked_id_number if shown else None,
        "certificate": certificate_shape(person) if shown else None,
        "relation": mandate.relation,
        "birth_date": person.birth_date if shown else None,
        "mandate": {
            "id": str(mandate.id),
            "status": status,
            "proof": mandate.proof,
            "until": mandate.valid_until,
            "whom": person.masked_name,
            "agency": _counter(person) if status == PENDING and mandate.proof == Proof.COUNTER else None,
        },
        "enrollments": [_enrollment_row(row) for row in person.enrollments.all()] if shown else [],
    }


def certificate_shape(whose: Certified) -> CertificateShape:
    """A certificate, masked."""
    country = whose.certificate_country or None
    return {"kind": whose.certificate_kind, "country": country, "number": whose.masked_id_number}


def _counter(person: Person) -> CounterShape | None:
    """Where somebody goes to prove a mandate over the person: the agency of where they are insured, and nothing else of them."""
    counted = [row for row in person.enrollments.all() if row.status_on(clock.today()) == "active"]
    agencies = [agency for row in counted for agency in row.area.agencies.all()]
    return {"name": agencies[0].name, "address": agencies[0].address, "phone": agencies[0].phone} if agencies else None


def _status(mandate: Mandate) -> str:
    """A mandate past its last day has ended, whether or not the nightly task has written so."""
    lapsed = mandate.valid_until is not None and mandate.valid_until < clock.today()
    return ENDED if lapsed else mandate.status


def _enrollment_row(row: Enrollment) -> EnrollmentShape:
    return {
        "id": str(row.id),
        "area": row.area_id,
        "area_name": row.area.name,
        "insurance": row.insurance,
        "category": row.category,
        "tier": row.tier,
        "retired_year": row.retired_year,
        "status": row.status_on(clock.today()),
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
    }


def voucher(issued: Issued) -> VoucherShape:
    return {
        "token": issued.token,
        "expires_at": issued.expires_at,
        "expires_in": issued.seconds,
        "qr_svg": qr(issued.token),
    }


def mandate_rows(mandates: list[Mandate], account: Account) -> list[MandateShape]:
    """Mandates that concern `account`, which come with person and account."""
    names = _called({mandate.account for mandate in mandates})
    return [_mandate_row(mandate, account, names) for mandate in mandates]


def _mandate_row(mandate: Mandate, account: Account, names: dict[UUID, str]) -> MandateShape:
    mine = mandate.account_id == account.id
    status = _status(mandate)
    hidden = mine and mandate.active_from is None
    return {
        "id": str(mandate.id),
        "mine": mine,
        "holder": names[mandate.account_id],
        "person": {"id": str(mandate.person_id), "name": None if hidden else mandate.person.masked_name},
        "relation": mandate.relation,
        "proof": mandate.proof,
        "status": status,
        "asked_at": mandate.consented_at,
        "active_from": mandate.active_from,
        "ended_at": mandate.ended_at,
        "until": mandate.valid_until,
        "actions": _actions(mandate, status, mine),
    }


def _actions(mandate: Mandate, status: str, mine: bool) -> list[Literal["approve", "revoke"]]:
    if status == ENDED:
        return []
    may_approve = status == PENDING and mandate.proof in services.IN_THE_ACCOUNT and not mine
    return ["approve", "revoke"] if may_approve else ["revoke"]


def _called(accounts: set[Account]) -> dict[UUID, str]:
    """How the holders are called: by the masked name of the person each is, else by nickname."""
    selves = Mandate.objects.holders(account.pk for account in accounts)
    known = {mandate.account_id: mandate.person.masked_name for mandate in selves}
    return {account.id: known.get(account.id, account.nickname) for account in accounts}


def message_rows(messages: list[Message]) -> list[MessageShape]:
    reasons = services.reasons(messages)
    return [_message_row(message, reasons.get(message.note or message.id, "")) for message in messages]


def message_row(message: Message) -> MessageShape:
    return message_rows([message])[0]


def _message_row(message: Message, reason: str) -> MessageShape:
    return {
        "id": str(message.id),
        "kind": message.kind,
        "title": message.title,
        "text": message.text,
        "submission": str(message.submission) if message.submission else None,
        "submission_kind": message.submission_kind or None,
        "reason": reason,
        "created_at": message.created_at,
        "read_at": message.read_at,
    }
