"""Policies and notices, open to anyone, below `/api/v1/`."""

from django.urls import path

from policies.views import notices, policies

urlpatterns = [
    path("notices/", notices.Notices.as_view()),
    path("policies/", policies.Policies.as_view()),
    path("policies/<str:policy>/", policies.PolicyDetail.as_view()),
]
