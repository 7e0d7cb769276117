"""Addresses of recognitions and the options, under `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from chronic.views import RecognitionOptions, RecognitionViewSet

router = SimpleRouter()
router.register("recognitions", RecognitionViewSet, basename="recognition")

urlpatterns = [
    path("recognition-options/", RecognitionOptions.as_view(), name="recognition-options"),
    *router.urls,
]
