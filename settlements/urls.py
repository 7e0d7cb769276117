"""Addresses under `/api/v1/`: before the visit, at the till, claims afterwards, and how the insurance year stands."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from reviews.material_views import WhateverIsAccepted
from settlements.claims.views import ClaimOptionsView, ClaimViewSet
from settlements.desk.views import SettlementViewSet
from settlements.reconciliation.views import ReconciliationView
from settlements.views import Eligibility, Estimates
from settlements.yearly.views import SettlementYears

router = SimpleRouter()
router.register("settlements", SettlementViewSet, basename="settlement")
router.register("claims", ClaimViewSet, basename="claim")

urlpatterns = [
    path("settlement-years/", SettlementYears.as_view(), name="settlement-years"),
    path("eligibility/", Eligibility.as_view(), name="eligibility"),
    path("estimates/", Estimates.as_view(), name="estimates"),
    path("claim-options/", ClaimOptionsView.as_view(), name="claim-options"),
    path(
        "settlements/<uuid:pk>/statement.pdf",
        SettlementViewSet.as_view({"get": "statement"}, content_negotiation_class=WhateverIsAccepted),
        name="settlement-statement",
    ),
    path("reconciliation/", ReconciliationView.as_view(), name="reconciliation"),
    *router.urls,
]
