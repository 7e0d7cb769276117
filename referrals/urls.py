"""Addresses of referrals, their verification, and the diagnoses, under `/api/v1/`; the pages that verify, under `/r/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from core.http.json import WhateverIsAccepted
from referrals.views import Diagnoses, ReferralViewSet, Verify, ask_code, verify

router = SimpleRouter()
router.register("referrals", ReferralViewSet, basename="referral")

urlpatterns = [
    path("diagnoses/", Diagnoses.as_view()),
    path("referrals/verify/<str:code>/", Verify.as_view()),
    path(
        "referrals/<uuid:pk>/certificate.pdf",
        ReferralViewSet.as_view({"get": "certificate"}, content_negotiation_class=WhateverIsAccepted),
    ),
    *router.urls,
]

verification = [
    path("", ask_code, name="ask-referral"),
    path("<str:code>/", verify, name="verify-referral"),
]
