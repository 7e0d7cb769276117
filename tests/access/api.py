"""The API: every endpoint, on which object, and what each kind of caller is answered. Written by hand, never from running.

What a caller may not see does not exist (404); what they see and may not do is 403; who is not signed in gets 401.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.access import bodies
from tests.access.bodies import Body

#               nobody | owner relative agent stranger | hospital _b | reviewer _b supervisor _b finance _b | admin
OPEN = "200 | 200 200 200 200 | 200 200 | 200 200 200 200 200 200 | 200"
SIGNED_IN = "401 | 200 200 200 200 | 200 200 | 200 200 200 200 200 200 | 200"
CITIZENS = "401 | 200 200 200 200 | 403 403 | 403 403 403 403 403 403 | 403"
READ = "401 | 200 200 200 404 | 404 404 | 200 404 200 404 404 404 | 200"
CITIZEN = "401 | 200 200 200 404 | 404 404 | 403 404 403 404 404 404 | 403"
DRAFT = "401 | 200 200 200 404 | 404 404 | 404 404 404 404 404 404 | 403"
PERSON = "401 | 200 200 403 404 | 404 404 | 403 404 403 404 404 404 | 403"
FORM = "401 | 200 200 403 404 | 404 404 | 403 404 403 404 404 404 | 403"
UNDO = "401 | 403 403 403 404 | 404 404 | 403 404 403 404 404 404 | 403"  # who decided: tests/reviews/test_undoing.py
REVIEW = "401 | 403 403 403 404 | 404 404 | 200 404 200 404 404 404 | 403"
FILE = "401 | 201 201 404 404 | 403 403 | 403 403 403 403 403 403 | 403"
CHANGE = "401 | 201 201 403 404 | 404 404 | 403 404 403 404 404 404 | 403"
PROVE = "401 | 201 201 201 404 | 404 404 | 403 404 403 404 404 404 | 403"
OPTIONS = "401 | 200 200 404 404 | 403 403 | 403 403 403 403 403 403 | 403"
WRITTEN = "401 | 200 200 200 404 | 403 403 | 403 403 403 403 403 403 | 403"  # an agent sees what can be filed while writing it
OF_PERSON = "401 | 200 200 404 404 | 404 404 | 404 404 404 404 404 404 | 404"
UPLOAD = "401 | 201 201 201 201 | 201 201 | 201 201 201 201 201 201 | 201"
OWN_UPLOAD = "401 | 200 404 200 404 | 404 404 | 404 404 404 404 404 404 | 404"
OWN_DELETED = "401 | 204 404 204 404 | 404 404 | 404 404 404 404 404 404 | 404"
SIGNED_LINK = (
    "403 | 403 403 403 403 | 403 403 | 403 403 403 403 403 403 | 403"  # without a signature it opens for nobody
)
NOT_YET = "401 | 409 409 409 404 | 404 404 | 409 404 409 404 404 404 | 409"
BACKWARDS = (
    "401 | 400 400 400 400 | 400 400 | 400 400 400 400 400 400 | 400"  # a simulated clock moves for all, forward
)
# A referral is its hospital's.
ISSUE = "401 | 403 403 403 403 | 201 201 | 403 403 403 403 403 403 | 403"
LOOK = "401 | 200 200 404 404 | 200 404 | 200 404 200 404 404 404 | 200"
ISSUER = "401 | 403 403 404 404 | 200 404 | 403 404 403 404 404 404 | 403"
DECIDE = "401 | 403 403 404 404 | 403 404 | 200 404 200 404 404 404 | 403"
UNDONE = "401 | 403 403 404 404 | 403 404 | 403 404 403 404 404 404 | 403"
UNMADE = "401 | 409 409 404 404 | 409 404 | 409 404 409 404 404 404 | 409"
# Bills.
AT_A_TILL = "401 | 403 403 403 403 | 201 201 | 403 403 403 403 403 403 | 403"
QUOTED = "401 | 403 403 403 403 | 200 200 | 403 403 403 403 403 403 | 403"
AT_ITS_TILL = (
    "401 | 403 403 404 404 | 200 404 | 403 404 200 404 404 404 | 403"  # the agency corrects what the till cannot
)
# People's own.
UNREAD = "400 | 400 400 400 400 | 400 400 | 400 400 400 400 400 400 | 400"
EVERYBODYS = "401 | 204 204 204 204 | 204 204 | 204 204 204 204 204 204 | 204"
CLOSES = "401 | 204 204 204 204 | 403 403 | 403 403 403 403 403 403 | 403"
ASKED = "401 | 400 400 400 400 | 403 403 | 403 403 403 403 403 403 | 403"
UNBOUND = "401 | 204 204 404 404 | 403 403 | 403 403 403 403 403 403 | 403"
BOUND = "401 | 409 409 404 404 | 403 403 | 403 403 403 403 403 403 | 403"
SHOWN = "401 | 201 201 404 404 | 403 403 | 403 403 403 403 403 403 | 403"
HIS_OWN = "401 | 200 404 404 404 | 403 403 | 403 403 403 403 403 403 | 403"
ADDRESSED   = "401 | 200 404 404 404 | 404 404 | 404 404 404 404 404 404 | 404"  # fmt: skip


@dataclass(frozen=True)
class Line:
    """An endpoint, what each caller is answered, the state of the object it is called on, and what is sent."""

    method: str
    path: str
    answers: str
    state: str = ""
    body: Body = bodies.nothing
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def of(self) -> str:
        """The kind of submission that `{id}` names."""
        return self.kind or self.path.split("/")[0]


Lines = Callable[[str], list[Line]]
said, own = bodies.said, bodies.own


def common(base: str) -> list[Line]:
    """What all kinds of submission share."""
    reason = said(reason="请补充材料")
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
        Line("POST", f"{base}/{{id}}/take_over/", REVIEW, "held"),
    ]


def referrals() -> list[Line]:
    """In the queue as every kind, but the hospital acts."""
    rights = {SIGNED_IN: SIGNED_IN, READ: LOOK, CITIZEN: ISSUER, REVIEW: DECIDE, UNDO: UNDONE}
    shared = [line for line in common("referrals") if line.answers in rights]
    return [
        *(replace(line, answers=rights[line.answers]) for line in shared),
        Line("POST", "referrals/{id}/submit/", UNMADE, "submitted"),
        Line("POST", "referrals/", ISSUE, body=bodies.referral),
        Line("PATCH", "referrals/{id}/", ISSUER, "returned", said(summary="补充")),
        Line("POST", "referrals/{id}/revoke/", ISSUER, "approved", said(reason="误开")),
        Line("GET", "referrals/{id}/certificate.pdf", LOOK, "approved"),
        Line("GET", "referrals/verify/{code}/", OPEN, "approved"),
        Line("GET", "diagnoses/?q=C34", OPEN),
    ]


def people() -> list[Line]:
    """Signing in, the account, and whom it acts for."""
    return [
        Line("POST", "auth/wechat/", UNREAD),
        Line("POST", "auth/password/", UNREAD),
        Line("POST", "auth/logout/", EVERYBODYS),
        Line("GET", "account/", SIGNED_IN),
        Line("PATCH", "account/", SIGNED_IN),
        Line("DELETE", "account/", CLOSES),
        Line("GET", "account/export/", CITIZENS),
        Line("GET", "account/closing/", CITIZENS),
        Line("GET", "account/notifications/", CITIZENS),
        Line("PATCH", "account/notifications/", CITIZENS),
        Line("POST", "account/notifications/consents/", ASKED),
        Line("GET", "persons/", CITIZENS),
        Line("POST", "persons/", ASKED),
        Line("DELETE", "persons/{person}/", UNBOUND),
        Line("POST", "persons/{person}/verify/", BOUND, body=said(code="000000")),
        Line("POST", "persons/{person}/resend/", BOUND),
        Line("POST", "persons/{person}/vouchers/", SHOWN),
        Line("GET", "mandates/", CITIZENS),
        Line("POST", "mandates/{mandate}/approve/", HIS_OWN),
        Line("POST", "mandates/{mandate}/revoke/", HIS_OWN),
        Line("GET", "messages/", SIGNED_IN),
        Line("POST", "messages/{message}/read/", ADDRESSED),
    ]


def bills() -> list[Line]:
    """The till, and what is asked about bills."""
    return [
        Line("GET", "settlements/", SIGNED_IN),
        Line("GET", "settlements/{settlement}/", LOOK),
        Line("POST", "settlements/", AT_A_TILL, body=bodies.bill),
        Line("POST", "settlements/quote/", QUOTED, body=bodies.bill),
        Line("POST", "settlements/{settlement}/reverse/", AT_ITS_TILL, body=said(reason="错")),
        Line("GET", "settlements/{settlement}/statement.pdf", LOOK),
        Line("GET", "reconciliation/?on=2026-03-02", QUOTED),
        Line("POST", "reconciliation/", AT_A_TILL, body=said(on="2026-03-02", rows=[])),
        Line("GET", "eligibility/?enrollment={enrollment}&institution={institution}&care=inpatient", OPTIONS),
        Line("GET", "settlement-years/?enrollment={enrollment}", OPTIONS),
        Line("POST", "estimates/", OPEN, body=bodies.estimate),
        Line("POST", "estimates/", OF_PERSON, body=bodies.estimate_of_somebody),
    ]


LINES = [
    *common("filings"),
    Line("POST", "filings/", FILE, body=bodies.filing),
    Line("PATCH", "filings/{id}/", CITIZEN, "returned", said(contact_name="王小明")),
    Line("POST", "filings/{id}/cancel/", PERSON, "approved"),
    Line("POST", "filings/{id}/change/", CHANGE, "approved", said(destination="530100")),
    Line("POST", "filings/{id}/proof/", PROVE, "promised", own("residence_permit")),
    Line("GET", "filings/{id}/receipt.pdf", READ, "submitted"),
    Line("GET", "filing-options/?enrollment={enrollment}&destination=530100", OPTIONS),
    Line("GET", "filing-options/?enrollment={its_enrollment}&destination=530100&filing={id}", WRITTEN, "draft", kind="filings"),
    *common("proofs"),
    Line("POST", "proofs/", PROVE, "promised", bodies.proof),
    Line("PATCH", "proofs/{id}/", CITIZEN, "returned", own("residence_permit")),
    *common("recognitions"),
    Line("POST", "recognitions/", FILE, body=bodies.recognition),
    Line("PATCH", "recognitions/{id}/", CITIZEN, "returned", said(diagnosed_on="2025-12-02")),
    Line("POST", "recognitions/{id}/renew/", CHANGE, "promised", own("discharge_record", "test_report")),
    Line("POST", "recognitions/{id}/choose/", PERSON, "approved", said(institutions=[])),
    Line("GET", "recognitions/{id}/form/", FORM, "submitted"),
    Line("GET", "recognitions/{id}/form.pdf", FORM, "submitted"),
    Line("GET", "recognition-options/?enrollment={enrollment}", OPTIONS),
    *common("claims"),
    Line("POST", "claims/", FILE, body=bodies.claim),
    Line("PATCH", "claims/{id}/", CITIZEN, "returned", said(reason="医院系统故障")),
    Line("POST", "claims/{id}/correct/", REVIEW, "submitted", said(cost={"total": "19000.00"})),
    Line("POST", "claims/{id}/account/", NOT_YET, "submitted", said(bank_account="6222020200112233446")),
    Line("GET", "claim-options/?enrollment={enrollment}", OPTIONS),
    *referrals(),
    *people(),
    *bills(),
    Line("GET", "overview/", CITIZENS),
    Line("GET", "drafts/", CITIZENS),
    Line("POST", "materials/", UPLOAD, body=bodies.photo),
    Line("GET", "materials/{material}/", OWN_UPLOAD),
    Line("DELETE", "materials/{material}/", OWN_DELETED),
    Line("GET", "materials/{material}/file/", SIGNED_LINK),
    Line("GET", "materials/{material}/thumbnail/", SIGNED_LINK),
    Line("POST", "clock/", BACKWARDS, body=said(to="2026-01-01T00:00:00+08:00")),
    *[
        Line("GET", path, OPEN)
        for path in (
            "areas/", "areas/{area}/", "institutions/", "institutions/{institution}/", "diseases/", "agencies/", "notices/?area=520100",
            "calendar/{year}/", "clock/", "deadline/?at=2026-03-02T10:00:00%2B08:00&working_days=2", "policies/", "policies/{policy}/",
            "policies/coverage/", "schema/", "docs/",
        )
    ],
]  # fmt: skip

OTHERS = {
    "healthz": "says that the process lives: tests/config/test_health.py",
    "readyz": "says what does not work, without a name: tests/config/test_health.py",
    "metrics": "figures, behind a token of their own: tests/config/test_health.py",
    "r/": "a referral looked up by its code, which only its paper bears: tests/referrals/test_showing.py",
    "r/<str:code>/": "the same",
    "^(?:fsi/api|mbs-fsi/web/api/fsi|mss/web/api/fsi)(?:/(?P<path>.*))?$": "each message is signed: tests/gateway",
    **dict.fromkeys(
        (
            "",
            "shell.<slug:digest>.css",
            "pages/<slug:folder>/",
            "pages/<slug:language>/texts.<slug:digest>.js",
            "pages/<slug:language>/<slug:folder>/",
            "worker.<slug:digest>.js",
            "release/<slug:digest>/<path:path>",
            "favicon.ico",
        ),
        "the phone's pages are the same for everybody: what they show, they ask of the API",
    ),
}
"""The addresses beside the API and the staff's site: why they need no line above, and where they are tested."""
