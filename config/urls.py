"""URLs of the whole site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import views

handler400 = "regions.http.errors.bad_request"
handler403 = "regions.http.errors.forbidden"
handler404 = "regions.http.errors.page_not_found"
handler500 = "regions.http.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("metrics", views.prometheus),
    path("admin/", admin.site.urls),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/v1/", include("regions.urls")),
    path("api/v1/", include("accounts.urls")),
    path("api/v1/", include("reviews.urls")),
    path("api/v1/", include("filings.urls")),
    path("api/v1/", include("chronic.urls")),
    path("api/v1/", include("settlements.urls")),
    path("api/v1/", include("referrals.urls")),
    path("r/", include("referrals.public")),
    path("", include("mobile.urls")),
]
