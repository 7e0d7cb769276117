"""URLs of the whole site."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

import referrals.urls
from accounts.security import admin as security
from config import health, metrics
from core.http.open import Document

handler400 = "core.http.errors.bad_request"
handler403 = "core.http.errors.forbidden"
handler404 = "core.http.errors.page_not_found"
handler500 = "core.http.errors.server_error"


def no_such_page(request: HttpRequest, **parts: str) -> HttpResponse:
    """Where the admin would look for an object's page on a site of which there is none (查看站点 is not shown)."""
    raise Http404


API = [
    path("", include(f"{app}.urls"))  # one after another is asked for an address: what is called most stands first
    for app in (
        "filings", "settlements", "estimates", "accounts", "claims", "chronic", "referrals", "reviews", "regions", "policies"
    )
]  # fmt: skip
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.prometheus),
    path("admin/r/<path:rest>", no_such_page),
    path("admin/login/", security.SignInPage.as_view()),
    path("admin/", include((security, "security"))),
    path("admin/", admin.site.urls),
    path("api/v1/schema/", Document.as_view(), name="schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/v1/", include(API)),
    path("", include("gateway.urls")),
    path("r/", include(referrals.urls.verification)),
    path("", include("mobile.urls")),
]
