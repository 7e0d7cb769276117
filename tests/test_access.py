"""Every endpoint of the API × every kind of caller, on the owner's object, from one table (people's own: tests/accounts; bills: tests/settlements).

What a caller may not see does not exist (404); what they see and may not do is 403; who is not signed in gets 401.
The agent (代办人) acts on a filing of their own, made without a mandate.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from drf_spectacular.generators import SchemaGenerator

from accounts import registry
from accounts.models import Account, Merger, Person, Role
from accounts.registry import RegisterRecord, as_registered
from accounts.services.merging import decide_merger
from chronic.models import Recognition
from core import clock
from core.errors import Forbidden
from filings import proofs
from filings.models import Commitment, Filing
from referrals.models import Referral
from regions.models import CalendarYear, Institution
from reviews import services
from reviews.models import Event, Submission
from reviews.services import Actor
from tests import factories as make
from tests.accounts.test_access import TABLE as PEOPLE
from tests.factories import api
from tests.reviews.material_files import jpeg
from tests.settlements.test_access import TABLE as BILLS

pytestmark = pytest.mark.django_db

GUIYANG, CHENGDU = "520100", "510100"
CALLERS = (
    "nobody",
    "owner",
    "stranger",
    "agent",
    "reviewer",
    "elsewhere",
    "supervisor",
    "hospital",
    "admin",
    "finance",
)
#             nobody owner stranger agent reviewer elsewhere supervisor hospital admin finance
OPEN = (200, 200, 200, 200, 200, 200, 200, 200, 200, 200)
SIGNED_IN = (401, 200, 200, 200, 200, 200, 200, 200, 200, 200)
CITIZENS = (401, 200, 200, 200, 403, 403, 403, 403, 403, 403)
READ = (401, 200, 404, 200, 200, 404, 200, 404, 200, 404)
CITIZEN = (401, 200, 404, 200, 403, 404, 403, 404, 403, 404)
DRAFT = (401, 200, 404, 200, 404, 404, 404, 404, 403, 404)
PERSON = (401, 200, 404, 403, 403, 404, 403, 404, 403, 404)
UNDO = (401, 403, 404, 403, 403, 404, 403, 404, 403, 404)  # who decided: tests/reviews/test_undoing.py
REVIEW = (401, 403, 404, 403, 200, 404, 200, 404, 403, 404)
FILE = (401, 201, 404, 404, 403, 403, 403, 403, 403, 403)
CHANGE = (401, 201, 404, 403, 403, 404, 403, 404, 403, 404)
PROVE = (401, 201, 404, 201, 403, 404, 403, 404, 403, 404)
OPTIONS = (401, 200, 404, 404, 403, 403, 403, 403, 403, 403)
WRITTEN = (401, 200, 404, 200, 403, 403, 403, 403, 403, 403)  # an agent sees what can be filed while writing it
OF_PERSON = (401, 200, 404, 404, 404, 404, 404, 404, 404, 404)
UPLOAD = (401, 201, 201, 201, 201, 201, 201, 201, 201, 201)
OWN_UPLOAD = (401, 200, 404, 200, 404, 404, 404, 404, 404, 404)
SIGNED_LINK = (403,) * 10  # without a signature a link opens for nobody


# Of referrals the hospital's verbs; its own hospital: tests/referrals/test_workflow.py.
ISSUE = (401, 403, 403, 403, 403, 403, 403, 201, 403, 403)
LOOK = (401, 200, 404, 404, 200, 404, 200, 404, 200, 404)
ISSUER = (401, 403, 404, 404, 403, 404, 403, 404, 403, 404)
DECIDE = (401, 403, 404, 404, 200, 404, 200, 404, 403, 404)
UNDONE = (401, 403, 404, 404, 403, 404, 403, 404, 403, 404)  # by who decided alone
NOT_YET = (401, 409, 404, 409, 409, 404, 409, 404, 409, 404)
UNMADE = (401, 409, 404, 404, 409, 404, 409, 404, 409, 404)


@dataclass(frozen=True)
class Line:
    """An endpoint, the state of the object it is called on, what is sent, and what each caller is answered."""

    method: str
    path: str
    answers: tuple[int, ...]
    state: str = ""
    body: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def common(base: str) -> list[Line]:
    """What filings and proofs share."""
    reason = {"reason": "请补充材料"}
    return [
        Line("GET", f"{base}/", SIGNED_IN),
        Line("GET", f"{base}/{{id}}/", READ, "submitted"),
        Line("POST", f"{base}/{{id}}/submit/", DRAFT, "draft"),
        Line("POST", f"{base}/{{id}}/withdraw/", CITIZEN, "submitted"),
        Line("POST", f"{base}/{{id}}/resubmit/", CITIZEN, "returned"),
        Line("POST", f"{base}/{{id}}/approve/", REVIEW, "submitted"),
        Line("POST", f"{base}/{{id}}/reject/", REVIEW, "submitted", reason),
        Line("POST", f"{base}/{{id}}/return_for_correction/", REVIEW, "submitted", reason),
        Line("POST", f"{base}/{{id}}/undo/", UNDO, "submitted"),
        Line("POST", f"{base}/{{id}}/claim/", REVIEW, "submitted"),
        Line("POST", f"{base}/{{id}}/assign/", REVIEW, "submitted"),
        Line("POST", f"{base}/{{id}}/release/", REVIEW, "mine"),
        Line("POST", f"{base}/{{id}}/take_over/", REVIEW, "another's"),
    ]


ESTIMATE = {"area": "500000", "insurance": "employee", "care": "inpatient", "level": 3, "cost": {"total": "20000.00"}}


def referral_lines() -> list[Line]:
    """Referrals: in the queue as every kind, but the hospital acts."""
    rights = {SIGNED_IN: SIGNED_IN, READ: LOOK, CITIZEN: ISSUER, REVIEW: DECIDE}
    shared = [line for line in common("referrals") if line.answers in rights]
    return [
        *(replace(line, answers=rights[line.answers]) for line in shared),
        Line("POST", "referrals/{id}/submit/", UNMADE, "submitted"),
        Line("POST", "referrals/", ISSUE),
        Line("PATCH", "referrals/{id}/", ISSUER, "returned", {"summary": "补充"}),
        Line("POST", "referrals/{id}/undo/", UNDONE, "submitted"),
        Line("POST", "referrals/{id}/revoke/", ISSUER, "approved", {"reason": "误开"}),
        Line("GET", "referrals/{id}/certificate.pdf", LOOK, "approved"),
        Line("GET", "referrals/verify/{code}/", OPEN, "approved"),
        Line("GET", "diagnoses/?q=C34", OPEN),
    ]


LINES = [
    *common("filings"),
    Line("POST", "filings/", FILE, "approved"),
    Line("PATCH", "filings/{id}/", CITIZEN, "returned", {"contact_name": "王小明"}),
    Line("POST", "filings/{id}/cancel/", PERSON, "approved"),
    Line("POST", "filings/{id}/change/", CHANGE, "approved", {"destination": "530100"}),
    Line("POST", "filings/{id}/proof/", PROVE, "promised", {"materials": "own"}),
    Line("GET", "filings/{id}/receipt.pdf", READ, "submitted"),
    *common("proofs"),
    Line("POST", "proofs/", PROVE, "promised", {"filing": "{id}", "materials": "own"}),
    Line("PATCH", "proofs/{id}/", CITIZEN, "returned", {"materials": "own"}),
    *common("recognitions"),
    Line("POST", "recognitions/", FILE, "approved"),
    Line("PATCH", "recognitions/{id}/", CITIZEN, "returned", {"diagnosed_on": "2025-12-02"}),
    Line("POST", "recognitions/{id}/renew/", CHANGE, "promised", {"materials": "fresh"}),
    Line("POST", "recognitions/{id}/choose/", PERSON, "approved", {"institutions": []}),
    Line("GET", "recognitions/{id}/form/", (401, 200, 404, 403, 403, 404, 403, 404, 403, 404), "submitted"),
    Line("GET", "recognitions/{id}/form.pdf", (401, 200, 404, 403, 403, 404, 403, 404, 403, 404), "submitted"),
    Line("GET", "recognition-options/?enrollment={enrollment}", OPTIONS, "approved"),
    *common("claims"),
    Line("POST", "claims/", FILE, "submitted"),
    Line("PATCH", "claims/{id}/", CITIZEN, "returned", {"reason": "医院系统故障"}),
    Line("POST", "claims/{id}/correct/", REVIEW, "submitted", {"cost": {"total": "19000.00"}}),
    Line("POST", "claims/{id}/account/", NOT_YET, "submitted", {"bank_account": "6222020200112233446"}),
    Line("GET", "claim-options/?enrollment={enrollment}", OPTIONS, "submitted"),
    Line("GET", "filing-options/?enrollment={enrollment}&destination=530100", OPTIONS, "approved"),
    Line("GET", "filing-options/?enrollment={enrollment}&destination=530100&filing={id}", WRITTEN, "draft"),
    Line("GET", "eligibility/?enrollment={enrollment}&institution=H52010000001&care=inpatient", OPTIONS),
    Line("GET", "settlement-years/?enrollment={enrollment}", OPTIONS),
    Line("POST", "estimates/", OPEN, "", ESTIMATE),
    Line("POST", "estimates/", OF_PERSON, "", {**ESTIMATE, "enrollment": "{enrollment}"}),
    *referral_lines(),
    Line("GET", "overview/", CITIZENS),
    Line("GET", "drafts/", (401, 200, 200, 200, 403, 403, 403, 403, 403, 403)),
    Line("POST", "materials/", UPLOAD),
    Line("GET", "materials/{material}/", OWN_UPLOAD),
    Line("DELETE", "materials/{material}/", (401, 204, 404, 204, 404, 404, 404, 404, 404, 404)),
    Line("GET", "materials/{material}/file/", SIGNED_LINK),
    Line("GET", "materials/{material}/thumbnail/", SIGNED_LINK),
    Line("POST", "clock/", (401, *(409,) * 9), "", {"next": True}),
    Line("GET", "reconciliation/?on=2026-03-02", (401, 403, 403, 403, 403, 403, 403, 200, 403, 403)),
    Line("POST", "reconciliation/", ISSUE, "", {"on": "2026-03-02", "rows": []}),
    *[
        Line("GET", path, OPEN)
        for path in (
            "areas/", "areas/520100/", "institutions/", "institutions/H52010000001/", "diseases/", "agencies/",
            "notices/?area=520100", "calendar/2026/", "clock/", "deadline/?at=2026-03-02T10:00:00%2B08:00&working_days=2", "policies/",
            "policies/coverage/", "policies/national/",
        )
    ],
]  # fmt: skip


@pytest.fixture(autouse=True)
def _monday(db):
    CalendarYear.objects.create(year=2026)
    make.institution("H52010000001", place=GUIYANG)
    make.area("530100")
    with clock.standing_at(make.moment("2026-03-02 10:00")):
        yield


def account_of(caller: str, owner: Person) -> Account | None:
    """The account behind a column of the table."""
    match caller:
        case "nobody":
            return None
        case "owner":
            return make.citizen(owner)
        case "stranger":
            return make.citizen(make.person())
        case "agent":
            return make.citizen()
        case "elsewhere":
            return make.reviewer(CHENGDU)
        case "hospital":
            return make.staff(Role.HOSPITAL, institution=make.institution("H52010000002", place=GUIYANG))
        case "admin":
            return make.staff(Role.ADMIN)
        case _:
            return make.staff(caller, code=GUIYANG)


def object_in(state: str, kind: str, applicant: Account, of: Any, caller: Account | None) -> Submission:
    """The applicant's filing or proof, brought into a state by the verbs that lead there."""
    if kind.startswith("recognition"):
        return recognition_in(state, applicant, of, caller)
    if kind.startswith("claim"):
        at_home = make.institution("H52010000009", place=GUIYANG)
        return brought(make.claim_draft(of, account=applicant, institution=at_home), state, caller)
    if kind == "referrals":
        return brought(referral_of(of), state, caller)
    promised = kind == "proofs" or state == "promised"
    filing = make.draft(of, account=applicant, to="510100", type="resident" if promised else "other")
    if promised:
        make.material(applicant, submission=filing)
        services.submit(filing, actor=Actor(filing.applicant, filing.mandate))
        services.approve(filing, reviewer=make.reviewer(GUIYANG))
        Commitment.objects.create(
            filing=filing, kind="residence_permit", signed_name="测试员", signed_at=clock.now(), due_on=clock.today()
        )
    if state == "promised":
        return Filing.objects.get(pk=filing.pk)
    row: Submission = filing
    if kind == "proofs":
        row = proofs.prove(
            applicant, Filing.objects.get(pk=filing.pk), [make.material(applicant).pk], draft=True
        ).submission
    return brought(row, state, caller)


def recognition_in(state: str, applicant: Account, of: Any, caller: Account | None) -> Submission:
    """The applicant's recognition in a state; `promised`: approved, with a document to follow."""
    row: Submission = make.recognition_draft(of, account=applicant)
    row = brought(row, "approved" if state == "promised" else state, caller)
    if state in ("approved", "promised"):
        services.approve(row, reviewer=make.reviewer(GUIYANG))
    if state == "promised":
        promise = {"commitment_kind": "test_report", "commitment_status": "open"}
        Recognition.objects.filter(pk=row.pk).update(**promise)
    return row


def referral_of(of: Any) -> Submission:
    """A referral under review of the owner's, by a hospital that no caller is of."""
    referral = Referral(
        kind="referral", person=of.person, enrollment=of, area=of.area, destination=make.area("530100"),
        issued_on=clock.today(), issuer=make.institution("H52010000003", place=GUIYANG, issues_referrals=True), reason="other",
        diagnosis_code="G20", diagnosis_name="帕金森病", summary="摘要", doctor_name="赵明", doctor_rank="chief",
    )  # fmt: skip
    referral.valid_from = referral.valid_until = clock.today()
    return services.create(referral, actor=Actor(make.staff(Role.HOSPITAL, institution=referral.issuer)))


def brought(row: Submission, state: str, caller: Account | None) -> Submission:
    if state == "draft":
        return row
    services.submit(row, actor=Actor(row.applicant, row.mandate))
    if state == "returned":
        services.return_for_correction(row, reviewer=make.reviewer(GUIYANG), reason="请补充")
    if state == "approved":
        services.approve(row, reviewer=make.reviewer(GUIYANG))
    if state in ("mine", "another's"):
        reviewing = caller is not None and caller.role in (Role.REVIEWER, Role.SUPERVISOR) and caller.area_id == GUIYANG
        services.assign(row, reviewer=caller if state == "mine" and reviewing else make.reviewer(GUIYANG))
    return row


PAID_FOR = {"insurance": "resident", "category": "adult"}
"""贵阳's file knows what residents' stays pay, which an approved claim must."""


def ask(line: Line, caller: str) -> int:
    """Call the endpoint as the caller and return the status."""
    of = make.enrollment(make.person("测试员"), code=GUIYANG, **PAID_FOR)
    account = account_of(caller, of.person)
    owner = account if caller in ("owner", "agent") else make.citizen(of.person)
    assert owner is not None
    ids = {"enrollment": of.pk, "material": make.material(owner).pk}
    if line.state:
        row = object_in(line.state, line.path.split("/")[0], owner, of, account)
        ids["id"] = row.pk
        ids["code"] = getattr(row, "verification_code", "")
    client = api(account)
    call = getattr(client, line.method.lower())
    path = f"/api/v1/{line.path.format(**ids)}"
    if line.path == "materials/":
        upload = {"kind": "residence_permit", "file": SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")}
        return int(call(path, upload, format="multipart").status_code)
    return int(call(path, body_of(line, of, ids, account or owner)).status_code)


def body_of(line: Line, of: Any, ids: dict[str, Any], sender: Account) -> dict[str, Any] | None:
    if line.method == "GET":
        return None
    if (line.method, line.path) == ("POST", "recognitions/"):
        papers = [str(make.material(sender, kind).pk) for kind in ("discharge_record", "test_report")]
        return {
            "enrollment": str(of.pk), "disease": "M03900", "diagnosed_on": "2025-12-01",
            "diagnosing_institution": "H50010000001", "materials": papers,
        }  # fmt: skip
    if (line.method, line.path) == ("POST", "claims/"):
        papers = [str(make.material(sender, kind).pk) for kind in make.CLAIM_PAPERS]
        return {
            "enrollment": str(of.pk), "institution": "H11010100001", "care": "inpatient", "admitted_on": "2026-02-01",
            "discharged_on": "2026-02-10", "invoice_code": "1", "invoice_number": "2", "cost": {"total": "20000.00"},
            "bank_account": "6222020200112233446", "reason": "没有备案", "materials": papers,
        }  # fmt: skip
    if (line.method, line.path) == ("POST", "referrals/"):
        registry.store(RegisterRecord("测试员", of.person.id_number, enrollments=(as_registered(of),)))
        Institution.objects.filter(pk=sender.institution_id).update(issues_referrals=True)
        return {
            "patient": {"name": "测试员", "id_number": of.person.id_number}, "diagnosis": {"code": "G20"},
            "reason": "other", "summary": "摘要", "destination": "530100", "doctor": {"name": "赵明", "rank": "chief"},
        }  # fmt: skip
    if (line.method, line.path) == ("POST", "filings/"):
        notice = make.current_notice(GUIYANG, "other")
        return {
            "enrollment": str(of.pk), "destination": "530100", "type": "other", "starts_on": "2026-03-02",
            "contact_name": "测试员", "contact_phone": "13900000000", "notice": str(notice.pk), "materials": [],
        }  # fmt: skip
    body = {name: value.format(**ids) if isinstance(value, str) else value for name, value in line.body.items()}
    if body.get("materials") == "fresh":
        body["materials"] = [str(make.material(sender, kind).pk) for kind in ("discharge_record", "test_report")]
    if body.get("materials") == "own":
        body["materials"] = [str(make.material(sender).pk)]
    return body


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("line", LINES, ids=str)
def test_who_may(line, caller):
    assert ask(line, caller) == line.answers[CALLERS.index(caller)]


@pytest.mark.parametrize("caller", ["stranger", "elsewhere", "hospital"])
@pytest.mark.parametrize("line", [line for line in LINES if line.method != "GET" and "{id}" in line.path], ids=str)
def test_what_is_refused_leaves_no_trace(line, caller):
    ask(line, caller)

    acting = Event.objects.exclude(actor=None).values_list("actor__institution", "actor__area")

    assert "H52010000002" not in {institution for institution, _area in acting}
    assert {area for _institution, area in acting} <= {None, GUIYANG}


def test_the_tables_name_every_endpoint():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    served = {(method.upper(), path) for path, methods in schema["paths"].items() for method in methods}
    named = {(line.method, template(line.path)) for line in LINES}

    named |= {(method, template(path)) for method, path in (*PEOPLE, *BILLS)}

    assert {(method, template(path.removeprefix("/api/v1/"))) for method, path in served} == named


def template(path: str) -> str:
    """A path with its parameters and examples blanked out."""
    parts = path.split("?")[0].strip("/").split("/")
    listed = {"areas", "institutions", "calendar", "policies", "persons", "mandates", "messages"}
    if len(parts) > 1 and parts[0] in listed:
        parts[1] = "*"
    return "/".join("*" if part.startswith(("{", "<")) else part for part in parts)


DECIDES_MERGERS = {"reviewer", "supervisor", "admin"}


@pytest.mark.parametrize("caller", CALLERS[1:])
def test_a_merger_is_seen_and_decided_by_staff_of_the_area_alone(caller):
    of = make.enrollment(make.person("新生儿"), code=GUIYANG)
    asked = Merger.objects.create(
        person=of.person, id_number=make.id_number(), asked_by=make.reviewer(GUIYANG), asked_at=clock.now()
    )
    account = account_of(caller, of.person)
    assert account is not None

    try:
        decided = decide_merger(account, asked, merge=False).status == "declined"
    except Forbidden:
        decided = False

    assert (Merger.objects.visible_to(account).exists(), decided) == (caller in DECIDES_MERGERS,) * 2
