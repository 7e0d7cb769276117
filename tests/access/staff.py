"""The staff's site: every page of its registry and every other of its addresses, and what each kind of staff is answered.

Written by hand, never from running. A figure is the status; `in`: to the page of signing in; `home`: to the first page, with the
sentence that there is no such object; `to`: on to another page. What one may not see is answered like what does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

STAFF = (
    "nobody", "citizen", "hospital", "hospital_b", "reviewer", "reviewer_b", "supervisor", "supervisor_b", "finance",
    "finance_b", "admin",
)  # fmt: skip

#             nobody citizen | hospital _b | reviewer _b supervisor _b finance _b | admin
NEVER = "in in | 403 403 | 403 403 403 403 403 403 | 403"
ADMIN = "in in | 403 403 | 403 403 403 403 403 403 | 200"
KEEPERS = "in in | 403 403 | 403 403 200 200 403 403 | 200"
REVIEWERS = "in in | 403 403 | 200 200 200 200 403 403 | 200"
# Of an object of the area.
IN_AREA = "in in | 403 403 | 200 home 200 home 403 403 | 200"
CASE_PAGE = "in in | home home | 200 home 200 home home home | 200"
LEADS = "in in | home home | to home to home home home | to"
SUPERVISED  = "in in | 403 403 | 403 403 200 home 403 403 | 200"  # fmt: skip


@dataclass(frozen=True)
class Pages:
    """A model of the registry: its list, one object's page and history, the forms to add and delete, who may do what to many."""

    list: str
    change: str
    history: str
    add: str = NEVER
    delete: str = NEVER
    actions: str = ""
    """`merge: reviewer supervisor admin, …`: an action of the list, and who has it."""


def kept_by_administrators(*, add: str = ADMIN, delete: str = NEVER, actions: str = "") -> Pages:
    return Pages(ADMIN, ADMIN, ADMIN, add, delete, actions)


READ_BY_ADMINISTRATORS = kept_by_administrators(add=NEVER)

REGISTRY = {
    "accounts.Account": kept_by_administrators(
        actions="unlock: admin, reset_factor: admin, give_enrolment_code: admin"
    ),
    "accounts.Person": READ_BY_ADMINISTRATORS,
    "accounts.SandboxDelivery": READ_BY_ADMINISTRATORS,
    "regions.Area": kept_by_administrators(),
    "regions.Institution": kept_by_administrators(),
    "regions.Disease": kept_by_administrators(),
    "regions.CalendarYear": kept_by_administrators(),
    "regions.CalendarDay": kept_by_administrators(delete=ADMIN),
    "referrals.ListedDiagnosis": kept_by_administrators(),
    "policies.Notice": READ_BY_ADMINISTRATORS,
    "regions.Agency": Pages(KEEPERS, SUPERVISED, SUPERVISED, KEEPERS, SUPERVISED),
    "regions.ClosedDay": Pages(KEEPERS, SUPERVISED, SUPERVISED, KEEPERS, SUPERVISED),
    "accounts.Mandate": Pages(REVIEWERS, IN_AREA, IN_AREA, actions="end_at_counter: reviewer supervisor admin"),
    "accounts.Merger": Pages(
        REVIEWERS,
        IN_AREA,
        IN_AREA,
        REVIEWERS,
        actions="merge: reviewer supervisor admin, decline: reviewer supervisor admin",
    ),
    "accounts.Delivery": Pages(KEEPERS, SUPERVISED, SUPERVISED, actions="send_again: supervisor admin"),
    "reviews.Submission": Pages(
        REVIEWERS, CASE_PAGE, IN_AREA, actions="approve_selected: reviewer supervisor, hand_on_selected: supervisor"
    ),
    "filings.Filing": Pages(REVIEWERS, LEADS, IN_AREA),
    "filings.Proof": Pages(REVIEWERS, LEADS, IN_AREA),
    "chronic.Recognition": Pages(REVIEWERS, LEADS, IN_AREA),
    "claims.Claim": Pages(REVIEWERS, LEADS, IN_AREA),
    "referrals.Referral": Pages(
        "in in | 200 200 | 200 200 200 200 403 403 | 200",
        "in in | 200 home | to home to home home home | to",
        "in in | 200 home | 200 home 200 home 403 403 | 200",
    ),
    "reviews.Event": Pages(REVIEWERS, IN_AREA, IN_AREA),
    "reviews.CounterStep": Pages(REVIEWERS, IN_AREA, IN_AREA),
    "reviews.SecondReview": Pages(REVIEWERS, LEADS, IN_AREA),
    "reviews.PersonLookup": Pages(KEEPERS, SUPERVISED, SUPERVISED),
    "reviews.Export": Pages(KEEPERS, SUPERVISED, SUPERVISED),
    "reviews.ReasonTemplate": Pages(REVIEWERS, IN_AREA, IN_AREA, KEEPERS, SUPERVISED),
    "reviews.SecondReviewRule": Pages(REVIEWERS, IN_AREA, IN_AREA, KEEPERS),
    "policies.PolicyVersion": Pages(
        KEEPERS,
        "in in | 403 403 | 403 403 200 404 403 403 | 200",
        "in in | 403 403 | 403 403 200 404 403 403 | 200",
        KEEPERS,
    ),
    "policies.CatalogueVersion": Pages(
        KEEPERS,
        "in in | 403 403 | 403 403 200 404 403 403 | 200",
        "in in | 403 403 | 403 403 200 404 403 403 | 200",
        KEEPERS,
    ),
    "policies.CatalogueEntry": Pages(KEEPERS, SUPERVISED, SUPERVISED),
    "scenarios.PolicyScenario": Pages(KEEPERS, SUPERVISED, SUPERVISED, KEEPERS),
    "scenarios.StaffingScenario": Pages(KEEPERS, SUPERVISED, SUPERVISED, KEEPERS),
    "settlements.Settlement": Pages(
        REVIEWERS,
        "in in | 200 home | 200 home 200 home home home | 200",  # a till's own, as in the API
        IN_AREA,
    ),
    "gateway.GatewayCall": READ_BY_ADMINISTRATORS,
    "gateway.GatewayKey": READ_BY_ADMINISTRATORS,
    "settlements.IdentityLookup": Pages(REVIEWERS, IN_AREA, IN_AREA),
    "settlements.Reconciliation": Pages(
        "in in | 200 200 | 200 200 200 200 404 404 | 200",
        "in in | 200 404 | 200 404 200 404 404 404 | 200",
        "in in | 200 home | 200 home 200 home 403 403 | 200",
    ),
    "settlements.Clearing": Pages(
        "in in | 404 404 | 200 200 200 200 404 404 | 200",
        "in in | 404 404 | to to to to 404 404 | to",  # who owes whom in a month, without names
        "in in | 403 403 | 200 200 200 200 403 403 | 200",
    ),
    "claims.PaymentBatch": Pages(
        "in in | 403 403 | 200 200 200 200 200 200 | 200",
        "in in | 404 404 | 200 404 200 404 200 404 | 200",
        "in in | 403 403 | 200 home 200 home 200 home | 200",
    ),
}


@dataclass(frozen=True)
class Page:
    """Another address of the site: how it is opened and how it is sent to, with nothing in the body."""

    path: str
    get: str
    post: str

    def __str__(self) -> str:
        return self.path


def every(answer: str, *, nobody: str = "in") -> str:
    """The same for all staff."""
    return " ".join([nobody] * 2 + [answer] * (len(STAFF) - 2))


ONE_WAY = every("405")
CLERKS = "in in | 403 403 | 200 200 200 200 403 403 | 403"
CLERKS_HERE = "in in | 403 403 | 200 404 200 404 403 403 | 403"
CASE = "in in | 404 404 | 200 404 200 404 404 404 | 200"
SUPERVISORS = "in in | 403 403 | 403 403 200 200 403 403 | 403"
HOSPITALS = "in in | 200 200 | 403 403 403 403 403 403 | 403"
ITS         = "in in | 200 404 | 403 403 403 403 403 403 | 403"  # fmt: skip

PAGES = [
    # The site itself.
    Page("", every("200"), every("200")),
    Page("login/", every("home", nobody="200"), every("200", nobody="200")),
    Page("login/code/", every("in"), every("in")),
    Page("login/enrol/", every("200"), every("409")),
    Page("login/passkey/", every("200"), every("409")),
    Page("security/confirm/", every("to"), every("to")),
    Page("security/", every("200"), every("to")),
    Page("search/", every("200"), every("200")),
    Page("logout/", every("405", nobody="home"), every("200", nobody="home")),
    Page("password_change/", every("200"), every("200")),
    Page("password_change/done/", every("200"), ONE_WAY),
    Page("autocomplete/?app_label=regions&model_name=agency&field_name=area&term=", ADMIN, ONE_WAY),
    Page("jsi18n/", every("200"), ONE_WAY),
    Page("r/{any}", every("404", nobody="404"), every("404", nobody="404")),
    Page("r/{any}/{any}/", every("404", nobody="404"), every("404", nobody="404")),
    Page("{app}/", "in in | 404 404 | 200 200 200 200 404 404 | 200", "in in | 404 404 | 200 200 200 200 404 404 | 200"),
    Page("{any}", every("404"), every("404")),
    # Master data.
    Page("regions/area/import/", ADMIN, ADMIN),
    Page("regions/institution/import/", ADMIN, ADMIN),
    Page("regions/disease/import/", ADMIN, ADMIN),
    Page("referrals/listeddiagnosis/import/", ADMIN, ADMIN),
    Page("regions/calendaryear/{year}/notice/", ADMIN, ADMIN),
    Page("policies/policyversion/coverage/", KEEPERS, KEEPERS),
    Page(
        "policies/policyversion/{version}/compare/{version}/",
        "in in | 403 403 | 403 403 200 404 403 403 | 200",
        "in in | 403 403 | 403 403 200 404 403 403 | 200",
    ),
    # The counter.
    Page("reviews/submission/counter/", CLERKS, "in in | 403 403 | 400 400 400 400 403 403 | 403"),
    Page("reviews/submission/counter/{handed_in}/", CLERKS_HERE, CLERKS_HERE),
    Page("accounts/mandate/{waiting}/counter/", CLERKS_HERE, "in in | 403 403 | 400 404 400 404 403 403 | 403"),
    Page("accounts/mandate/{waiting}/counter/{any}/{any}/", "in in | 403 403 | 404 404 404 404 403 403 | 403",
         "in in | 403 403 | 404 404 404 404 403 403 | 403"),
    Page("filings/filing/enter/{enrollment}/", CLERKS_HERE, CLERKS_HERE),
    Page("filings/filing/emergency/{enrollment}/", CLERKS_HERE, CLERKS_HERE),
    Page("claims/claim/enter/{enrollment}/", CLERKS_HERE, CLERKS_HERE),
    Page("chronic/recognition/enter/{enrollment}/", CLERKS_HERE, CLERKS_HERE),
    # The worklist.
    Page("reviews/submission/clock/", ONE_WAY, every("to")),
    Page("reviews/submission/views/", ONE_WAY, every("to")),
    Page("reviews/submission/views/{view}/", ONE_WAY, "in in | 404 404 | to 404 404 404 404 404 | 404"),
    Page("reviews/submission/staff/", SUPERVISORS, "in in | 403 403 | 403 403 404 404 403 403 | 403"),
    Page("reviews/submission/audit/", KEEPERS, "in in | 403 403 | 403 403 to to 403 403 | to"),
    Page("reviews/submission/selected/approve/", ONE_WAY, "in in | 403 403 | 200 200 200 200 403 403 | 403"),
    Page("reviews/submission/selected/hand-on/", ONE_WAY, "in in | 403 403 | 403 403 200 200 403 403 | 403"),
    Page("reviews/submission/next/", ONE_WAY, every("to")),
    Page("reviews/submission/presence/{filing}/", ONE_WAY, CASE),
    Page("reviews/submission/material/{scan}/file/", CASE, CASE),
    Page("reviews/submission/material/{scan}/thumbnail/", CASE, CASE),
    Page("reviews/submission/material/{scan}/page/{any_number}/", "in in | 404 404 | 404 404 404 404 404 404 | 404",
         "in in | 404 404 | 404 404 404 404 404 404 | 404"),
    Page("reviews/submission/material/{scan}/turn/", ONE_WAY, "in in | 404 404 | 400 404 400 404 404 404 | 400"),
    Page("reviews/secondreview/{second}/verdict/", ONE_WAY, "in in | 404 404 | to 404 to 404 404 404 | to"),
    # Referrals, at the hospital.
    Page("referrals/referral/issue/", HOSPITALS, "in in | 400 400 | 403 403 403 403 403 403 | 403"),
    Page("referrals/referral/{returned_referral}/mend/", ITS, "in in | 400 404 | 403 403 403 403 403 403 | 403"),
    Page("referrals/referral/{referral}/certificate.pdf", ITS, ITS),
    # Bills, days and months.
    Page("settlements/settlement/{settlement}/statement.pdf", "in in | 200 404 | 200 404 200 404 404 404 | 200",
         "in in | 200 404 | 200 404 200 404 404 404 | 200"),
    Page("settlements/settlement/report/", KEEPERS, KEEPERS),
    Page("settlements/settlement/report.pdf", KEEPERS, KEEPERS),
    Page("settlements/reconciliation/import/", "in in | 200 200 | 403 403 403 403 404 404 | 200",
         "in in | 400 400 | 403 403 403 403 404 404 | 400"),
    Page("settlements/reconciliation/export/", "in in | 200 200 | 200 200 200 200 404 404 | 200",
         "in in | 200 200 | 200 200 200 200 404 404 | 200"),
    Page("settlements/reconciliation/day/{institution}/{day}/", "in in | 200 404 | 200 404 200 404 404 404 | 200",
         "in in | 200 404 | 200 404 200 404 404 404 | 200"),
    Page("settlements/reconciliation/day/{institution}/{day}/export/", "in in | 200 404 | 200 404 200 404 404 404 | 200",
         "in in | 200 404 | 200 404 200 404 404 404 | 200"),
    Page("settlements/clearing/export/", "in in | 404 404 | 200 200 200 200 404 404 | 200",
         "in in | 404 404 | 200 200 200 200 404 404 | 200"),
    Page("settlements/clearing/entries/", "in in | 404 404 | 200 200 200 200 404 404 | 200",
         "in in | 404 404 | 200 200 200 200 404 404 | 200"),
    Page("settlements/clearing/entries/export/", "in in | 404 404 | 200 200 200 200 404 404 | 200",
         "in in | 404 404 | 200 200 200 200 404 404 | 200"),
    Page("settlements/clearing/freeze/", "in in | 404 404 | to to to to 404 404 | to", "in in | 404 404 | to to to to 404 404 | to"),
    # The national interface.
    Page("gateway/gatewaykey/make/", ONE_WAY, "in in | 403 403 | 403 403 403 403 403 403 | 400"),
    Page("gateway/gatewaykey/{key}/end/", ONE_WAY, "in in | 403 403 | 403 403 403 403 403 403 | to"),
    # Money.
    Page("claims/claim/{claim}/correct/", "in in | 404 404 | 200 404 200 404 404 404 | 403",
         "in in | 404 404 | 412 404 412 404 404 404 | 412"),
    Page("claims/claim/{claim}/revoke/", ONE_WAY, "in in | 404 404 | 403 404 400 404 404 404 | 403"),
    Page("claims/paymentbatch/export/", ONE_WAY, every("to")),
    Page("claims/paymentbatch/{batch}/file/", ONE_WAY, "in in | 404 404 | to 404 to 404 200 404 | to"),
    Page("claims/paymentbatch/{batch}/refuse/", ONE_WAY, "in in | 404 404 | to 404 to 404 to 404 | to"),
    Page("claims/paymentbatch/{batch}/returned/", ONE_WAY, "in in | 404 404 | to 404 to 404 to 404 | to"),
]  # fmt: skip
