"""Addresses under `/api/v1/`: before the visit."""

from django.urls import path

from settlements.views import Eligibility, Estimates

urlpatterns = [
    path("eligibility/", Eligibility.as_view(), name="eligibility"),
    path("estimates/", Estimates.as_view(), name="estimates"),
]
