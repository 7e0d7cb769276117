"""Addresses of filings, proofs and the options, under `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from core.http.json import WhateverIsAccepted
from filings.views import FilingOptions, FilingViewSet, ProofViewSet

router = SimpleRouter()
router.register("filings", FilingViewSet, basename="filing")
router.register("proofs", ProofViewSet, basename="proof")

urlpatterns = [
    path("filing-options/", FilingOptions.as_view(), name="filing-options"),
    path(
        "filings/<uuid:pk>/receipt.pdf",
        FilingViewSet.as_view({"get": "receipt"}, content_negotiation_class=WhateverIsAccepted),
    ),
    *router.urls,
]
