"""Proofs (承诺补充材料): the promised document of a commitment, reviewed while the filing stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Role
from core.errors import Forbidden, WrongState
from filings import commitments, schedule
from filings.bodies import ProofColumns
from filings.commitments import bearer
from filings.filing_case import type_of
from filings.models import Commitment, CommitmentStatus, Filing, FilingAgent, Proof
from policies.language.filing_schema import FilingRules
from policies.language.wording import document_label
from reviews.checks import Finding, Material, error, run, unreadable
from reviews.lifecycle import MATERIALS, Actor, Case, Lifecycle, materials_of
from reviews.locking import locked
from reviews.models import Kind, Status, Submission
from reviews.presenting import about
from reviews.services import amending, attach, check_draft, drafted, enter
from reviews.workflow import Who, standing

# What may happen to one.


def prove(account: Account, filing: Filing, materials: Iterable[Any], *, draft: bool = False) -> Case:
    """Hand in the promised document, or keep a draft of it.

    Raises WrongState `commitment_not_open` (none, met, broken, or the filing ended) or `proof_pending`, Invalid.
    """
    if account.role != Role.CITIZEN:
        raise Forbidden(_("工作人员账户不能补交材料，请由参保人或代办人办理。"))
    _refuse_closed(filing)
    actor = Actor.of(account, filing.person_id)
    row = Proof(kind=Kind.PROOF, person=filing.person, enrollment=filing.enrollment, area=filing.area, proves=filing)
    with drafted(row, actor=actor) as case:
        attach(case, materials, account)
        check_draft(case) if draft else enter(case, actor=actor)
    return case


def _refuse_closed(filing: Filing) -> None:
    signed = filing.signed
    if filing.status == Status.APPROVED and signed is not None and signed.status == CommitmentStatus.OPEN:
        return
    message = _("该备案没有待履行的承诺，无需补交材料。")
    raise WrongState(message, code="commitment_not_open", attr="filing")


def may_prove(filing: Filing, account: Account) -> bool:
    """Whether this caller may hand in a proof for the filing now."""
    signed = filing.signed
    waits = filing.status == Status.APPROVED and signed is not None and signed.status == CommitmentStatus.OPEN
    return waits and standing(filing, account) in (Who.APPLICANT, Who.AGENT) and not schedule.proof_pending(filing)


def amend_proof(proof: Proof, materials: Iterable[Any], *, actor: Actor, version: int | None = None) -> Proof:
    """Change the documents of a draft, or of a proof returned for correction (PATCH)."""
    with amending(proof, {"materials": materials}, actor=actor, version=version) as case:
        assert actor.account is not None
        attach(case, materials, actor.account)
    return case.submission  # type: ignore[no-any-return]


# Its facts, and the checks of them.


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofCase:
    """A proof (承诺补充材料): what was promised, `kinds` that satisfy it, what was handed in, and where the filing stands."""

    label: str
    kinds: frozenset[str]
    materials: tuple[Material, ...]
    filing_live: bool
    open: bool


def gather(cases: Sequence[Case]) -> list[ProofCase]:
    """The facts of each proof, in order."""
    named = Filing.objects.in_bulk([case.submission.proves_id for case in cases])
    filings = {key: bearer(filing) for key, filing in named.items()}
    commitments = {c.filing_id: c for c in Commitment.objects.filter(filing__in=filings.values())}
    materials = materials_of(cases)
    return [
        _proof_case(filing, commitments.get(filing.pk), materials[case.submission.pk])
        for case in cases
        for filing in [filings[case.submission.proves_id]]
    ]


def _proof_case(filing: Filing, commitment: Commitment | None, materials: Sequence[Material]) -> ProofCase:
    kind = commitment.kind if commitment else ""
    return ProofCase(
        label=document_label(kind),
        kinds=frozenset(kinds_that_redeem(filing.rules, filing.type, kind)),
        materials=tuple(materials),
        filing_live=filing.status == Status.APPROVED,
        open=commitment is not None and commitment.status == CommitmentStatus.OPEN,
    )


def kinds_that_redeem(rules: FilingRules, filing_type: str, committed: str) -> tuple[str, ...]:
    """The kinds of documents that redeem a commitment: the one named, and whatever the area takes in its place."""
    documents = rules.types[type_of(filing_type)].documents
    return next((document.kinds for document in documents if committed in document.kinds), (committed,))


def commitment_is_open(case: ProofCase) -> Finding | None:
    """Only an open commitment of a filing that counts can be redeemed."""
    if case.filing_live and case.open:
        return None
    return error("commitment_not_open", "该备案没有待履行的承诺，无需补交材料。", "filing", source="RULES.md §2.3")


def proof_is_readable(case: ProofCase) -> Finding | None:
    """Every attached document opens."""
    return unreadable(case.materials)


def promised_document_is_there(case: ProofCase) -> Finding | None:
    """One of the documents that satisfy the promise."""
    if any(material.readable and material.kind in case.kinds for material in case.materials):
        return None
    return error("documents_missing", f"请上传承诺补交的材料：{case.label}。", "materials", source="RULES.md §2.3")


PROOF_CHECKS = (commitment_is_open, proof_is_readable, promised_document_is_there)


# Its handler.


class ProofLifecycle(Lifecycle[Proof]):
    """Proofs: the promised document of a commitment, which somebody looks at."""

    kind = Kind.PROOF
    model = Proof
    joins = (*Lifecycle.joins, "proves__destination")
    named_by = ("proves__destination",)
    ongoing = Q(pk=None)
    columns = ((gettext_lazy("所属备案"), lambda row: row.proves.number),)
    fields = (MATERIALS,)

    def findings(self, cases: Sequence[Case]) -> list[list[Finding]]:
        return [run(PROOF_CHECKS, case) for case in gather(cases)]

    def overtaken(self, row: Proof, rival: Submission | None) -> WrongState:
        message = _("已有一份补充材料在审核中，请等待结果，或先撤回。")
        return WrongState(message, code="proof_pending", attr="filing")

    def approves_itself(self, row: Proof) -> bool:
        return False

    def parties(self, row: Proof) -> set[str]:
        return set(FilingAgent.objects.filter(filing=row.proves_id).values_list("id_hash", flat=True))

    def approved(self, case: Case) -> None:
        """The promised document is in."""
        proof: Proof = case.submission
        if commitments.met(proof):
            text = _("%s已通过审核，承诺已履行，备案继续有效。") % about(case)
            case.tell("commitment_met", _("承诺已履行"), text)
        else:
            text = _("%s已通过审核；所补材料的备案已结束，无需再办理。") % about(case)
            case.tell("proof_approved", _("补交的材料已通过"), text)

    def rejected(self, case: Case) -> None:
        """The document does not do; the promise stands, and may be overdue by now."""
        proof: Proof = case.submission
        commitments.proof_failed(proof)
        text = _("%s未通过审核，请在期限内重新补交。") % about(case)
        case.tell("proof_rejected", _("补交的材料未通过"), text, reasoned=True)

    def reopened(self, case: Case, was: str) -> None:
        """Refused: it waits again, as long as the promise still does."""
        super().reopened(case, was)
        if was == Status.REJECTED:
            with locked(bearer(case.submission.proves)) as filing:
                _refuse_closed(filing.submission)

    def ended(self, case: Case) -> None:
        """Taken back, or never corrected. A draft was never counted on."""
        if case.submission.submitted_at:
            commitments.proof_failed(case.submission)

    def about(self, row: Proof) -> str:
        return _("到%s的备案补交的材料") % row.proves.destination.name

    def title(self, row: Proof) -> str:
        """北京市的备案 · 补交材料"""
        return _("%s的备案 · 补交材料") % row.proves.destination.name

    def follows(self, row: Proof) -> Any:
        return row.proves_id

    def row(self, row: Proof) -> ProofColumns:
        """Its join is `proves`."""
        return {"filing": str(row.proves_id), "filing_number": row.proves.number}

    def summary(self, row: Proof) -> str:
        return row.proves.number

    def described(self, row: Proof, *, unmasked: bool = False) -> Iterator[tuple[Any, Any]]:
        """The filing, and what was promised."""
        filing = row.proves
        yield _("备案"), filing.number
        yield _("备案类型"), filing.get_type_display()
        yield _("就医地"), filing.destination.name
        if filing.signed is not None:
            yield _("承诺补充的材料"), document_label(filing.signed.kind)
