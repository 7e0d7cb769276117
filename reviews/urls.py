"""Addresses of the queue, below `/api/v1/`."""

from django.urls import include, path

urlpatterns = [path("", include("reviews.material_urls"))]
