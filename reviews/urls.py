"""Addresses of the queue, below `/api/v1/`."""

from django.urls import path

from reviews.materials import api as materials
from reviews.overview import Overview
from reviews.views import DraftsView

urlpatterns = [
    path("overview/", Overview.as_view(), name="overview"),
    path("drafts/", DraftsView.as_view(), name="drafts"),
    path("materials/", materials.MaterialsView.as_view(), name="materials"),
    path("materials/<uuid:id>/", materials.MaterialView.as_view(), name="material"),
    path("materials/<uuid:id>/file/", materials.FileView.as_view(), name="material-file"),
    path("materials/<uuid:id>/thumbnail/", materials.ThumbnailView.as_view(), name="material-thumbnail"),
]
