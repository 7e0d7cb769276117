"""Between the desk's form and what the API takes: texts with a code in front, or a name alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from referrals.models import Referral
from regions.models import Area, Institution

# Where a problem of the API's fields is shown on the form.
FIELDS = {
    "patient": "id_number",
    "patient.name": "name",
    "patient.id_number": "id_number",
    "insured_area": "insured",
    "insurance": "insured",
    "diagnosis": "diagnosis",
    "diagnosis.code": "diagnosis",
    "diagnosis.name": "diagnosis",
    "reason": "reason",
    "summary": "summary",
    "destination": "destination",
    "receiving_institution": "receiver",
    "doctor.name": "doctor_name",
    "doctor.rank": "doctor_rank",
    "issued_on": "issued_on",
}
CODE = re.compile(r"[A-Za-z]?\d[\w.]*")


def sent_by(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The form as a body of the API."""
    text = {name: str(value).strip() for name, value in typed.items()}
    sent: dict[str, Any] = {
        "patient": {"name": text.get("name", ""), "id_number": text.get("id_number", "")},
        "insured_area": _area(text.get("insured", "")),
        "diagnosis": _diagnosis(text.get("diagnosis", "")),
        "reason": text.get("reason", ""),
        "summary": text.get("summary", ""),
        "destination": _area(text.get("destination", "")),
        "receiving_institution": _institution(text.get("receiver", "")),
        "doctor": {"name": text.get("doctor_name", ""), "rank": text.get("doctor_rank", "")},
    }
    return sent | {name: text[name] for name in ("insurance", "issued_on") if text.get(name)}


def _code(text: str) -> str:
    """The code in front of a chosen text (`110000 北京市`), else nothing."""
    first = text.partition(" ")[0]
    return first if CODE.fullmatch(first) else ""


def _diagnosis(text: str) -> dict[str, str]:
    code = _code(text)
    return {"code": code, "name": text.removeprefix(code).strip()}


def _area(text: str) -> str:
    named = Area.objects.filter(name=text).values_list("code", flat=True).first() if text else None
    return _code(text) or named or text


def _institution(text: str) -> str:
    named = Institution.objects.filter(name=text).values_list("code", flat=True).first() if text else None
    return _code(text) or named or text[:12]


def typed_of(referral: Referral) -> dict[str, Any]:
    """A stored referral as the form shows it."""
    receiver = referral.receiver
    return {
        "diagnosis": f"{referral.diagnosis_code} {referral.diagnosis_name}",
        "reason": referral.reason,
        "summary": referral.summary,
        "destination": f"{referral.destination_id} {referral.destination.name}",
        "receiver": f"{receiver.code} {receiver.name}" if receiver else "",
        "doctor_name": referral.doctor_name,
        "doctor_rank": referral.doctor_rank,
        "issued_on": referral.issued_on.isoformat(),
    }
