"""Whether the card will work, bills at the till, and the day's accounts, below `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from core.http.json import WhateverIsAccepted
from settlements.reconciliation.views import ReconciliationView
from settlements.views import Eligibility, SettlementViewSet

router = SimpleRouter()
router.register("settlements", SettlementViewSet, basename="settlement")

urlpatterns = [
    path("eligibility/", Eligibility.as_view(), name="eligibility"),
    path(
        "settlements/<uuid:pk>/statement.pdf",
        SettlementViewSet.as_view({"get": "statement"}, content_negotiation_class=WhateverIsAccepted),
        name="settlement-statement",
    ),
    path("reconciliation/", ReconciliationView.as_view(), name="reconciliation"),
    *router.urls,
]
