"""The phone pages live at `/`; everything behind them is one page whose parts have hash addresses (`/#/records`)."""

from django.urls import path

from mobile import views

app_name = "mobile"
urlpatterns = [
    path("", views.shell, name="shell"),
    path("shell.<slug:digest>.css", views.styles, name="styles"),
    path("pages/<slug:folder>/", views.pages, name="pages"),
    path("pages/<slug:language>/texts.<slug:digest>.js", views.texts, name="texts"),
    path("pages/<slug:language>/<slug:folder>/", views.pages, name="pages-in"),
    path("worker.<slug:digest>.js", views.worker, name="worker"),
    path("release/<slug:digest>/<path:path>", views.script, name="script"),
    path("favicon.ico", views.icon, name="icon"),
]
