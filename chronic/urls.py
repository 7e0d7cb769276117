"""Addresses of recognitions and the options, under `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from chronic.views import RecognitionOptions, RecognitionViewSet
from core.http.json import WhateverIsAccepted

router = SimpleRouter()
router.register("recognitions", RecognitionViewSet, basename="recognition")

urlpatterns = [
    path("recognition-options/", RecognitionOptions.as_view(), name="recognition-options"),
    path(
        "recognitions/<uuid:pk>/form.pdf",
        RecognitionViewSet.as_view({"get": "form_pdf"}, content_negotiation_class=WhateverIsAccepted),
    ),
    *router.urls,
]
