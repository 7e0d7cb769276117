"""Daily reconciliation (日对账) in the admin: the hospitals of a day, one hospital's day, its own lists and what differed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Role
from core import clock
from core.errors import Invalid, Problem, Refusal
from core.http.bodies import read_day
from core.sheets import download
from regions.models import Area, Institution
from reviews.admin.scope import REVIEWING, ReadOnly, account_of, role_of
from settlements.models import Reconciliation, Status
from settlements.models.reconciliation import Outcome
from settlements.reconciliation import daily, reading
from settlements.reconciliation.comparing import CODES
from settlements.reconciliation.reading import BESIDES, COLUMNS

PER_PAGE = 25
ENTRIES_PER_PAGE = 50
SUM_COLUMNS = {
    "settlements": _("结算"), "reversals": _("冲正"), "total": _("费用总额"), "fund": _("基金支付"),
    "account": _("个人账户"), "cash": _("现金"),
}  # fmt: skip


class ReconciliationAdmin(ReadOnly):
    """Administrators see all, reviewers what their insured area paid, a hospital its own days."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return role_of(request) in (*REVIEWING, Role.HOSPITAL)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reconciliation]:
        return Reconciliation.objects.visible_to(account_of(request))

    def get_urls(self) -> list[URLPattern]:
        pages = [
            ("import/", self.import_view, "import"),
            ("export/", self.export_view, "export"),
            ("day/<str:institution>/<str:on>/", self.day_view, "day"),
            ("day/<str:institution>/<str:on>/export/", self.day_export_view, "day_export"),
        ]
        own = [
            path(where, self.admin_site.admin_view(view), name=f"settlements_reconciliation_{name}")
            for where, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The hospitals of a day."""
        self._may(request)
        account, query = account_of(request), DayPage(request)
        hospitals = query.institutions(account)
        page = Paginator(hospitals, PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self._context(request, _("日对账")),
            "query": query,
            "page": page,
            "days": daily.days(account, query.on, page.object_list, area=query.area),
            "sums": daily.sums(daily.entries(account, query.on, area=query.area)),
            "areas": Area.objects.pooling().order_by("code") if account.role == Role.ADMIN else [],
            "area_name": _name_of(daily.area_of(account)),
            "may_import": _may_import(account),
        }
        return TemplateResponse(request, "admin/settlements/reconciliation/days.html", context)

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The hospitals of a day as a file, one line each."""
        self._may(request)
        account, query = account_of(request), DayPage(request)
        days = daily.days(account, query.on, query.institutions(account), area=query.area)
        header = [_("结算日"), _("机构编码"), _("医疗机构"), *SUM_COLUMNS.values(), _("对账"), _("差异")]
        rows = ([query.on, *_line(one)] for one in days)
        return download(f"reconciliation-{query.on}.csv", header, rows)

    def day_view(self, request: HttpRequest, institution: str, on: str) -> HttpResponse:
        """One hospital's day: its sums, its entries, and its own lists."""
        self._may(request)
        account, day = account_of(request), _day(on)
        hospital = _hospital(account, institution, day)
        rows = daily.entries(account, day).filter(institution=hospital)
        shown = rows.select_related("area", "reverses").defer("case", "lines", "reason").order_by("settled_at", "id")
        context = {
            **self._context(request, hospital.name),
            "hospital": hospital,
            "on": day,
            "day": daily.days(account, day, [hospital])[0],
            "page": Paginator(shown, ENTRIES_PER_PAGE).get_page(request.GET.get("page")),
            "lists": self.get_queryset(request).filter(institution=hospital, on=day).defer("differences")[:PER_PAGE],
            "kept": daily.area_of(account),
            "bills": account.role in REVIEWING,
            "may_import": _may_import(account),
        }
        return TemplateResponse(request, "admin/settlements/reconciliation/day.html", context)

    def day_export_view(self, request: HttpRequest, institution: str, on: str) -> HttpResponseBase:
        """The entries of a hospital's day as a file, which can be imported as the hospital's own list."""
        self._may(request)
        account, day = account_of(request), _day(on)
        hospital = _hospital(account, institution, day)
        rows = daily.entries(account, day).filter(institution=hospital).order_by("settled_at", "id")
        columns = COLUMNS | BESIDES
        cells = ([_cell(name, row[name]) for name in columns] for row in rows.values(*columns).iterator(2000))
        return download(f"entries-{hospital.pk}-{day}.csv", columns.values(), cells)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """A hospital's own list is taken, or it is said by line why not."""
        self._may(request)
        return _import(request, self._context(request, _("导入医院对账单")))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A list that was imported, with its differences."""
        self._may(request)
        compared = self.get_object(request, object_id)
        if compared is None:
            raise Http404
        kept = daily.area_of(account_of(request))
        differences = [one for one in compared.differences if kept is None or one["area"] == kept]
        page = Paginator(differences, ENTRIES_PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self._context(request, _("对账结果")),
            "compared": compared,
            "kept": kept,
            "area_name": _name_of(kept),
            "count": len(differences),
            "page": page,
            "shown": [_shown(one) for one in page.object_list],
        }
        return TemplateResponse(request, "admin/settlements/reconciliation/compared.html", context)

    def _context(self, request: HttpRequest, title: Any) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "title": title, "opts": self.opts}

    def _may(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise Http404


class DayPage:
    """What the list of a day is asked for: the day (today unless told), an insured area, words to find hospitals by."""

    def __init__(self, request: HttpRequest) -> None:
        self.on = _day(request.GET.get("on", "")) if request.GET.get("on") else clock.today()
        self.search = request.GET.get("q", "").strip()[:40].replace("\0", "")
        account = account_of(request)
        self.area = request.GET.get("area", "")[:6].replace("\0", "") if account.role == Role.ADMIN else ""

    def institutions(self, account: Account) -> QuerySet[Institution]:
        institutions = daily.institutions(account, self.on, area=self.area, search=self.search)
        return institutions.select_related("area").order_by("code")

    @property
    def before(self) -> str:
        return self.query(self.on - timedelta(days=1))

    @property
    def after(self) -> str:
        """The next day, unless that has yet to come."""
        return self.query(self.on + timedelta(days=1)) if self.on < clock.today() else ""

    @property
    def same(self) -> str:
        return self.query(self.on)

    def query(self, on: date) -> str:
        params = {"on": on.isoformat(), "q": self.search, "area": self.area}
        return urlencode({name: value for name, value in params.items() if value})


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if not 2000 <= day.year <= 2100:
        raise Http404
    return day


def _hospital(account: Account, code: str, on: date) -> Institution:
    """A hospital whose day the account may open: an administrator any, a hospital itself, a reviewer where their area paid."""
    rows: QuerySet[Institution]
    if account.role == Role.HOSPITAL:
        rows = Institution.objects.filter(pk=account.institution_id)
    else:
        rows = Institution.objects.all() if account.role == Role.ADMIN else daily.institutions(account, on)
    hospital: Institution | None = rows.select_related("area").filter(pk=code.replace("\0", "")).first()
    if hospital is None:
        raise Http404
    return hospital


def _line(one: daily.Day) -> list[Any]:
    sums = [one.sums[name] for name in SUM_COLUMNS]
    return [one.institution.pk, one.institution.name, *sums, Outcome(one.outcome).label, one.differing]


def _name_of(area: str | None) -> str:
    return Area.objects.get(pk=area).name if area else ""


def _cell(name: str, value: Any) -> Any:
    if name == "status":
        return Status(value).label
    return f"{value.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}" if name == "settled_at" else value


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    """A difference as the page shows it: both sides' figures, one below the other, the ones that differ marked."""
    here, there = one["here"] or {}, one["there"] or {}
    figures = [
        {"here": here.get(name, ""), "there": there.get(name, ""), "differs": here.get(name) != there.get(name)}
        for name in ("total", "fund", "cash")
    ]
    return {
        **one,
        "label": CODES[one["code"]],
        "figures": figures,
        "here_status": Status(here["status"]).label if here else "",
        "there_status": Status(there["status"]).label if there else "",
        "day": here.get("settled_on", "") if one["code"] == "other_day" else "",
    }


# Importing a list: for the hospital itself, and for administrators on its behalf


def _may_import(account: Account) -> bool:
    """Whether this account may import lists."""
    return account.role in (Role.HOSPITAL, Role.ADMIN)


def _import(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The form; on POST the comparison's page, or the form again with everything that is wrong, by line."""
    account = account_of(request)
    if not _may_import(account):
        raise PermissionDenied
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            return _done(request, *_taken(request, account))
        except Refusal as refusal:
            problems = refusal.problems
    typed = request.POST if request.method == "POST" else request.GET
    context |= {
        "problems": problems,
        "institution": account.institution_id or typed.get("institution", ""),
        "own": account.institution,
        "on": typed.get("on", "") or clock.today().isoformat(),
        "today": clock.today().isoformat(),
        "columns": reading.COLUMNS,
    }
    template = "admin/settlements/reconciliation/import.html"
    return TemplateResponse(request, template, context, status=400 if problems else 200)


def _taken(request: HttpRequest, account: Account) -> tuple[Reconciliation, bool]:
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid(gettext("请选择要上传的 CSV 文件。"), code="required", attr="file")
    if (upload.size or 0) > reading.MOST_BYTES:
        raise reading.too_large()
    hospital, on = _hospital_of(request, account), read_day(request.POST.get("on", ""), "on")
    return daily.take(account, hospital, on, reading.read_file(upload.read(), upload.name or ""))


def _hospital_of(request: HttpRequest, account: Account) -> Institution:
    code = account.institution_id or request.POST.get("institution", "").strip().upper()
    hospital = Institution.objects.filter(pk=code.replace("\0", "")).first()
    if hospital is None:
        raise Invalid(gettext("没有找到这家医疗机构，请核对机构编码。"), code="does_not_exist", attr="institution")
    return hospital


def _done(request: HttpRequest, row: Reconciliation, new: bool) -> HttpResponse:
    if not new:
        messages.info(request, gettext("该文件已经导入过，结算也没有变化，这是当时的结果。"))
    elif row.differing:
        messages.warning(request, gettext("已导入，有 %(count)d 处差异。") % {"count": row.differing})
    else:
        messages.success(request, gettext("已导入，双方一致。"))
    return HttpResponseRedirect(reverse("admin:settlements_reconciliation_change", args=[row.pk]))
