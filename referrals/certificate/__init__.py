"""The certificate (转诊转院证明) as a hospital hands it out: a PDF set by Typst, in a font that knows rare characters."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import manimgx_fonts_cjk
import typst
from django.utils.translation import gettext as _

from accounts.qr import qr
from referrals import presenting
from referrals.models import Referral
from regions.errors import WrongState
from regions.policy.wording import day

TEMPLATE = Path(__file__).parent / "certificate.typ"


@cache
def _fonts() -> typst.Fonts:
    """Noto Sans CJK from its wheel: the same on every machine, whatever fonts that has."""
    folder = Path(manimgx_fonts_cjk.__file__).parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def pdf(referral: Referral, url: str) -> bytes:
    """Return the certificate of a referral that is good today; `url` verifies it. Raises WrongState `no_certificate`."""
    if not presenting.counts(referral):
        raise WrongState(_("转诊未生效或已失效，没有可用的转诊证明。"), code="no_certificate")
    return set_in_type(said(referral) | {"qr": qr(url), "url": url})


def set_in_type(data: dict[str, str]) -> bytes:
    """Set the certificate's template with these texts."""
    made: bytes = typst.compile(
        TEMPLATE, root=TEMPLATE.parent, sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, font_paths=_fonts()
    )
    return made


def said(referral: Referral) -> dict[str, str]:
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
