"""The reference endpoints, below `/api/v1/`."""

from django.urls import path

from regions.views import places, times

urlpatterns = [
    path("areas/", places.Areas.as_view()),
    path("areas/<str:code>/", places.AreaDetail.as_view()),
    path("institutions/", places.Institutions.as_view()),
    path("institutions/<str:code>/", places.InstitutionDetail.as_view()),
    path("diseases/", places.Diseases.as_view()),
    path("agencies/", places.Agencies.as_view()),
    path("calendar/<int:year>/", times.Year.as_view()),
    path("deadline/", times.Deadline.as_view()),
    path("clock/", times.Clock.as_view()),
]
