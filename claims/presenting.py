"""Claims as clients and reviewers see them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account, Role
from claims.adjudication import adjudicate_claim
from claims.bodies import ClaimColumns, ClaimRest
from claims.models import Claim
from core.errors import Problem
from core.sealing import mask_name
from policies import published
from policies.bodies import omissions_rows
from policies.language.omissions import omissions_text
from policies.language.terms import CARE_LABELS, TRAVEL_LABELS, Care
from policies.language.wording import AMOUNT_LABELS, day
from reviews.effects import Effect, Side
from reviews.models import Status
from settlements.adjudication import Adjudication, omissions_of
from settlements.bodies import LineAnswer
from settlements.facts import STATED
from settlements.models import Settlement
from settlements.presenting import policy_row

LABELS = {name: Claim._meta.get_field(name).verbose_name for name in (*STATED, "born_on")}  # type: ignore[union-attr]
PANEL = "admin/claims/claim/panel.html"


def row(claim: Claim) -> ClaimColumns:
    """What a list shows; its joins are `disease`, `place` and `settlement`."""
    entry = claim.settlement
    return {
        "institution": claim.institution_id,
        "institution_name": claim.institution_name,
        "place": claim.place_id,
        "care": claim.care,
        "care_label": CARE_LABELS[claim.care],  # type: ignore[index]
        "disease": claim.disease_id,
        "disease_name": claim.disease.name if claim.disease else None,
        "emergency": claim.emergency,
        "vacation": claim.vacation,
        "injury": claim.injury,
        "newborn": claim.newborn,
        "born_on": claim.born_on,
        "maternity": claim.maternity,
        "admitted_on": claim.admitted_on,
        "discharged_on": claim.discharged_on,
        "invoice_code": claim.invoice_code,
        "invoice_number": claim.invoice_number,
        "total": claim.total,
        "stages": claim.stages,
        "bank_account": masked(claim.bank_account),
        "settlement": str(entry.pk) if entry else None,
        "settlement_number": entry.number if entry else None,
        "amounts": entry.amounts if entry else None,
        "payment": {
            "status": claim.payment_status,
            "status_label": str(claim.get_payment_status_display()) if entry else "",
            "paid_on": claim.paid_on,
            "refusal": claim.refusal or None,
            "refusal_label": str(claim.get_refusal_display()) if claim.refusal else "",
        },
    }


def masked(account: str) -> str:
    """6222021234567890123 → ****0123."""
    return f"****{account[-4:]}" if account else ""


def detail(claim: Claim, account: Account) -> ClaimRest:
    """What one claim shows besides: the cost as entered and as corrected, the reason, how it was computed.

    Whose account it is, in full to those who claim, masked to everyone else.
    """
    own, entry = account.role == Role.CITIZEN, claim.settlement
    policy = published.by_id(entry.policy) if entry else None
    return {
        "cost": json.loads(claim.entered) if claim.entered else None,
        "corrected": json.loads(claim.corrected) if claim.corrected else None,
        "bank_holder": claim.bank_holder if own else mask_name(claim.bank_holder),
        "reason": claim.reason,
        "travel": entry.travel if entry else None,
        "travel_label": TRAVEL_LABELS[entry.travel] if entry else "",  # type: ignore[index]
        "policy": policy_row(policy) if policy else None,
        "lines": cast(list[LineAnswer], entry.steps) if entry else None,
        "not_included": omissions_rows(omissions_of(entry)) if entry else None,
    }


def described(claim: Claim, *, unmasked: bool) -> Iterator[tuple[Any, Any]]:
    """What it is about, for the reviewer's page."""
    yield _("就医类别"), CARE_LABELS[claim.care]  # type: ignore[index]
    if claim.disease:
        yield _("病种"), f"{claim.disease.name}（{claim.disease_id}）"
    yield _("医疗机构"), _hospital(claim)
    if claim.admitted_on:
        until = f" 至 {day(claim.discharged_on)}" if claim.discharged_on else ""
        yield _("就医日期"), f"{day(claim.admitted_on)}{until}"
    if claim.emergency:
        yield _("急诊抢救"), _("是")
    yield from _stated(claim)
    yield _("票据"), f"{claim.invoice_code} {claim.invoice_number}".strip()
    yield _("费用总额"), f"{claim.total} 元" if claim.total is not None else "—"
    yield _("收款账号"), claim.bank_account if unmasked else masked(claim.bank_account)
    if claim.bank_holder:
        yield _("开户名"), claim.bank_holder if unmasked else mask_name(claim.bank_holder)
    yield _("未直接结算的原因"), claim.reason
    if claim.settlement:
        yield _("支付状态"), claim.get_payment_status_display()
    if claim.refusal:
        yield _("银行退回原因"), claim.get_refusal_display()
    if claim.batch:
        yield _("支付批次"), claim.batch.number


def _stated(claim: Claim) -> Iterator[tuple[Any, Any]]:
    """What was special about the visit; of a newborn when it was born."""
    for name in STATED:
        if getattr(claim, name):
            yield LABELS[name], _("是")
    if claim.newborn and claim.born_on:
        yield LABELS["born_on"], day(claim.born_on)


def _hospital(claim: Claim) -> str:
    if claim.institution:
        return f"{claim.institution_name}（{claim.institution.get_level_display()}）"
    where = claim.place.name if claim.place else _("所在地未填")
    return f"{claim.institution_name}（{_('名录中没有')}，{where}）"


def panel(claim: Claim) -> tuple[str, dict[str, Any]] | None:
    """What the claim comes to, beside the case: amounts and lines, or why nothing can be paid; and where to correct the cost."""
    outcome = _outcome(claim)
    if outcome is None:
        return None
    return PANEL, {
        **outcome,
        "corrected": bool(claim.corrected),
        "total": claim.total,
        "correct": reverse("admin:claims_claim_correct", args=[claim.pk]),
        "revoke": reverse("admin:claims_claim_revoke", args=[claim.pk]) if _revocable(claim) else "",
    }


def _revocable(claim: Claim) -> bool:
    return claim.status == Status.APPROVED and claim.batch_id is None


def _outcome(claim: Claim) -> dict[str, Any] | None:
    if claim.settlement:
        return _entered(claim.settlement)
    if claim.status != Status.SUBMITTED or claim.admitted_on is None:
        return None
    split = adjudicate_claim(claim)
    return {"problem": split.detail} if isinstance(split, Problem) else _split(split)


def _entered(entry: Settlement) -> dict[str, Any]:
    return {
        **_amounts(entry.amounts),
        "lines": entry.steps,
        "not_included": omissions_text(omissions_of(entry)),
        "travel": TRAVEL_LABELS[entry.travel],  # type: ignore[index]
        "number": entry.number,
        "bill": entry.pk,
    }


def _split(split: Adjudication) -> dict[str, Any]:
    travel = split.circumstances.travel
    return {
        **_amounts(split.result.amounts),
        "lines": [line._asdict() for line in split.result.lines],
        "not_included": omissions_text(split.result.not_included),
        "travel": TRAVEL_LABELS[travel.code],  # type: ignore[index]
        "because": travel.reason,
        "policy": split.circumstances.policy.file.name,
        "effect": _effect(split),
        "so_far": {AMOUNT_LABELS.get(name, name): amount for name, amount in split.case.year_to_date.items()},
    }


def _effect(split: Adjudication) -> Effect:
    """What approving pays: the same bill paid by the patient alone, and as computed."""
    amounts, care = split.result.amounts, str(split.case.facts["care"])
    missing = omissions_text(split.result.not_included)
    return Effect(
        matter=_("报销%(care)s费用 %(total)s 元")
        % {"care": CARE_LABELS[cast(Care, care)], "total": f"{amounts['total']:,}"},
        before=Side(label=_("不通过：全部自费"), own=amounts["total"]),
        after=Side(label=_("通过后：按手工报销"), own=amounts["own"]),
        notes=(missing,) if missing else (),
    )


def _amounts(amounts: Any) -> dict[str, Any]:
    kept = ("total", "scope", "deductible", "fund", "own")
    shown = {name: amount for name, amount in amounts.items() if amount or name in kept}
    return {"amounts": [(AMOUNT_LABELS[name], amount, name in ("fund", "own")) for name, amount in shown.items()]}
