"""A claim in the queue: what it needs, what decisions do to it, how it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Person
from claims import facts, presenting
from claims.adjudication import adjudicate_claim
from claims.checks import CHECKS
from claims.claim_case import documents
from claims.models import Claim, Payment
from core.errors import Problem, WrongState
from policies.language.filing_schema import FilingRules
from policies.language.filing_types import Document
from policies.language.terms import CARE_LABELS
from reviews.checks import Finding, Level, run
from reviews.lifecycle import MATERIALS, Case, Lifecycle
from reviews.models import Decision, Kind, Submission
from reviews.needs import Need, NeedKind
from reviews.presenting import about
from settlements.models import Channel, Settlement
from settlements.services import hold, write


class ClaimLifecycle(Lifecycle[Claim]):
    """Claims: two reviews by two people; the second approval pays."""

    kind = Kind.CLAIM
    model = Claim
    joins = (
        *Lifecycle.joins, "enrollment__area", "area", "disease", "institution__area__parent", "place__parent",
        "settlement",
    )  # fmt: skip
    in_bulk = False
    ongoing = Q(claim__payment_status=Payment.REFUSED)
    columns = (
        (gettext_lazy("医疗机构"), lambda row: row.institution_name),
        (gettext_lazy("就医类别"), lambda row: CARE_LABELS[row.care]),
        (gettext_lazy("费用总额"), lambda row: row.total),
    )

    entry = ((gettext_lazy("手工报销"), "admin:enter_claim"),)
    fields = (
        ("institution", gettext_lazy("医疗机构")),
        ("care", gettext_lazy("就医类别")),
        ("admitted_on", gettext_lazy("就医日期")),
        ("born_on", gettext_lazy("新生儿出生日期")),
        ("invoice_number", gettext_lazy("票据号码")),
        ("cost", gettext_lazy("费用")),
        ("bank_account", gettext_lazy("银行账号")),
        ("reason", gettext_lazy("未直接结算的原因")),
        MATERIALS,
    )

    def findings(self, cases: Sequence[Case]) -> list[list[Finding]]:
        return [run(CHECKS, case) for case in facts.gather(cases)]

    def overtaken(self, row: Claim, rival: Submission | None) -> WrongState:
        own = rival is not None and rival.person_id == row.person_id
        which = _("（受理编号%s），请在“手工报销”中查看") % rival.number if rival and own else _("，请核对票据号码")
        return WrongState(_("该票据已有报销申请%s。") % which, code="invoice_claimed", attr="invoice_number")

    def stages(self, row: Claim) -> int:
        return row.rules.review.stages("claim")

    def approves_itself(self, row: Claim) -> bool:
        """Money leaves the fund by two people's decisions, never by the clock."""
        return False

    def allows(self, row: Claim, action: str) -> bool:
        """The account is mended where the bank sent the payment back."""
        return action != "account" or row.payment_status == Payment.REFUSED

    def passed_stage(self, case: Case) -> None:
        """What could not be paid is caught at the first review, with what is missing."""
        split = adjudicate_claim(case.submission)
        if isinstance(split, Problem):
            raise _unpayable(split)
        _refuse_errors(case.submission)

    def approved(self, case: Case) -> None:
        """The second approval pays: the claim gets its entry, the year moves, and the money waits for the payment file.

        Raises WrongState where nothing can be paid: such a claim is rejected, with that reason.
        """
        claim: Claim = case.submission
        entry = _settle(claim, by=_decider(case))
        due = Payment.DUE if entry.fund else Payment.NONE
        case.change(settlement=entry, payment_status=due, total=entry.total)
        text = _("%s已通过审核。") % about(case)
        words = {"total": f"{entry.total:,}", "fund": f"{entry.fund:,}", "own": f"{entry.own:,}"}
        text += _("费用%(total)s元，医保基金支付%(fund)s元，个人负担%(own)s元。") % words
        tail = _("款项将拨付到您填写的银行账户，到账后另行通知。") if entry.fund else ""
        case.tell("approved", _("手工报销已通过"), text + tail)

    def rejected(self, case: Case) -> None:
        """Tell the applicant, with the reason."""
        text = _("%s未通过审核，补齐材料后可以重新申请。") % about(case)
        case.tell("rejected", _("手工报销未通过"), text, reasoned=True)

    def row(self, row: Claim) -> Mapping[str, Any]:
        return presenting.row(row)

    def described(self, row: Claim, *, unmasked: bool = False) -> Iterable[tuple[Any, Any]]:
        return presenting.described(row, unmasked=unmasked)

    def about(self, row: Claim) -> str:
        return _("在%s就医的手工报销") % row.institution_name

    def summary(self, row: Claim) -> str:
        """示范医院 · 住院 · 20,000.00 元"""
        total = f" · {row.total:,} 元" if row.total is not None else ""
        return f"{row.institution_name} · {CARE_LABELS[row.care]}{total}"  # type: ignore[index]

    def forget(self, case: Case) -> None:
        case.change(institution_name="", invoice_code="", invoice_number="")

    def needs(self, row: Claim, *, followed: Set[str]) -> Iterator[Need]:
        """An account to mend, where the bank sent the payment back."""
        if row.payment_status == Payment.REFUSED:
            yield Need(NeedKind.ACCOUNT, _("报销款被银行退回，请更正收款账户。"))

    def documents(self, rules: FilingRules, row: Claim | None) -> Iterable[Document]:
        """Its papers; the certificate is shown, not handed in."""
        papers = documents(rules, injury=row is None or row.injury)
        return [document for document in papers if document.kind != "certificate"]

    def panel(self, row: Claim) -> tuple[str, dict[str, Any]] | None:
        return presenting.panel(row)


def _decider(case: Case) -> Account:
    """Who takes the decision that is being written."""
    return next(row.reviewer for row in case.rows if isinstance(row, Decision) and row.reviewer)


def _settle(claim: Claim, *, by: Account) -> Settlement:
    """Compute under the locks that every settlement takes (person, year) and write the entry."""
    if claim.care == "inpatient":
        Person.objects.lock(claim.person_id)
    split = adjudicate_claim(claim, lock=True)
    if isinstance(split, Problem):
        raise _unpayable(split)
    _refuse_errors(claim)
    entry = split.entry(by=by, channel=Channel.MANUAL)
    hold(split.circumstances.travel.filing, entry)
    write(entry, split.counters, split.place)
    return entry


def _refuse_errors(claim: Claim) -> None:
    """What came about while it was reviewed: the hospital settled the bill, the enrolment turned out to have ended."""
    findings = run(CHECKS, facts.gather([Case(claim)])[0])
    errors = [finding for finding in findings if finding.level == Level.ERROR]
    if errors:
        message = _("自动核查发现问题，请核实后退回或不予通过：%s") % errors[0].message
        raise WrongState(message, code=errors[0].code)


def _unpayable(problem: Problem) -> WrongState:
    if problem.code not in ("not_covered", "not_known", "policy_unknown"):
        return WrongState(problem.detail, code=problem.code, attr=problem.attr)
    message = _("按参保地政策不能支付，请以此理由作出不予通过的决定：%s") % problem.detail
    return WrongState(message, code=problem.code)
