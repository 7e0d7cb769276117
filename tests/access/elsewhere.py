"""What another area has, by the name of what would name it: one object of each kind that a member of staff could name here.

Whatever would give one of them away, a name, a number or a key, is in `marks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django_otp_webauthn.models import WebAuthnCredential

from accounts import registry
from accounts.certificate import read_certificate
from accounts.models import Account, Channel, Delivery, Merger, Person, Proof, hidden_number
from accounts.registry import RegisterRecord, as_registered
from accounts.security.sessions import places
from accounts.services import tell
from claims.models import PaymentBatch, PaymentLine
from core import clock
from core.ids import new_id
from policies.models import CatalogueVersion, PolicyVersion
from referrals.models import Referral
from regions.models import Agency, ClosedDay, MasterImport
from reviews import services as reviewing
from reviews.models import Decision, Note, ReasonTemplate, SecondReview, SecondReviewRule, Submission
from reviews.services import Actor
from scenarios.models import StaffingScenario
from settlements.models import Reconciliation
from tests import factories as make
from tests.access.world import ELSEWHERE, PAID_FOR, World

BIRTH, BORN = "Z510000026", date(2026, 1, 5)
PUBLIC = {"area", "institution", "slug"}
"""What anybody may read: areas, institutions, the policies in force."""


@dataclass(frozen=True)
class Elsewhere:
    """The objects' keys by what would name them, and the words by which each would show."""

    keys: dict[str, Any]
    marks: frozenset[str]


def elsewhere(world: World) -> Elsewhere:
    rows = {**people(world), **cases(world), **books(world), **kept(world)}
    person, child = rows["person"], rows["newborn"]
    keys = {name: row.pk for name, row in rows.items()} | {
        "area": ELSEWHERE,
        "username": world["reviewer_b"].username,
        "id_number": person.id_number,
        "id_hidden": hidden_number(person.id_number),
        "birth_certificate": BIRTH,
        "number": rows["submission"].number,
        "filing_number": rows["filing"].number,
        "claim_number": rows["claim"].number,
        "agency_name": rows["agency"].name,
        "closed_reason": rows["closed_day"].reason,
        "referral_number": rows["referral"].number,
        "settlement_number": rows["settlement"].number,
        "batch_number": rows["batch"].number,
        "slug": "510100-chengdu-2023",
        "code": rows["template"].code,
        "place": places(world["supervisor_b"])[0].handle,
        "institution": rows["institution"].pk,
    }
    said = (
        name for row in (person, child) for name in (row.name, row.masked_name, row.id_number, row.masked_id_number)
    )
    words = {str(key) for name, key in keys.items() if name not in PUBLIC and len(str(key)) > 9} | {
        *said,
        rows["template"].text,
        rows["agency"].name,
    }
    return Elsewhere(keys, frozenset(words - {""}))


def people(world: World) -> dict[str, Any]:
    """Who is insured and who works there."""
    person = make.person("司马相如")
    of = make.enrollment(person, code=ELSEWHERE, **PAID_FOR)
    registry.store(RegisterRecord(person.name, person.id_number, enrollments=(as_registered(of),)))
    child = newborn(BIRTH)
    make.enrollment(child, code=ELSEWHERE, **PAID_FOR)
    applicant = make.citizen(person)
    return {
        "account": world["reviewer_b"],
        "supervisor": world["supervisor_b"],
        "applicant": applicant,
        "person": person,
        "newborn": child,
        "enrollment": of,
        "mandate": make.mandate(make.citizen(), person, proof=Proof.COUNTER, status="pending", active_from=None),
        "own_mandate": applicant.mandates.get(),
        "merger": Merger.objects.create(
            person=person, id_number=make.id_number(), asked_by=world["reviewer_b"], asked_at=clock.now()
        ),
        "scan": make.material(world["reviewer_b"]),
        "passkey": WebAuthnCredential.objects.create(
            user=world["supervisor_b"], name="外", aaguid="", credential_id=b"1", credential_id_sha256="1" * 64,
            public_key=b"1", transports=[], backup_eligible=False, backup_state=False, discoverable=False,
        ),
    }  # fmt: skip


def newborn(certificate: str, name: str = "诸葛小亮") -> Person:
    """A child that is known by its birth certificate."""
    child = Person(name=name, birth_date=BORN, sex="male")
    child.certify(read_certificate("birth", certificate))
    child.save()
    return child


def insured(**more: Any) -> Any:
    return make.enrollment(make.person("司马相如"), code=ELSEWHERE, **(PAID_FOR | more))


def cases(world: World) -> dict[str, Any]:
    """What was submitted there and waits, and what was decided of it."""
    there = make.institution("H51010000001", place=ELSEWHERE, name="成都某医院", issues_referrals=True)
    waiting = submitted_claim(world, insured())
    decided, batch, line = paid(world, insured(insurance="employee", category="active"), "finance_b", "P510100-9")
    decision = Decision.objects.filter(submission=decided.pk).latest("pk")
    message = tell(waiting.applicant, key="b", kind="test", title="标题", text="正文")
    type(message).objects.filter(pk=message.pk).update(submission=waiting.pk)
    return {
        "submission": Submission.objects.get(pk=waiting.pk),
        "filing": make.submitted(insured()),
        "claim": decided,
        "settlement": decided.settlement,
        "batch": batch,
        "line": line,
        "decision": decision,
        "note": Note.objects.filter(submission=decided.pk).latest("created_at"),
        "year": decided.settlement.year,
        "message": message,
        "second": SecondReview.objects.create(
            decision=decision, area_id=ELSEWHERE, why="sampled", drawn_at=clock.now()
        ),
        "delivery": Delivery.objects.create(message=message, channel=Channel.SMS, status="failed"),
        "referral": referral(insured(), make.staff("hospital", institution=there)),
        "institution": there,
    }


def submitted_claim(world: World, of: Any) -> Any:
    claim = make.claim_draft(of, institution=world.at_home)
    return reviewing.submit(claim, actor=Actor(claim.applicant, claim.mandate))


def referral(of: Any, issuer: Account) -> Referral:
    """A referral that was issued for somebody, and stands."""
    row = Referral(
        kind="referral", person=of.person, enrollment=of, area=of.area, destination=make.area(make.BEIJING), reason="other",
        issued_on=clock.today(), issuer=issuer.institution, diagnosis_code="G20", diagnosis_name="帕金森病", summary="摘要",
        doctor_name="赵明", doctor_rank="chief", valid_from=clock.today(), valid_until=clock.today(),
    )  # fmt: skip
    made: Any = reviewing.submit(reviewing.create(row, actor=Actor(issuer)), actor=Actor(issuer))
    while made.status == "submitted":
        made = reviewing.approve(made, reviewer=make.reviewer(of.area_id))
    return Referral.objects.get(pk=made.pk)


def paid(world: World, of: Any, finance: str, number: str) -> tuple[Any, PaymentBatch, PaymentLine]:
    """An approved claim in a file that the bank has paid."""
    row = submitted_claim(world, of)
    while row.status == "submitted":
        row = reviewing.approve(row, reviewer=make.reviewer(of.area_id), reason="同意")
    batch = PaymentBatch.objects.create(
        number=number, area=of.area, made_by=world[finance], made_at=clock.now(), count=1, total=1, paid_on=clock.today(),
        paid_by=world[finance],
    )  # fmt: skip
    line = PaymentLine.objects.create(
        batch=batch, claim=row, order=1, amount=1, bank_account="6222020200112233446", bank_holder="某"
    )
    return row, batch, line


def books(world: World) -> dict[str, Any]:
    """What the other hospital has, and what it compared."""
    other = world["hospital_b"].institution
    return {
        "reconciliation": Reconciliation.objects.create(
            institution=other, on=clock.today(), sha256="1" * 64, entries_sha256="1" * 64, rows=0, entries=0,
            differing=0, sums={}, imported_by=world["hospital_b"], imported_at=clock.now(),
        ),
    }  # fmt: skip


def kept(world: World) -> dict[str, Any]:
    """What its supervisors keep, and what another administrator has begun."""
    version = PolicyVersion.objects.get()
    version.pk, version.area, version.name, version._state.adding = new_id(), ELSEWHERE, "成都市", True
    version.save()
    draft = CatalogueVersion.objects.get(status="draft")
    draft.pk, draft.area, draft._state.adding = new_id(), ELSEWHERE, True
    draft.save()
    return {
        "draft": version,
        "catalogue": draft,
        "agency": Agency.objects.create(area_id=ELSEWHERE, name="成都市医疗保障事务中心"),
        "closed_day": ClosedDay.objects.create(area_id=ELSEWHERE, date=date(2026, 8, 9), reason="停水"),
        "template": ReasonTemplate.objects.create(
            area_id=ELSEWHERE, kind="filing", outcome="returned", code="of-chengdu", text="请成都补"
        ),
        "rule": SecondReviewRule.objects.create(area_id=ELSEWHERE, share=0),
        "staffing": StaffingScenario.objects.create(
            area_id=ELSEWHERE, requested_by=world["supervisor_b"], requested_at=clock.now()
        ),
        "import": MasterImport.objects.create(
            table="regions.disease", account=make.staff("admin"), name="a.csv", content=b"", digest="2" * 64
        ),
    }
