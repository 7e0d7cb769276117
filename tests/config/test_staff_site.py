"""What the staff's site has pages for: named one by one, so that nothing comes in with an app by itself."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from accounts.models import Role
from tests import factories as make

SITE = {
    "accounts.Account", "accounts.Delivery", "accounts.Mandate", "accounts.Merger", "accounts.Person", "accounts.SandboxDelivery", "chronic.Recognition", "claims.Claim", "claims.PaymentBatch", "filings.Filing", "filings.Proof", "policies.Notice", "policies.PolicyVersion", "referrals.ListedDiagnosis", "referrals.Referral",
    "regions.Agency", "regions.Area", "regions.CalendarDay", "regions.CalendarYear", "regions.ClosedDay", "regions.Disease",
    "regions.Institution", "reviews.CounterStep", "reviews.Event", "reviews.Export", "reviews.PersonLookup", "reviews.ReasonTemplate", "reviews.SecondReview", "reviews.SecondReviewRule", "reviews.Submission", "scenarios.PolicyScenario", "scenarios.StaffingScenario",
    "settlements.Clearing", "settlements.IdentityLookup", "settlements.Reconciliation", "settlements.Settlement",
}  # fmt: skip
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


def test_the_site_has_these_pages_and_no_other():
    assert {model._meta.label for model in admin.site._registry} == SITE


@pytest.mark.parametrize("label", KEYS_TO_THE_HOUSE)
def test_tokens_sessions_groups_and_sign_ins_are_in_no_page(db, label):
    model = apps.get_model(label)
    client = Client()
    client.force_login(make.staff(Role.ADMIN), backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/")

    assert answer.status_code == 404
