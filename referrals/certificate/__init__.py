"""The certificate (转诊转院证明) as a hospital hands it out: a PDF set by Typst, in a font that knows rare characters."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from core.errors import WrongState
from core.printing import qr, set_in_type
from policies.language.wording import day
from referrals import presenting
from referrals.models import Referral

TEMPLATE = Path(__file__).parent / "certificate.typ"


def pdf(referral: Referral, url: str) -> bytes:
    """Return the certificate of a referral that is good today; `url` verifies it. Raises WrongState `no_certificate`."""
    if not presenting.counts(referral):
        raise WrongState(_("转诊未生效或已失效，没有可用的转诊证明。"), code="no_certificate")
    return set_in_type(TEMPLATE, words_of(referral) | {"qr": qr(url), "url": url})


def words_of(referral: Referral) -> dict[str, str]:
    """What the certificate says. It is the patient's own paper: nothing on it is masked."""
    person, receiver = referral.person, referral.receiver
    male = int(person.id_number[16]) % 2
    return {
        "number": referral.number,
        "name": person.name,
        "sex": _("男") if male else _("女"),
        "age": _("%d岁") % person.age_on(referral.issued_on),
        "id_number": person.id_number,
        "insured": f"{referral.area.name} · {referral.enrollment.get_insurance_display()}",
        "diagnosis": f"{referral.diagnosis_name}（{referral.diagnosis_code}）",
        "summary": referral.summary,
        "reason": str(referral.get_reason_display()),
        "destination": referral.destination.name,
        "receiver": receiver.name if receiver else _("转往地区的定点医疗机构"),
        "issuer": referral.issuer.name,
        "doctor": f"{referral.doctor_name}（{referral.get_doctor_rank_display()}）",
        "issued_on": day(referral.issued_on),
        "valid": f"{day(referral.valid_from or referral.issued_on)}至{day(referral.valid_until or referral.issued_on)}",
        "code": presenting.spaced(referral.verification_code),
    }
