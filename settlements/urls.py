"""Addresses under `/api/v1/`: before the visit, and at the till."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from settlements.desk.views import SettlementViewSet
from settlements.views import Eligibility, Estimates

router = SimpleRouter()
router.register("settlements", SettlementViewSet, basename="settlement")

urlpatterns = [
    path("eligibility/", Eligibility.as_view(), name="eligibility"),
    path("estimates/", Estimates.as_view(), name="estimates"),
    *router.urls,
]
