"""Addresses under `/api/v1/`: before the visit, and how the insurance year stands."""

from django.urls import path

from settlements.views import Eligibility, Estimates
from settlements.yearly.views import SettlementYears

urlpatterns = [
    path("eligibility/", Eligibility.as_view(), name="eligibility"),
    path("estimates/", Estimates.as_view(), name="estimates"),
    path("settlement-years/", SettlementYears.as_view(), name="settlement-years"),
]
