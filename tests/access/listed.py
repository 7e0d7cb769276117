"""One object of each model of the staff's site, all of the area of the world, and what the site's addresses name."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Channel, Delivery, Merger, Proof, SandboxDelivery
from claims.models import PaymentBatch
from core import clock
from gateway.models import GatewayCall, GatewayKey
from policies.models import PolicyVersion
from referrals.models import ListedDiagnosis
from regions.models import Agency, CalendarDay, ClosedDay, Disease
from reviews import materials
from reviews.models import (
    CounterStep,
    Decision,
    Event,
    Export,
    PersonLookup,
    ReasonTemplate,
    SavedView,
    SecondReview,
    SecondReviewRule,
    Submission,
)
from scenarios.models import PolicyScenario, StaffingScenario
from settlements.models import Clearing, IdentityLookup, Reconciliation
from tests import factories as make
from tests.access.world import HERE, World
from tests.reviews.material_files import jpeg


def objects(world: World) -> dict[str, Any]:
    """By the model's label, the key of its one object."""
    return {label: row.pk for label, row in {**people(world), **places(world), **cases(world), **books(world)}.items()}


def people(world: World) -> dict[str, Any]:
    now, reviewer, person = clock.now(), world["reviewer"], world.person
    message = world.message
    type(message).objects.filter(pk=message.pk).update(submission=world.row("filings", "submitted", "owner").pk)
    return {
        "accounts.Account": world["hospital"],
        "accounts.Person": person,
        "accounts.SandboxDelivery": SandboxDelivery.objects.create(channel="sms", to="139", text="文"),
        "accounts.Mandate": world.asked_for,
        "accounts.Merger": Merger.objects.create(
            person=person, id_number=make.id_number(), asked_by=make.reviewer(HERE), asked_at=now
        ),
        "accounts.Delivery": Delivery.objects.create(message=message, channel=Channel.SMS, status="failed"),
        "reviews.PersonLookup": PersonLookup.objects.create(account=reviewer, area_id=HERE, person=person, at=now),
        "reviews.CounterStep": CounterStep.objects.create(
            mandate=world.asked_for, kind="confirmed", account=reviewer, at=now
        ),
        "settlements.IdentityLookup": IdentityLookup.objects.create(
            person=person, institution=world.hospital, account=world["hospital"], reason="老人没有手机"
        ),
        "gateway.GatewayCall": GatewayCall.objects.create(
            institution=world.hospital, infno="9001", full_infno="9001", msgid="M1", digest="", state="done", at=now
        ),
        "gateway.GatewayKey": GatewayKey.objects.create(
            name="K1", institution=world.hospital, account=world["hospital"], style="tif", created_by=world["admin"]
        ),
    }


def places(world: World) -> dict[str, Any]:
    make.diseases()
    return {
        "regions.Area": world.enrollment.area,
        "regions.Institution": world.hospital,
        "regions.Disease": Disease.objects.get(pk="M03900"),
        "regions.Agency": Agency.objects.create(area_id=HERE, name="贵阳市医疗保障局"),
        "regions.CalendarYear": world.year,
        "regions.CalendarDay": CalendarDay.objects.create(date=date(2026, 5, 1), is_workday=False, name="劳动节"),
        "regions.ClosedDay": ClosedDay.objects.create(area_id=HERE, date=date(2026, 8, 8), reason="停电"),
        "referrals.ListedDiagnosis": ListedDiagnosis.objects.create(code="G20", name="帕金森病"),
        "policies.Notice": make.current_notice(HERE, "other"),
        "policies.PolicyVersion": version(),
    }


def version() -> PolicyVersion:
    """A draft of the area's policy."""
    text = next(Path("policies/data").glob(f"{HERE}-*.yaml")).read_text()
    return PolicyVersion.objects.create(
        area=HERE,
        name="贵阳市",
        effective_from=date(2026, 1, 1),
        file="a.yaml",
        sha256="0" * 64,
        text=text,
        uploaded_at=clock.now(),
    )


def cases(world: World) -> dict[str, Any]:
    filing = world.row("filings", "approved", "owner")
    return {
        "reviews.Submission": Submission.objects.get(pk=world.row("filings", "submitted", "owner").pk),
        "filings.Filing": world.row("filings", "submitted", "owner"),
        "filings.Proof": world.row("proofs", "submitted", "owner"),
        "chronic.Recognition": world.row("recognitions", "submitted", "owner"),
        "claims.Claim": world.row("claims", "submitted", "owner"),
        "referrals.Referral": world.row("referrals", "approved", "owner"),
        "reviews.Event": Event.objects.filter(submission=filing.pk).last(),
        "reviews.Export": Export.objects.create(
            account=world["supervisor"], area_id=HERE, page="reviews.submission", rows=1, form="csv", at=clock.now()
        ),
        "reviews.ReasonTemplate": ReasonTemplate.objects.create(
            area_id=HERE, kind="filing", outcome="returned", code="own", text="请补"
        ),
        "reviews.SecondReview": second_review(filing),
        "reviews.SecondReviewRule": SecondReviewRule.objects.create(area_id=HERE, share=0),
    }


def second_review(filing: Any) -> SecondReview:
    """A decision that waits to be looked at again."""
    decision = Decision.objects.get(submission=filing.pk)
    return SecondReview.objects.create(decision=decision, area_id=HERE, why="sampled", drawn_at=clock.now())


def books(world: World) -> dict[str, Any]:
    admin, now = world["admin"], clock.now()
    asked = {"requested_by": admin, "requested_at": now}
    return {
        "settlements.Settlement": world.settlement,
        "settlements.Clearing": Clearing.objects.create(
            month=date(2026, 1, 1), entries=0, fund=0, frozen_by=admin, frozen_at=now
        ),
        "settlements.Reconciliation": Reconciliation.objects.create(
            institution=world.hospital, on=clock.today(), sha256="0" * 64, entries_sha256="0" * 64, rows=0, entries=0,
            differing=0, sums={}, imported_by=world["hospital"], imported_at=now,
        ),
        "claims.PaymentBatch": PaymentBatch.objects.create(
            number="P1", area_id=HERE, made_by=world["finance"], made_at=now, count=1, total=1
        ),
        "scenarios.PolicyScenario": PolicyScenario.objects.create(
            draft=PolicyVersion.objects.get(), baseline="520100-guiyang-2025", **asked
        ),
        "scenarios.StaffingScenario": StaffingScenario.objects.create(area_id=HERE, **asked),
    }  # fmt: skip


def named(world: World, keys: dict[str, Any]) -> dict[str, Any]:
    """What the site's other addresses name, as the table writes it."""
    handed_in = world.new("filings", "returned")
    Submission.objects.filter(pk=handed_in.pk).update(channel="counter")
    waiting = make.mandate(make.citizen(), world.person, proof=Proof.COUNTER, status="pending", active_from=None)
    return {
        "any": "nothing", "any_number": 9, "app": "reviews", "day": clock.today(), "year": 2026,
        "institution": world.hospital.pk,
        "enrollment": world.enrollment.pk,
        "version": keys["policies.PolicyVersion"],
        "handed_in": handed_in.pk,
        "waiting": waiting.pk,
        "view": SavedView.objects.create(account=world["reviewer"], name="我的", query="kind=filing").pk,
        "filing": keys["filings.Filing"],
        "scan": scan(world),
        "second": keys["reviews.SecondReview"],
        "returned_referral": world.row("referrals", "returned", "owner").pk,
        "referral": keys["referrals.Referral"],
        "settlement": world.settlement.pk,
        "claim": keys["claims.Claim"],
        "batch": keys["claims.PaymentBatch"],
        "key": keys["gateway.GatewayKey"],
    }  # fmt: skip


def scan(world: World) -> Any:
    """A picture that was handed in with a filing."""
    owner, filing = world["owner"], world.row("filings", "submitted", "owner")
    upload = materials.receive(owner, SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg"), "residence_permit")
    materials.process(upload.pk)
    type(upload).objects.filter(pk=upload.pk).update(submission=filing.pk)
    return upload.pk
