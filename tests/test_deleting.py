"""What can be deleted in the staff's site: nothing that a record names or a deadline is counted by."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import CASCADE, SET_DEFAULT, SET_NULL
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Account, Role
from regions.models import Area, CalendarYear, Disease, Institution
from tests.factories import institution, staff, working_calendar

# No record names any of these: what a deletion changes is said (deadlines move).
DELETABLE = {"regions.agency", "regions.calendarday", "regions.closedday", "reviews.reasontemplate"}
MASTER_DATA = [Area, Institution, Disease, CalendarYear]
TAKES_AWAY = (CASCADE, SET_NULL, SET_DEFAULT)

pytestmark = pytest.mark.django_db


def registered():
    return [pytest.param(model, id=model._meta.label_lower) for model in admin.site._registry]


@pytest.mark.parametrize("model", registered())
def test_nothing_but_the_named_models_can_be_deleted_by_anybody(model):
    page = admin.site._registry[model]
    request = RequestFactory().get("/")
    request.user = Account(role=Role.ADMIN)

    one, many = page.has_delete_permission(request, model()), page.has_delete_permission(request)

    assert (one or many) == (model._meta.label_lower in DELETABLE)
    assert ("delete_selected" in page.get_actions(request)) == (model._meta.label_lower in DELETABLE)


@pytest.mark.parametrize("model", registered())
def test_no_deletion_takes_along_what_somebody_else_keeps(model):
    relations = model._meta.related_objects

    taken = [relation for relation in relations if getattr(relation, "on_delete", None) in TAKES_AWAY]

    assert model._meta.label_lower not in DELETABLE or taken == []


@pytest.mark.parametrize("master", MASTER_DATA, ids=lambda model: model._meta.label_lower)
def test_the_database_lets_nothing_go_with_master_data(master):
    fields = [field for model in apps.get_models() for field in model._meta.concrete_fields]

    naming = [field for field in fields if field.related_model is master and field.db_constraint]

    assert [str(field) for field in naming if field.remote_field.on_delete in TAKES_AWAY] == []


def test_a_year_in_use_an_area_and_a_hospital_stay_whatever_is_sent():
    working_calendar()
    rows = (CalendarYear.objects.first(), institution(), Area.objects.first())
    before = {type(row): type(row).objects.count() for row in rows}
    client = Client()
    client.force_login(staff("admin"), backend="django.contrib.auth.backends.ModelBackend")

    for row in rows:
        label = f"admin:regions_{row._meta.model_name}"
        assert client.post(reverse(f"{label}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        selected = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        client.post(reverse(f"{label}_changelist"), selected)

    assert {model: model.objects.count() for model in before} == before
