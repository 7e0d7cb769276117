"""What the staff's site has no pages for; what it has, and for whom: tests/access/staff.py."""

import pytest
from django.apps import apps
from django.test import Client

from accounts.models import Role
from tests import factories as make

KEYS_TO_THE_HOUSE = [
    "knox.AuthToken",
    "auth.Group",
    "auth.Permission",
    "sessions.Session",
    "admin.LogEntry",
    "axes.AccessAttempt",
    "accounts.StaffSession",
    "accounts.SignIn",
    "accounts.StaffChange",
    "accounts.Authenticator",
    "otp_totp.TOTPDevice",
    "otp_static.StaticDevice",
    "otp_static.StaticToken",
]


@pytest.mark.parametrize("label", KEYS_TO_THE_HOUSE)
def test_tokens_sessions_groups_and_sign_ins_are_in_no_page(db, label):
    model = apps.get_model(label)
    client = Client()
    client.force_login(make.staff(Role.ADMIN), backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/")

    assert answer.status_code == 404
