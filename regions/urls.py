"""The reference endpoints, below `/api/v1/`."""

from django.urls import path

from regions import views

urlpatterns = [
    path("areas/", views.Areas.as_view()),
    path("areas/<str:code>/", views.AreaDetail.as_view()),
    path("institutions/", views.Institutions.as_view()),
    path("institutions/<str:code>/", views.InstitutionDetail.as_view()),
    path("diseases/", views.Diseases.as_view()),
    path("agencies/", views.Agencies.as_view()),
    path("calendar/<int:year>/", views.Year.as_view()),
    path("deadline/", views.Deadline.as_view()),
    path("clock/", views.Clock.as_view()),
]
