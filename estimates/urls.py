"""What would be paid, and how the insurance year stands, below `/api/v1/`."""

from django.urls import path

from estimates.views import Estimates, SettlementYears

urlpatterns = [
    path("settlement-years/", SettlementYears.as_view(), name="settlement-years"),
    path("estimates/", Estimates.as_view(), name="estimates"),
]
