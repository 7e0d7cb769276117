"""Manual reimbursement, below `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from claims.views import ClaimOptionsView, ClaimViewSet

router = SimpleRouter()
router.register("claims", ClaimViewSet, basename="claim")

urlpatterns = [path("claim-options/", ClaimOptionsView.as_view(), name="claim-options"), *router.urls]
