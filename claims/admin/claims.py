"""Claims in the admin: a list of their own, the case in the common worklist, and a page on which the cost is corrected (核定)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from claims import services
from claims.adjudication import catalogue_area
from claims.admin import entering, lines
from claims.admin.lines import Lines
from claims.bodies import read_cost
from claims.lifecycle import ClaimLifecycle
from claims.models import Claim, Payment
from core.errors import Refusal
from core.text import prose
from policies.language.wording import LEVEL_LABELS
from regions.models import Area, AreaLevel
from reviews.admin.case_page import LONGEST_REASON, refused
from reviews.admin.filters import AssigneeFilter, DaysFilter
from reviews.admin.flow import CASE
from reviews.admin.lists import KindAdmin
from reviews.admin.scope import account_of
from reviews.presenting import present_many
from reviews.workflow import Action, Who, standing
from settlements.admin.bills import yuan
from settlements.bills import SUMS

PAYMENT_COLOURS = {
    str(Payment.DUE.label): "warning",
    str(Payment.EXPORTED.label): "info",
    str(Payment.PAID.label): "success",
}
SUM_LABELS = {
    "total": _("费用总额"),
    "excluded": _("全自费"),
    "over_limit": _("超限价自费"),
    "first_copay": _("先行自付"),
}


class ClaimAdmin(KindAdmin):
    """All claims of the area: what it cost, how far it is, whether it is paid."""

    list_display = [
        "numbered",
        "who",
        "care",
        "institution_name",
        yuan("total", _("费用总额")),
        "reviewing",
        "shown_status",
        "paid",
        "submitted_at",
    ]
    list_filter = ["status", "payment_status", "care", AssigneeFilter, ("submitted_at", DaysFilter)]
    list_select_related = ["person", "area"]
    empty_said = _("本地区还没有手工报销申请。参保人在手机上提交后，会出现在这里和待办中。")

    def get_urls(self) -> list[URLPattern]:
        correct = path("<uuid:pk>/correct/", self.admin_site.admin_view(self.correct_view), name="claims_claim_correct")
        revoke = path(
            "<uuid:pk>/revoke/",
            self.admin_site.admin_view(require_POST(self.revoke_view)),
            name="claims_claim_revoke",
        )
        return [correct, revoke, *super().get_urls()]

    def entry_urls(self, guarded: Any) -> list[URLPattern]:
        return entering.urls(guarded)

    def _claim(self, request: HttpRequest, pk: Any) -> Claim:
        claim: Claim | None = self.get_queryset(request).select_related(*ClaimLifecycle.joins).filter(pk=pk).first()
        if claim is None:
            raise Http404
        return claim

    def revoke_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The area's supervisor undoes an approval before the money left."""
        claim = self._claim(request, pk)
        try:
            reason = prose(request.POST.get("reason", ""))[:LONGEST_REASON]
            services.revoke(claim, supervisor=account_of(request), reason=reason, version=_version(request.POST))
        except Refusal as refusal:
            return refused(request, claim, self.admin_site, refusal)
        messages.success(request, _("已撤销，结算已冲正。"))
        return HttpResponseRedirect(reverse(CASE, args=[claim.pk]))

    def correct_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The cost, item by item or in sums; a POST keeps it and goes back to the case."""
        claim = self._claim(request, pk)
        if request.method == "POST":
            return self._corrected(request, claim)
        if standing(claim, account_of(request)) != Who.REVIEWER:
            raise PermissionDenied
        if Action.CORRECT not in present_many([claim], account_of(request))[0]["actions"]:
            messages.error(request, _("此件现在不能由您核定：可能已有决定、正由其他审核员承办，或者您办理了前一阶段。"))
            return HttpResponseRedirect(reverse(CASE, args=[claim.pk]))
        return self._page(request, claim)

    def _corrected(self, request: HttpRequest, claim: Claim) -> HttpResponse:
        """Keep the cost; the page again, with what was typed, where it is refused or is only looked at (核对明细)."""
        given, status = Lines(), 200
        try:
            given = lines.read(request.POST, request.FILES)
            given.catalogue = (catalogue_area(claim), claim.ended_on) if claim.ended_on else None
            if "look" not in request.POST:
                services.correct(claim, reviewer=account_of(request), **_asked(claim, request.POST, given))
                messages.success(request, _("费用已核定，已按核定的费用重新计算。"))
                return HttpResponseRedirect(reverse(CASE, args=[claim.pk]))
        except Refusal as refusal:
            status = refusal.status
            for problem in refusal.problems:
                messages.error(request, lines.of_line(lines.line_of(problem.attr)) + problem.detail)
        return self._page(request, claim, given, request.POST, status=status)

    def _page(
        self,
        request: HttpRequest,
        claim: Claim,
        given: Lines | None = None,
        typed: QueryDict | None = None,
        status: int = 200,
    ) -> HttpResponse:
        kept = json.loads(claim.corrected or claim.entered or "{}")
        sent: Mapping[str, Any] = kept if typed is None else typed
        context = {
            **self.admin_site.each_context(request),
            "title": _("核定费用"),
            "opts": self.opts,
            "claim": claim,
            "version": claim.version if typed is None else typed.get("version", ""),
            "totals": [(name, label, sent.get(name, "")) for name, label in SUM_LABELS.items()],
            **lines.shown(
                given or Lines(kept.get("items", [])), pasted="" if typed is None else typed.get("pasted", "")
            ),
            "entered": json.loads(claim.entered) if claim.entered else {},
            "levels": [] if claim.institution_id else [(str(level), label) for level, label in LEVEL_LABELS.items()],
            "level": ("" if claim.level is None else str(claim.level)) if typed is None else typed.get("level", ""),
            "places": [] if claim.institution_id else Area.objects.exclude(level=AreaLevel.POOL).order_by("code"),
            "place": (claim.place_id or "") if typed is None else typed.get("place", ""),
        }
        return TemplateResponse(request, "admin/claims/claim/correct.html", context, status=status)

    @display(description=_("支付"), label=PAYMENT_COLOURS)
    def paid(self, row: Claim) -> str:
        return row.get_payment_status_display() if row.settlement_id else "—"


def _asked(claim: Claim, post: QueryDict, given: Lines) -> dict[str, Any]:
    """What the form says, for `services.correct`: the lines, where there are any, else the sums."""
    sums = {name: text for name in SUMS if (text := post.get(name, "").strip())}
    body: dict[str, Any] = {"items": given.items} if given.items else sums
    level = post.get("level", "")
    return {
        "cost": read_cost(body) if body else None,
        "level": int(level) if level in ("0", "1", "2", "3") else None,
        "place": Area.objects.filter(pk=post.get("place", "")).first() if not claim.institution_id else None,
        "version": _version(post),
    }


def _version(post: QueryDict) -> int:
    """The version of the case that the page showed; 0, which none is, for anything else."""
    version = post.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else 0
