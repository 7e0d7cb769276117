"""Policies and notices, open to anyone, below `/api/v1/`."""

from django.urls import path

from policies.views import Notices, Policies, PolicyCoverage, PolicyDetail

urlpatterns = [
    path("notices/", Notices.as_view()),
    path("policies/", Policies.as_view()),
    path("policies/coverage/", PolicyCoverage.as_view()),
    path("policies/<str:policy>/", PolicyDetail.as_view()),
]
