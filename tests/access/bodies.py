"""What the tables send: a function of the world, who calls, and what the address named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Account
from accounts.services import vouchers
from tests import factories as make
from tests.access.world import AWAY, HERE, World
from tests.reviews.material_files import jpeg

Sent = dict[str, Any]
Body = Callable[[World, Account, Sent], Sent]
ESTIMATE = {"area": "500000", "insurance": "employee", "care": "inpatient", "level": 3, "cost": {"total": "20000.00"}}
TO_THE_ACCOUNT = "6222020200112233446"


def nothing(world: World, sender: Account, named: Sent) -> Sent:
    return {}


def said(**fields: Any) -> Body:
    """These fields, whoever sends them."""
    return lambda world, sender, named: fields


def own(*kinds: str) -> Body:
    """Papers that the sender uploaded."""
    return lambda world, sender, named: {"materials": papers(sender, *kinds)}


def papers(sender: Account, *kinds: str) -> list[str]:
    return [str(make.material(sender, kind).pk) for kind in kinds]


def photo(world: World, sender: Account, named: Sent) -> Sent:
    return {"kind": "residence_permit", "file": SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")}


def filing(world: World, sender: Account, named: Sent) -> Sent:
    return {
        "enrollment": str(world.enrollment.pk), "destination": AWAY, "type": "other", "starts_on": "2026-03-02",
        "contact_name": "测试员", "contact_phone": "13900000000", "materials": [],
        "notice": str(make.current_notice(HERE, "other").pk),
    }  # fmt: skip


def proof(world: World, sender: Account, named: Sent) -> Sent:
    return {"filing": str(named["id"]), "materials": papers(sender, "residence_permit")}


def recognition(world: World, sender: Account, named: Sent) -> Sent:
    make.diseases()
    return {
        "enrollment": str(world.enrollment.pk), "disease": "M03900", "diagnosed_on": "2025-12-01",
        "diagnosing_institution": world.hospital.pk, "materials": papers(sender, "discharge_record", "test_report"),
    }  # fmt: skip


def claim(world: World, sender: Account, named: Sent) -> Sent:
    return {
        "enrollment": str(world.enrollment.pk), "institution": world.abroad.pk, "care": "inpatient",
        "admitted_on": "2026-01-01", "discharged_on": "2026-01-10", "invoice_code": "1", "invoice_number": "2",
        "cost": {"total": "20000.00"}, "bank_account": TO_THE_ACCOUNT, "reason": "没有备案",
        "materials": papers(sender, *make.CLAIM_PAPERS),
    }  # fmt: skip


def referral(world: World, sender: Account, named: Sent) -> Sent:
    world.registered(world.enrollment)
    return {
        "patient": {"name": "测试员", "id_number": world.person.id_number}, "diagnosis": {"code": "G20"},
        "reason": "other", "summary": "摘要", "destination": AWAY, "doctor": {"name": "赵明", "rank": "chief"},
    }  # fmt: skip


def bill(world: World, sender: Account, named: Sent) -> Sent:
    return world.bill(vouchers.issue(world["owner"], world.person.pk).token)


def estimate(world: World, sender: Account, named: Sent) -> Sent:
    return ESTIMATE


def estimate_of_somebody(world: World, sender: Account, named: Sent) -> Sent:
    return {**ESTIMATE, "enrollment": str(world.enrollment.pk)}
