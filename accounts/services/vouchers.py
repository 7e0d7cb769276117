"""The insurance code (医保码): shown by whoever may act for a person, bound to the first hospital that reads it, used once.

A hospital's call binds first, outside the transaction of what it asks, and then reads; what settles holds it under lock and
uses it. So a refused call keeps the patient's code for this hospital, and a rival at the next desk finds it used.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import limits
from accounts.models import Account, Voucher
from accounts.models.vouchers import (
    bind_fresh_voucher,
    locked_voucher,
    locked_voucher_and_person,
    shown_voucher,
    use_voucher,
)
from core import clock
from core.errors import NotFound, WrongState
from core.retention import Retention

PREFIX = "M"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: none is taken for another, all in a QR code's compact mode
CHARACTERS = 26  # of five bits each: 130 bits
KEPT_UNUSED, KEPT_USED = timedelta(days=2), timedelta(days=30)


@dataclass(frozen=True)
class Issued:
    """A fresh voucher: the token is known to nobody but whoever asked for it."""

    token: str
    expires_at: datetime
    seconds: int


def issue(account: Account, person_id: Any) -> Issued:
    """A fresh code for a person; earlier ones stay good to their own end, one may just be under the scanner.

    Raises NotFound (the account may not act for the person), TooMany.
    """
    if person_id not in account.active_mandates:
        raise NotFound(_("没有找到该参保人，请先绑定并完成验证。"))
    limits.VOUCHERS.spend(account.pk)
    token = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(CHARACTERS))
    now = timezone.now()
    expires_at = now + timedelta(seconds=settings.VOUCHER_SECONDS)
    Voucher.objects.create(
        account=account, person_id=person_id, digest=digest_of(token), created_at=now, expires_at=expires_at
    )
    return Issued(token, expires_at, settings.VOUCHER_SECONDS)


def bind(token: str, institution_id: str) -> None:
    """Bind a fresh voucher to the first hospital that reads it, which has VOUCHER_BOUND_SECONDS from then on.

    Silent about all others: `read` says what is wrong with them, and a replayed call comes through.
    """
    now = timezone.now()
    until = now + timedelta(seconds=settings.VOUCHER_BOUND_SECONDS)
    bind_fresh_voucher(digest=digest_of(token), now=now, institution=institution_id, until=until)


def read(token: str, institution_id: str, *, lock: bool = False, lock_person: bool = False) -> Voucher:
    """The voucher behind a token, for the hospital it is bound to; with its person, or under `lock` its row alone.

    `lock_person`: its person's row is locked too, after its own, by the same statement.

    Raises NotFound `voucher_unknown` (a guess of the hospital: TooMany after many); WrongState `voucher_elsewhere`,
    `voucher_used`, `voucher_expired` (too late, or nobody may act for the person under the mandate it was shown by any more).
    """
    query = locked_voucher_and_person if lock_person else locked_voucher if lock else shown_voucher
    voucher = query.first(digest=digest_of(token), day=clock.today())
    if voucher is None:
        limits.GUESSING_VOUCHER.spend(institution_id)
        unknown = _("没有查到这个医保码，请确认扫的是医保码，请患者刷新后重新出示，或改用姓名和身份证号码办理。")
        raise NotFound(unknown, code="voucher_unknown", attr="voucher")
    _require_good(voucher, institution_id)
    return voucher


def read_before(token: str, institution_id: str, voucher: UUID | None) -> Voucher | None:
    """The voucher of a token, if it is this one, which this hospital read before; however long ago, and used or not."""
    found = shown_voucher.first(digest=digest_of(token), day=clock.today()) if voucher else None
    return found if found and found.pk == voucher and found.institution_id == institution_id else None


def _require_good(voucher: Voucher, institution_id: str) -> None:
    """Another hospital is not told whether it was used."""
    if voucher.institution_id not in (None, institution_id):
        raise _refused("voucher_elsewhere", _("医保码已由其他医疗机构读取"))
    if voucher.used_at is not None:
        raise _refused("voucher_used", _("医保码已经使用过"))
    if voucher.expires_at <= timezone.now() or not voucher.mandated:
        raise _refused("voucher_expired", _("医保码已失效"))


def use(voucher: Voucher, what: UUID) -> None:
    """Use up a voucher for `what`, inside the transaction that makes it. Raises WrongState `voucher_used` (a rival did)."""
    now = timezone.now()
    if not use_voucher(pk=voucher.pk, now=now, what=what):
        raise _refused("voucher_used", _("医保码已经使用过"))
    voucher.used_at, voucher.used_for = now, what


def purge_vouchers() -> int:
    """Delete the vouchers of two days ago, and a month later those that were used; return how many."""
    return VOUCHERS.purge()


def _old(now: Any) -> Q:
    return Q(created_at__lt=now - KEPT_UNUSED, used_at__isnull=True) | Q(created_at__lt=now - KEPT_USED)


VOUCHERS = Retention(Voucher, _old)


def digest_of(token: str) -> str:
    """What is stored of a token: 130 random bits need no key. Blanks and dashes are for readers, case is the scanner's."""
    plain = "".join(token.split()).replace("-", "").upper()
    return hashlib.sha256(plain.encode()).hexdigest()


def _refused(code: str, why: str) -> WrongState:
    sentence = _("%(why)s，请患者在手机上刷新后出示新的医保码，或改用姓名和身份证号码办理。") % {"why": why}
    return WrongState(sentence, code=code, attr="voucher")
