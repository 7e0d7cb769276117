"""What somebody would write otherwise: a DRF ModelViewSet with its serializer, token and paging on the tables of filings.

It locks nothing, checks no rule, keeps no event and answers no repetition; it reads what it shows with one join, as a good one does.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.urls import include, path
from rest_framework import serializers, viewsets
from rest_framework.routers import DefaultRouter

from accounts.models import Enrollment
from core import clock
from filings.models import Filing, FilingType
from regions.models import Area


class FilingSerializer(serializers.ModelSerializer[Filing]):
    """Every column, and the names of what they point to."""

    enrollment = serializers.PrimaryKeyRelatedField(queryset=Enrollment.objects.all())
    destination = serializers.PrimaryKeyRelatedField(queryset=Area.objects.all())
    type = serializers.ChoiceField(FilingType.choices)
    starts_on = serializers.DateField()
    contact_name = serializers.CharField(max_length=60)
    contact_phone = serializers.CharField(max_length=20)
    travel = serializers.CharField(max_length=20)
    person_name = serializers.CharField(source="person.masked_name", read_only=True)
    area_name = serializers.CharField(source="area.name", read_only=True)
    destination_name = serializers.CharField(source="destination.name", read_only=True)

    class Meta:
        model = Filing
        exclude = ("live_key", "number", "institutions")
        read_only_fields = ("applicant", "mandate", "person", "area", "kind", "status")


class FilingViewSet(viewsets.ModelViewSet[Filing]):
    """One's own filings."""

    serializer_class = FilingSerializer

    def get_queryset(self) -> Any:
        own = Filing.objects.filter(applicant=self.request.user)
        return own.select_related("person", "area", "destination").order_by("-created_at")

    def perform_create(self, serializer: Any) -> None:
        enrollment = serializer.validated_data["enrollment"]
        own = enrollment.person.mandates.get(account=self.request.user)
        now = clock.now()
        serializer.save(
            applicant=self.request.user, mandate=own, person=enrollment.person, area=enrollment.area, kind="filing",
            status="submitted", submitted_at=now, created_at=now, due_at=now + timedelta(days=2), number=uuid.uuid4().hex[:20],
        )  # fmt: skip


router = DefaultRouter()
router.register("filings", FilingViewSet, basename="filing")
urlpatterns = [path("plain/", include(router.urls))]
