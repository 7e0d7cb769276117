"""The first page of the staff's site, by role: the reviewers' desk, a hospital's own referrals and bills, what is to be paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account, Role
from claims.models import Claim, Payment, PaymentBatch
from core import clock
from referrals.models import Referral
from reviews.admin import start
from reviews.admin.scope import REVIEWING, account_of
from reviews.admin.start import card
from reviews.models import Status
from settlements.reconciliation import daily


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Called by the admin theme for the site's index (`DASHBOARD_CALLBACK`)."""
    account = account_of(request)
    context |= {"now": clock.now(), "title": _("首页")}
    if account.role in REVIEWING:
        return context | {"desk": start.figures(request)}
    if account.role == Role.HOSPITAL:
        return context | {"own": [_referrals(account), _bills(account)]}
    return context | {"own": [_payments(account)] if account.role == Role.FINANCE else []}


def _yuan(amount: Decimal | None) -> str:
    return _("%s 元") % f"{amount or 0:,.2f}"


def _referrals(account: Account) -> dict[str, Any]:
    """A hospital's referrals: in review, to be mended, issued today, in force."""
    today = f"{clock.today():%Y-%m-%d}"
    conditions: dict[str, tuple[Q, dict[str, str]]] = {
        _("待补正"): (Q(status=Status.RETURNED), {"status__exact": Status.RETURNED}),
        _("审核中"): (Q(status=Status.SUBMITTED), {"status__exact": Status.SUBMITTED}),
        _("已通过"): (Q(status=Status.APPROVED), {"status__exact": Status.APPROVED}),
        _("今天开具"): (Q(issued_on=clock.today()), {"issued_on__gte": today}),
    }
    counts = {f"n{place}": Count("pk", filter=asked) for place, (asked, _query) in enumerate(conditions.values())}
    found = Referral.objects.visible_to(account).order_by().aggregate(**counts)
    page = reverse("admin:referrals_referral_changelist")
    cards = [
        card(label, found[f"n{place}"], f"{page}?{urlencode(query)}", alarm=not place and found["n0"] > 0)
        for place, (label, (_asked, query)) in enumerate(conditions.items())
    ]
    more = {"label": _("开具转诊"), "href": reverse("admin:issue_referral")}
    return {"title": _("本院开具的转诊"), "cards": cards, "more": more}


def _bills(account: Account) -> dict[str, Any]:
    """A hospital's bills of today."""
    today = clock.today()
    sums = daily.sums(daily.entries(account, today))
    page = reverse("admin:settlements_reconciliation_day", args=[account.institution_id, f"{today:%Y-%m-%d}"])
    cards = [
        card(_("结算"), sums["settlements"], page),
        card(_("冲正"), sums["reversals"], page),
        card(_("费用总额"), _yuan(sums["total"]), page),
        card(_("基金支付"), _yuan(sums["fund"]), page),
    ]
    more = {"label": _("日对账"), "href": reverse("admin:settlements_reconciliation_changelist")}
    return {"title": _("本院今天的结算"), "cards": cards, "more": more}


def _payments(account: Account) -> dict[str, Any]:
    """What is due for payment in the area, what the bank has not confirmed, and what it sent back."""
    page = reverse("admin:claims_paymentbatch_changelist")
    due = Claim.objects.due(account.area_id or "").aggregate(count=Count("pk"), sum=Sum("settlement__fund"))
    sent = PaymentBatch.objects.visible_to(account).filter(paid_on__isnull=True).count()
    refused = Claim.objects.filter(area=account.area_id, payment_status=Payment.REFUSED).count()
    cards = [
        card(_("待支付"), due["count"], page, note=_yuan(due["sum"])),
        card(_("已生成、未登记支付的批次"), sent, page),
        card(_("银行退回，待更正账户"), refused, page, alarm=refused > 0),
    ]
    return {"title": _("报销支付"), "cards": cards, "more": {"label": _("报销支付"), "href": page}}
