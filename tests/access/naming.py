"""What the forms and addresses of the staff's site name, and what is named there of another area.

Written by hand: `method address field`, in which the address is a line of tests/access/staff.py or a page of the registry. Fields that
only administrators are shown do not stand here: they see every area.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CLERKS = "reviewer supervisor"


@dataclass(frozen=True)
class Naming:
    """How a field is sent: by whom, with which object of another area, and with what else, so that nothing else is wrong.

    `own`: an object that may be named, and is answered otherwise. `value`: how the key is written.
    """

    who: str
    theirs: str
    form: dict[str, Any] = field(default_factory=dict)
    own: str = ""
    value: str = "{}"
    records: str = ""
    """The tables that are written whoever is named: that it was asked."""


FILING = {
    "channel": "counter", "type": "resident", "destination": "530100", "starts_on": "2026-03-02", "contact_name": "测试员",
    "contact_phone": "13900000000", "address": "昆明市某路1号", "notice_read": "on",
}  # fmt: skip
EMERGENCY = {**FILING, "type": "emergency"}
REFERRED = {**FILING, "type": "referral"}
CLAIM = {
    "channel": "counter", "care": "inpatient", "hospital": "H52010000009", "admitted_on": "2026-02-01", "total": "20000",
    "discharged_on": "2026-02-10", "invoice_code": "11060126", "invoice_number": "77", "reason": "没有备案",
    "bank_account": "6222020200112233446",
}  # fmt: skip
RECOGNITION = {
    "channel": "counter", "disease": "M01600", "diagnosed_on": "2025-12-01", "diagnosed_at": "H50010000001",
}  # fmt: skip
COUNTER = {"channel": "counter"}
FORMS = {
    "filings/filing/enter/{enrollment}/": FILING,
    "filings/filing/emergency/{enrollment}/": EMERGENCY,
    "claims/claim/enter/{enrollment}/": CLAIM,
    "chronic/recognition/enter/{enrollment}/": RECOGNITION,
    "reviews/submission/counter/{handed_in}/": COUNTER,
}
SCANS = {
    **{
        f"POST {path} materials": Naming(CLERKS, "scan", {**form, "look": "1", "scans": "{sent}"})
        for path, form in FORMS.items()
    },
    **{f"POST {path} scans": Naming(CLERKS, "scan", {**form, "look": "1"}, own="scan") for path, form in FORMS.items()},
}

TEMPLATE = {"kind": "filing", "outcome": "returned", "code": "new", "text": "请补"}
STAFFING = {
    "start": "2026-03-02", "days": "60", "fewest": "1", "most": "5", "per_day": "10", "minutes": "10", "runs": "20", "seed": "1",
    "absence": "3", "holiday": "30", "weekdays": "100,100,100,100,100,30,20",
}  # fmt: skip
AREAS = {
    "regions/agency/add/": {"name": "某局"},
    "regions/agency/{agency}/change/": {"name": "某局"},
    "regions/closedday/add/": {"date": "2026-08-10", "reason": "停电"},
    "regions/closedday/{closed_day}/change/": {"date": "2026-08-08", "reason": "停电"},
    "reviews/reasontemplate/add/": TEMPLATE,
    "reviews/reasontemplate/{template}/change/": TEMPLATE,
    "reviews/secondreviewrule/add/": {"share": "1", "new_days": "0", "new_decisions": "0"},
    "scenarios/staffingscenario/add/": STAFFING,
}

ACTIONS = {
    "accounts/mandate/": (CLERKS, "mandate", "end_at_counter"),
    "accounts/merger/": (CLERKS, "merger", "merge decline"),
    "accounts/delivery/": ("supervisor", "delivery", "send_again"),
    "reviews/submission/": (CLERKS, "submission", "approve_selected"),
    "reviews/submission/ ": ("supervisor", "submission", "hand_on_selected"),
    "regions/agency/": ("supervisor", "agency", "delete_selected"),
    "regions/closedday/": ("supervisor", "closed_day", "delete_selected"),
    "reviews/reasontemplate/": ("supervisor", "template", "delete_selected"),
}
"""By list: who may do what with selected rows."""

NAMED: dict[str, Naming] = {
    **SCANS,
    **{
        f"POST {path.strip()} _selected_action={action}": Naming(who, row, {"action": action, "post": "yes"}, own=row)
        for path, (who, row, actions) in ACTIONS.items()
        for action in actions.split()
    },
    "POST filings/filing/enter/{enrollment}/ referral": Naming(
        CLERKS, "referral_number", REFERRED, own="referral_number"
    ),
    "POST filings/filing/emergency/{enrollment}/ referral": Naming(CLERKS, "referral_number", REFERRED),
    **{f"POST {path} area": Naming("supervisor", "area", form, own="area") for path, form in AREAS.items()},
    "POST scenarios/policyscenario/add/ draft": Naming(
        "supervisor", "draft", {"bills": "generated", "size": "1000", "seed": "1"}, own="draft"
    ),
    "GET scenarios/policyscenario/add/ draft": Naming("supervisor", "draft"),
    "GET policies/policyversion/add/ from": Naming("supervisor", "slug"),
    # The counter.
    "POST reviews/submission/counter/ id_number": Naming(CLERKS, "id_number", own="id_number"),
    "POST accounts/merger/add/ birth_certificate": Naming(
        CLERKS, "birth_certificate", {"number": "110101195503070028"}
    ),
    "POST accounts/merger/add/ number": Naming(CLERKS, "id_number", {"birth_certificate": "Z520100026"}),
    "POST accounts/mandate/{waiting}/counter/ applicant": Naming(CLERKS, "scan", {"person": "{own_scan}"}, own="scan"),
    "POST accounts/mandate/{waiting}/counter/ person": Naming(CLERKS, "scan", {"applicant": "{own_scan}"}, own="scan"),
    # The worklist and the cases.
    "POST reviews/submission/selected/approve/ case": Naming(CLERKS, "submission", own="filing", value="{}:2"),
    "POST reviews/submission/selected/hand-on/ case": Naming(
        "supervisor", "submission", {"to": "none"}, own="filing", value="{}:2"
    ),
    "POST reviews/submission/selected/hand-on/ to": Naming(
        "supervisor", "account", {"case": "{filing}:2"}, own="account"
    ),
    "POST reviews/submission/{submission}/change/ code": Naming(  # what is no template's is a word of one's own
        CLERKS,
        "code",
        {"action": "approve", "version": "2"},
        own="code",
        records="reviews_decision reviews_event filings_filing reviews_submission accounts_message",
    ),
    "POST reviews/submission/audit/ actor": Naming("supervisor", "username"),
    "POST reviews/submission/audit/ ?actor": Naming("supervisor", "username", {"export": "csv"}),
    "POST reviews/submission/audit/ ?person": Naming("supervisor", "person", {"export": "csv"}),
    "POST reviews/submission/audit/ ?number": Naming(
        "supervisor", "number", {"export": "csv"}, records="reviews_export"
    ),
    "POST reviews/submission/audit/ id_number": Naming("supervisor", "id_number", own="id_number"),
    "POST reviews/submission/audit/ number": Naming("supervisor", "number"),
    "POST reviews/submission/audit/ person": Naming("supervisor", "person"),
    "GET reviews/submission/audit/ actor": Naming("supervisor", "username", own="username"),
    "GET reviews/submission/audit/ number": Naming("supervisor", "number", own="number"),
    "GET reviews/submission/audit/ person": Naming("supervisor", "person", own="person"),
    "GET reviews/submission/ figure": Naming(CLERKS, "account", value="by:{}"),
    **{
        f"GET {kind}/ assignee": Naming(CLERKS, "account")
        for kind in ("reviews/submission", "filings/filing", "filings/proof", "chronic/recognition", "claims/claim")
    },
    "GET reviews/submission/{submission}/change/ _changelist_filters": Naming(
        CLERKS, "person", value="queue=all&person__id__exact={}", records="reviews_presence"
    ),
    "POST reviews/submission/next/ ?_changelist_filters": Naming(
        CLERKS, "person", value="queue=all&person__id__exact={}"
    ),
    # Staff.
    "POST reviews/submission/staff/ account": Naming("supervisor", "account", {"do": "off"}, own="account"),
    "POST security/ place": Naming("hospital reviewer supervisor finance", "place", {"do": "end"}),
    "POST security/ key": Naming("hospital reviewer supervisor finance", "passkey", {"do": "passkey"}),
    # Hospitals and money.
    "POST referrals/referral/issue/ id_number": Naming(
        "hospital", "id_number", {"name": "王某", "insured": "510100", "diagnosis": "G20 帕金森病", "reason": "other"}
    ),
    "POST claims/paymentbatch/{paid_batch}/refuse/ line": Naming(
        "finance", "line", {"code": "account_closed", "on": "2026-03-02"}, own="line"
    ),
    "GET settlements/reconciliation/ area": Naming("hospital reviewer supervisor", "area"),
    "GET settlements/reconciliation/export/ area": Naming("hospital reviewer supervisor", "area"),
    "GET settlements/reconciliation/import/ institution": Naming("hospital", "institution"),
    "GET settlements/settlement/report/ area": Naming("supervisor", "area"),
    "GET settlements/settlement/report.pdf area": Naming("supervisor", "area"),
    "GET settlements/clearing/ area": Naming(CLERKS, "area"),
    "GET settlements/clearing/entries/export/ area": Naming(CLERKS, "area"),
    "GET policies/catalogueentry/ area": Naming("supervisor", "area"),
    "GET search/ s": Naming("hospital reviewer supervisor finance", "number"),
    "POST regions/disease/import/ confirm": Naming("admin", "import"),
}


OPEN_TO_ALL = {
    "area__code__exact", "care_area", "chosen", "destination", "diagnosed_at", "diagnosing_institution", "diagnosis",
    "disease", "disease__code__exact", "hospital", "institution", "institutions", "insured", "place", "receiver",
}  # fmt: skip
"""Reference data, which anybody reads at an endpoint of its own: areas, institutions, diseases, diagnoses."""
MADE_UP = {"key"}
"""An id that the page gives to what is issued, so that it is issued once; a taken one is refused: tests/referrals."""
OF_THE_PAGE = {
    "action", "action-toggle", "_addanother", "after", "all", "back", "_changelist_filters", "_continue",
    "csrfmiddlewaretoken", "_export", "_facets", "index", "initial-start", "o", "p", "page", "_popup", "_save",
    "select_across", "_to_field",
}  # fmt: skip
CHOICES = {
    "act", "bills", "by", "care", "care__exact", "channel", "channel__exact", "class", "country", "delete", "demo",
    "demo__exact", "do", "doctor_rank", "emergency", "export", "fields", "finding", "form", "injury", "insurance",
    "insurance__exact", "item_class", "kind", "kind__exact", "leaving", "level", "look", "marked", "maternity", "newborn",
    "next", "notice", "notice_read", "outcome", "outcome__exact", "payment_status__exact", "promise", "proof__exact",
    "queue", "relation__exact", "release", "replacing", "save", "simulated", "stage", "state", "status", "status__exact",
    "step", "style", "tab", "take", "travel__exact", "type", "type__exact", "unmask", "vacation", "verdict",
    "verdict__exact", "why__exact",
}  # fmt: skip
DAYS = {
    "admitted_on", "at_from", "at_to", "born_on", "date", "date__day", "date__month", "date__year", "diagnosed_on",
    "discharged_on", "effective_from__gte", "effective_from__lt", "ends_on", "first_day", "issued_on", "issued_on__gte",
    "issued_on__lt", "last_day", "month", "on", "paid_on", "settled_on_from", "settled_on_to", "start", "starts_on",
    "submitted_at_from", "submitted_at_to",
}  # fmt: skip
FIGURES = {
    "absence", "cost", "days", "excluded", "fewest", "first_copay", "holiday", "item_amount", "item_code",
    "item_first_copay_ratio", "item_limit", "item_quantity", "minutes", "most", "new_days", "new_decisions", "over_limit",
    "per_day", "runs", "seed", "share", "size", "total", "version", "weekdays",
}  # fmt: skip
TEXTS = {
    "address", "applicant-scan", "bank_account", "bank_holder", "code", "contact_name", "contact_phone", "doctor_name",
    "enrolment", "file", "invoice_code", "invoice_number", "item_name", "lines", "name", "new_password1", "new_password2",
    "old_password", "passkey", "pasted", "person-scan", "phone", "query", "reason", "seen", "signed_name", "summary",
    "template", "text", "upload", "username",
}  # fmt: skip
"""Typed or handed in: no object of ours, or one's own name, password or code."""
SOUGHT = {"_search", "q"}
"""A search: `SEARCHED` says for what."""
NO_OBJECT = OPEN_TO_ALL | MADE_UP | OF_THE_PAGE | CHOICES | DAYS | FIGURES | TEXTS | SOUGHT

SEARCHED = {
    "accounts.Mandate": "id_hidden",
    "reviews.Submission": "number",
    "filings.Filing": "filing_number",
    "filings.Proof": "number",
    "chronic.Recognition": "number",
    "claims.Claim": "claim_number",
    "referrals.Referral": "referral_number",
    "regions.Agency": "agency_name",
    "regions.ClosedDay": "closed_reason",
    "reviews.Event": "number",
    "reviews.ReasonTemplate": "code",
    "policies.PolicyVersion": "area",
    "policies.CatalogueVersion": "area",
    "policies.CatalogueEntry": "number",
    "scenarios.PolicyScenario": "area",
    "scenarios.StaffingScenario": "area",
    "settlements.Settlement": "settlement_number",
    "settlements.IdentityLookup": "institution",
    "claims.PaymentBatch": "batch_number",
}
"""By list: what of another area one could search for there."""
BY_MODEL = {
    "accounts.Account": "account",
    "accounts.Enrollment": "enrollment",
    "accounts.Mandate": "own_mandate",
    "accounts.Message": "message",
    "accounts.Person": "person",
    "reviews.Material": "scan",
    "reviews.Note": "note",
    "settlements.InsuranceYear": "year",
    "claims.PaymentBatch": "batch",
    "filings.Filing": "filing",
    "policies.CatalogueVersion": "catalogue",
    "policies.PolicyVersion": "draft",
    "referrals.Referral": "referral",
    "regions.Area": "area",
    "regions.Institution": "institution",
    "reviews.Decision": "decision",
    "reviews.Submission": "submission",
    "settlements.Settlement": "settlement",
}
"""By the model that a column leads to: what a list could be filtered by."""
