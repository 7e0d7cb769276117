"""Addresses of materials, below `/api/v1/`."""

from django.urls import path

from reviews import material_views as views

urlpatterns = [
    path("materials/", views.MaterialsView.as_view(), name="materials"),
    path("materials/<uuid:id>/", views.MaterialView.as_view(), name="material"),
    path("materials/<uuid:id>/file/", views.FileView.as_view(), name="material-file"),
    path("materials/<uuid:id>/thumbnail/", views.ThumbnailView.as_view(), name="material-thumbnail"),
]
