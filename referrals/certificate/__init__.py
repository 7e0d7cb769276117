"""The certificate (转诊转院证明): whether it is good, what whoever verifies it is told, and the PDF a hospital hands out."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from core import clock
from core.errors import WrongState
from core.languages import SOURCE
from core.printing import Joined, Kept, qr, set_in_type
from policies.language.wording import day
from referrals.bodies import VerifiedShape
from referrals.models import Referral
from reviews.models import Status

GROUP = 4
TEMPLATE = Path(__file__).parent / "certificate.typ"


def counts(referral: Referral) -> bool:
    """Whether the certificate is good today."""
    if referral.status != Status.APPROVED or referral.valid_from is None or referral.valid_until is None:
        return False
    return referral.valid_from <= clock.today() <= referral.valid_until


def spaced(code: str) -> str:
    """A verification code as people read it: ABCD-EFGH-JKLM-NPQR."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def public(referral: Referral) -> VerifiedShape:
    """What whoever holds the verification code is told: no illness, no full name."""
    return {
        "valid": counts(referral),
        "status": referral.status,
        "status_label": _status_label(referral),
        "number": referral.number,
        "patient": referral.person.masked_name,
        "issuer": referral.issuer.name,
        "receiver": referral.receiver.name if referral.receiver else None,
        "destination": referral.destination.name,
        "issued_on": referral.issued_on,
        "valid_until": referral.valid_until,
    }


def _status_label(referral: Referral) -> str:
    """In force, or why not."""
    if referral.status == Status.APPROVED:
        return _("有效") if counts(referral) else _("已到期")
    return referral.get_status_display()


def pdf(referral: Referral, url: str, language: str = SOURCE) -> bytes:
    """Return the certificate of a referral that is good today, set by Typst; `url` verifies it. Raises WrongState `no_certificate`.

    In English the Chinese stands beside every word: the hospital that takes it in reads Chinese.
    """
    if not counts(referral):
        raise WrongState(_("转诊未生效或已失效，没有可用的转诊证明。"), code="no_certificate")
    return set_in_type(TEMPLATE, words_of(referral) | {"qr": Kept(qr(url)), "url": url}, language)


def words_of(referral: Referral) -> dict[str, str]:
    """What the certificate says. It is the patient's own paper: nothing on it is masked."""
    person, receiver = referral.person, referral.receiver
    return {
        "title": _("转诊转院证明"),
        "number": referral.number,
        "name": Kept(person.name),
        "sex": person.sex_label or _("未登记"),
        "age": _("%d岁") % person.age_on(referral.issued_on),
        "id_number": person.id_number,
        "insured": Joined(Kept(referral.area.name), " · ", str(referral.enrollment.get_insurance_display())),
        "diagnosis": Kept(f"{referral.diagnosis_name}（{referral.diagnosis_code}）"),
        "summary": Kept(referral.summary),
        "reason": str(referral.get_reason_display()),
        "destination": Kept(referral.destination.name),
        "receiver": Kept(receiver.name) if receiver else _("转往地区的定点医疗机构"),
        "issuer": Kept(referral.issuer.name),
        "seal": Kept(_("转诊专用章")),
        "doctor": Joined(Kept(referral.doctor_name), f"（{referral.get_doctor_rank_display()}）"),
        "issued_on": day(referral.issued_on),
        "valid": f"{day(referral.valid_from or referral.issued_on)}至{day(referral.valid_until or referral.issued_on)}",
        "code": spaced(referral.verification_code),
    }
