"""The phone pages live at `/`; everything behind them is one page whose parts have hash addresses (`/#/records`)."""

from django.urls import path

from mobile import views

app_name = "mobile"
urlpatterns = [
    path("", views.shell, name="shell"),
    path("visit/", views.visit, name="visit"),
    path("sw.js", views.worker, name="worker"),
    path("favicon.ico", views.icon, name="icon"),
]
