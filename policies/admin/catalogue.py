"""The catalogue (医保目录) in the staff's site: the items that count, and the files they came by, with upload and publication."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core import clock, sheets
from core.admin import Exported
from core.errors import Invalid, Refusal
from core.tables import link
from policies.catalogue import publishing
from policies.catalogue.reading import COLUMNS, LARGEST, CatalogueError, Row, decoded, read
from policies.language.filing_rules import chain
from policies.models import CatalogueEntry, CatalogueVersion
from policies.publishing import Keeper
from regions.admin import Historic, area_kept
from regions.models import Area

SHOWN = 100
ALL = "000000"
CLASS_LABELS = {"A": "甲类", "B": "乙类", "C": "丙类", "": "未定"}
VERSION = "admin:policies_catalogueversion_change"


class _Kept(Exported):
    """Administrators keep all of it, a supervisor what concerns their own area; nobody else sees the pages, nobody changes rows."""

    list_per_page = 50
    show_full_result_count = False
    actions = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return area_kept(request) is not None or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ClassFilter(admin.SimpleListFilter):
    title = _("类别")
    parameter_name = "class"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("A", _("甲类")),
            ("B", _("乙类")),
            ("C", _("丙类")),
            ("none", _("未定类别")),
            ("ratio", _("乙类缺先自付比例")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "ratio":
            return queryset.filter(item_class="B", first_copay_ratio__isnull=True)
        return queryset.filter(item_class=(self.value() or "").replace("none", "")) if self.value() else queryset


class StateFilter(admin.SimpleListFilter):
    title = _("状态")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("current", _("现行")), ("future", _("尚未生效")), ("past", _("已被替代"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = clock.today()
        states = {
            "current": Q(replaced=False, effective_from__lte=today),
            "future": Q(replaced=False, effective_from__gt=today),
            "past": Q(replaced=True),
        }
        return queryset.filter(states.get(self.value() or "", Q()))


class OfArea(admin.SimpleListFilter):
    title = _("地区")
    parameter_name = "area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        codes = list(model_admin.get_queryset(request).order_by().values_list("area", flat=True).distinct())
        names = dict(Area.objects.filter(pk__in=codes).values_list("code", "name"))
        return [(code, _("所有地区") if code == ALL else f"{code} {names.get(code, '')}") for code in sorted(codes)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(area=self.value()) if self.value() else queryset


class CatalogueEntryAdmin(_Kept):
    """Every row of every published file, with what became of it."""

    list_display = ["code", "name", "shown_area", "shown_class", "ratio", "limit", "state", "since", "from_file"]
    list_display_links = None
    list_filter = [OfArea, ClassFilter, StateFilter]
    list_select_related = ["version"]
    list_before_template = "admin/policies/catalogueentry/above.html"
    search_fields = ["code__startswith", "name"]
    search_help_text = _("国家编码的开头，或者名称")
    empty_said = _("还没有目录。请点“导入目录文件”上传 CSV；没有目录时，按编码结算的项目一律按丙类自费。")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CatalogueEntry]:
        same = CatalogueEntry.objects.filter(code=OuterRef("code"), area=OuterRef("area"))
        corrected = Q(effective_from=OuterRef("effective_from"), pk__gt=OuterRef("pk"))
        followed = Q(effective_from__gt=OuterRef("effective_from"), effective_from__lte=clock.today())
        rows = CatalogueEntry.objects.annotate(
            replaced=Exists(same.filter(corrected | followed)),
            area_name=Subquery(Area.objects.filter(pk=OuterRef("area")).values("name")[:1]),
        ).defer("version__text")
        own = area_kept(request)
        return rows.filter(area__in=chain(own)) if own else rows

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        codes = queryset.filter(code__startswith=search_term.strip().upper())
        return codes | queryset.filter(name__contains=search_term.strip()), False

    @display(description=_("地区"), ordering="area")
    def shown_area(self, row: Any) -> str:
        return str(_("所有地区")) if row.area == ALL else f"{row.area_name or ''} {row.area}"

    @display(description=_("类别"), ordering="item_class")
    def shown_class(self, row: CatalogueEntry) -> str:
        return CLASS_LABELS[row.item_class]

    @display(description=_("先自付比例"))
    def ratio(self, row: CatalogueEntry) -> str:
        if row.item_class != "B":
            return "—"
        return str(_("缺")) if row.first_copay_ratio is None else f"{row.first_copay_ratio.normalize():f}"

    @display(description=_("限价（元/单位）"))
    def limit(self, row: CatalogueEntry) -> str:
        return "—" if row.price_limit is None else f"{row.price_limit.normalize():f}"

    @display(description=_("开始日"), ordering="effective_from")
    def since(self, row: CatalogueEntry) -> str:
        return f"{row.effective_from:%Y-%m-%d}"

    @display(description=_("状态"), label={"现行": "success", "尚未生效": "info"})
    def state(self, row: Any) -> str:
        if row.replaced:
            return str(_("已被替代"))
        return str(_("现行") if row.effective_from <= clock.today() else _("尚未生效"))

    @display(description=_("目录文件"))
    def from_file(self, row: CatalogueEntry) -> Any:
        return link(row.version.file, reverse(VERSION, args=[row.version_id]))


class CatalogueVersionAdmin(_Kept, Historic):
    """The files, newest first: drafts wait to be published by somebody else, what was published stays."""

    list_display = ["named", "shown_area", "rows", "status", "number", "uploaded_by", "uploaded_at", "published_by"]
    list_display_links = None
    list_filter = ["status"]
    list_select_related = ["uploaded_by", "published_by"]
    search_fields = ["file", "area"]
    empty_said = _("还没有导入过目录文件。请点右上角的添加，上传 CSV。")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CatalogueVersion]:
        names = Area.objects.filter(pk=OuterRef("area")).values("name")[:1]
        rows = CatalogueVersion.objects.defer("text").annotate(area_name=Subquery(names))
        own = area_kept(request)
        return rows.filter(Q(area=own) | Q(area=ALL, status="published")) if own else rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._uploaded(request) if request.method == "POST" else self._form(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        version = self._version(request, object_id)
        if request.method == "POST" and request.POST.get("action") == "take":
            return _taken(version)
        if request.method != "POST":
            return self._page(request, version)
        try:
            return self._acted(request, version)
        except (Refusal, CatalogueError) as refused:
            messages.error(request, refused.detail if isinstance(refused, Refusal) else str(refused))
            return self._page(request, version, status=getattr(refused, "status", 400))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        self._version(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def _version(self, request: HttpRequest, version: object) -> CatalogueVersion:
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_queryset(request).select_related("uploaded_by", "published_by")
            return rows.get(pk=uuid.UUID(str(version)))
        except (ValueError, CatalogueVersion.DoesNotExist):
            raise Http404 from None

    def _form(self, request: HttpRequest, problems: Iterable[Any] = (), status: int = 200) -> HttpResponse:
        found = list(problems)
        context = {
            **self.admin_site.each_context(request),
            "title": _("导入目录文件"),
            "opts": self.opts,
            "columns": ",".join(COLUMNS),
            "problems": found[:SHOWN],
            "count": len(found),
            "more": max(0, len(found) - SHOWN),
        }
        return TemplateResponse(request, "admin/policies/catalogueversion/upload.html", context, status=status)

    def _uploaded(self, request: HttpRequest) -> HttpResponse:
        try:
            file: Any = request.FILES.get("file")
            if file is None:
                raise Invalid(_("请选择要导入的 CSV 文件。"), code="required", attr="file")
            text = decoded(file.read(LARGEST + 1))
            draft = publishing.upload(text, file.name or "", by=cast(Keeper, request.user))
        except CatalogueError as refused:
            return self._form(request, refused.problems, status=400)
        except Refusal as refused:
            messages.error(request, refused.detail)
            return self._form(request, status=refused.status)
        messages.success(request, _("已保存为草稿，还没有生效。请另一位工作人员核对下面的变化后发布。"))
        return HttpResponseRedirect(reverse(VERSION, args=[draft.pk]))

    def _acted(self, request: HttpRequest, version: CatalogueVersion) -> HttpResponse:
        account, action = cast(Keeper, request.user), request.POST.get("action", "")
        if action == "publish":
            done = publishing.publish(version, by=account)
            messages.success(
                request, _("%(file)s 已发布，编号 %(number)d。") % {"file": done.file, "number": done.number}
            )
        elif action == "withdraw":
            publishing.withdraw(version, by=account)
            messages.success(request, _("草稿已撤回。"))
        else:
            raise Invalid(_("请选择要进行的操作。"), code="invalid_choice", attr="action")
        return HttpResponseRedirect(reverse(VERSION, args=[version.pk]))

    def _page(self, request: HttpRequest, version: CatalogueVersion, *, status: int = 200) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": version.file,
            "opts": self.opts,
            "version": version,
            "draft": version.status == CatalogueVersion.Status.DRAFT,
            "own": version.uploaded_by_id == request.user.pk,
            "entries": version.entries.count(),
            **(_preview(version) if version.status == CatalogueVersion.Status.DRAFT else {}),
        }
        return TemplateResponse(request, "admin/policies/catalogueversion/version.html", context, status=status)

    @display(description=_("文件"), ordering="file")
    def named(self, row: CatalogueVersion) -> Any:
        return link(row.file, reverse(VERSION, args=[row.pk]))

    @display(description=_("地区"), ordering="area")
    def shown_area(self, row: Any) -> str:
        if not row.area:
            return str(_("多个地区"))
        return str(_("所有地区")) if row.area == ALL else f"{row.area_name or ''} {row.area}"


def _taken(version: CatalogueVersion) -> HttpResponse:
    """The file as it was handed in."""
    answer = HttpResponse(sheets.BOM + version.text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="catalogue.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _preview(version: CatalogueVersion) -> dict[str, Any]:
    """What publishing would change, said before it is done; what is wrong by now, if anything is."""
    try:
        rows = read(version.text, publishing.known_areas())
    except CatalogueError as refused:
        return {"problems": refused.problems[:SHOWN]}
    changes = publishing.outlook(rows)
    changed = [
        [*_cells(new)[:3], _said(old), _said(new), _day(new.effective_from)] for new, old in changes.changed[:SHOWN]
    ]
    return {
        "changes": changes,
        "classes": [
            (CLASS_LABELS[kind], count) for kind, count in sorted(publishing.classes(rows).items(), reverse=True)
        ],
        "changed": changed,
        "added": [[*_cells(row)[:3], _said(row), _day(row.effective_from)] for row in changes.added[:SHOWN]],
        "changed_head": [_("编码"), _("名称"), _("地区"), _("现在"), _("发布后"), _("开始日")],
        "added_head": [_("编码"), _("名称"), _("地区"), _("内容"), _("开始日")],
        "more_changed": max(0, len(changes.changed) - SHOWN),
        "more_added": max(0, len(changes.added) - SHOWN),
    }


def _cells(row: Row) -> list[str]:
    return [row.code, row.name, str(_("所有地区")) if row.area == ALL else row.area]


def _said(row: Row) -> str:
    """What a row says of an item, in a few words."""
    parts = [CLASS_LABELS[row.item_class]]
    if row.first_copay_ratio is not None:
        parts.append(str(_("先自付 %s")) % f"{row.first_copay_ratio.normalize():f}")
    elif row.item_class == "B":
        parts.append(str(_("缺先自付比例")))
    if row.price_limit is not None:
        parts.append(str(_("限价 %s 元")) % f"{row.price_limit.normalize():f}")
    return "，".join(parts)


def _day(day: date) -> str:
    return f"{day:%Y-%m-%d}"
