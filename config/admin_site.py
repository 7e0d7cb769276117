"""How the reviewers' site looks and what stands in its side bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _roles(*roles: str) -> Callable[[HttpRequest], bool]:
    return lambda request: getattr(request.user, "role", "") in roles


_REVIEW = _roles("reviewer", "supervisor", "admin")
_PAY = _roles("finance", "reviewer", "supervisor", "admin")
_KEEP = _roles("supervisor", "admin")
_ADMIN = _roles("admin")
_REFER = _roles("hospital", "reviewer", "supervisor", "admin")


def _link(title: Any, icon: str, page: str, permission: Callable[[HttpRequest], bool]) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{page}_changelist"),
        "permission": permission,
    }


def _at_bills(request: HttpRequest) -> bool:
    """Whether bills are open; the monthly report lies below them, and has a line of its own."""
    return "/settlements/settlement/" in request.path and "/report" not in request.path


def environment(request: HttpRequest) -> list[str] | None:
    """The badge beside the title while time is simulated."""
    from django.conf import settings

    return [str(_("模拟环境")), "warning"] if settings.SIMULATION else None


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("异地 · 审核后台"),
    "SITE_HEADER": _("异地 · 审核后台"),
    "SITE_SUBHEADER": _("异地就医备案与审核"),
    "SITE_SYMBOL": "local_hospital",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("mobile/icon.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "config.admin_site.environment",
    "SCRIPTS": [lambda request: static("reviews/labels.js")],
    "DASHBOARD_CALLBACK": "config.start_page.dashboard",
    "COLORS": {
        "primary": {
            "50": "oklch(97.5% .02 155)",
            "100": "oklch(94.5% .045 155)",
            "200": "oklch(89% .085 155)",
            "300": "oklch(80% .13 153)",
            "400": "oklch(69% .16 152)",
            "500": "oklch(58% .16 151)",
            "600": "oklch(50% .145 151)",
            "700": "oklch(43% .12 151)",
            "800": "oklch(37% .10 151)",
            "900": "oklch(32% .08 152)",
            "950": "oklch(22% .06 152)",
        }
    },
    "ACCOUNT": {
        "navigation": [
            {"title": _("登录安全"), "link": reverse_lazy("security:own")},
            {"title": _("修改密码"), "link": reverse_lazy("admin:password_change")},
        ]
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {"items": [{"title": _("首页"), "icon": "dashboard", "link": reverse_lazy("admin:index")}]},
            {
                "title": _("审核"),
                "items": [
                    _link(_("待办"), "inbox", "reviews_submission", _REVIEW),
                    {
                        "title": _("窗口/电话录入"),
                        "icon": "support_agent",
                        "link": reverse_lazy("admin:counter"),
                        "permission": _roles("reviewer", "supervisor"),
                    },
                    _link(_("异地就医备案"), "travel_explore", "filings_filing", _REVIEW),
                    _link(_("承诺补充材料"), "task", "filings_proof", _REVIEW),
                    _link(_("门诊慢特病认定"), "cardiology", "chronic_recognition", _REVIEW),
                    _link(_("手工报销"), "request_quote", "claims_claim", _REVIEW),
                    _link(_("转诊"), "outpatient", "referrals_referral", _REFER),
                    _link(_("办理记录"), "history", "reviews_event", _REVIEW),
                    {
                        "title": _("业务月报"),
                        "icon": "summarize",
                        "link": reverse_lazy("admin:monthly_report"),
                        "permission": _KEEP,
                    },
                    _link(_("导出记录"), "download", "reviews_export", _KEEP),
                    _link(_("复核"), "rule", "reviews_secondreview", _REVIEW),
                    _link(_("复核规则"), "tune", "reviews_secondreviewrule", _KEEP),
                    {
                        "title": _("审计"),
                        "icon": "fact_check",
                        "link": reverse_lazy("admin:audit"),
                        "permission": _KEEP,
                    },
                    _link(_("理由模板"), "format_quote", "reviews_reasontemplate", _REVIEW),
                ],
            },
            {
                "title": _("结算"),
                "items": [
                    _link(_("结算记录"), "receipt_long", "settlements_settlement", _REVIEW) | {"active": _at_bills},
                    _link(_("报销支付"), "payments", "claims_paymentbatch", _PAY),
                    _link(_("证件查询记录"), "person_search", "settlements_identitylookup", _REVIEW),
                    _link(_("日对账"), "balance", "settlements_reconciliation", _REFER),
                    _link(_("月度清算"), "account_balance", "settlements_clearing", _REVIEW),
                    _link(_("国家平台接口"), "hub", "gateway_gatewaykey", _ADMIN),
                    _link(_("接口报文"), "sync_alt", "gateway_gatewaycall", _ADMIN),
                ],
            },
            {
                "title": _("地区与时间"),
                "collapsible": True,
                "items": [
                    _link(_("地区"), "map", "regions_area", _ADMIN),
                    _link(_("经办机构"), "apartment", "regions_agency", _KEEP),
                    _link(_("定点医疗机构"), "local_hospital", "regions_institution", _ADMIN),
                    _link(_("慢特病病种"), "cardiology", "regions_disease", _ADMIN),
                    _link(_("诊断目录"), "stethoscope", "referrals_listeddiagnosis", _ADMIN),
                    _link(_("工作日历年份"), "event_note", "regions_calendaryear", _ADMIN),
                    _link(_("调整日"), "event", "regions_calendarday", _ADMIN),
                    _link(_("地区休息日"), "event_busy", "regions_closedday", _KEEP),
                    _link(_("政策版本"), "policy", "policies_policyversion", _KEEP),
                    _link(_("医保目录"), "medication", "policies_catalogueentry", _KEEP),
                    _link(_("政策测算"), "query_stats", "scenarios_policyscenario", _KEEP),
                    _link(_("人力测算"), "groups_2", "scenarios_staffingscenario", _KEEP),
                    _link(_("告知书"), "description", "policies_notice", _ADMIN),
                ],
            },
            {
                "title": _("人员"),
                "collapsible": True,
                "items": [
                    {
                        "title": _("人员与负荷"),
                        "icon": "groups",
                        "link": reverse_lazy("admin:staff"),
                        "permission": _roles("supervisor"),
                    },
                    _link(_("工作人员"), "badge", "accounts_account", _ADMIN),
                    _link(_("参保人"), "group", "accounts_person", _ADMIN),
                    _link(_("代办授权"), "handshake", "accounts_mandate", _REVIEW),
                    _link(_("新生儿合并"), "child_care", "accounts_merger", _REVIEW),
                    _link(_("窗口绑定记录"), "how_to_reg", "reviews_counterstep", _REVIEW),
                    _link(_("窗口查询记录"), "person_search", "reviews_personlookup", _KEEP),
                    _link(_("消息发送"), "forward_to_inbox", "accounts_delivery", _KEEP),
                    _link(_("沙箱发送记录"), "outgoing_mail", "accounts_sandboxdelivery", _ADMIN),
                ],
            },
        ],
    },
}
