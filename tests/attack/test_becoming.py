"""Nobody becomes somebody else: an administrator neither decides, voids nor pays, and holds no key with which others would."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from accounts.services import switch
from claims import payments
from claims.models import PaymentBatch
from core import clock
from core.errors import Forbidden
from reviews import services
from reviews.models import Decision
from settlements.models import Settlement, Status
from settlements.services import reverse as void
from tests import factories as make
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db


def site(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def refused(act):
    with pytest.raises(Forbidden) as refusal:
        act()
    return refusal.value.code


def test_an_administrator_decides_nothing_by_any_door():
    administrator, case = make.staff(Role.ADMIN), make.submitted()

    assert refused(lambda: services.approve(case, reviewer=administrator)) == "other_area"
    assert make.api(administrator).post(f"/api/v1/filings/{case.pk}/approve/", {}).status_code == 403
    site(administrator).post(
        reverse("admin:reviews_submission_change", args=[case.pk]), {"outcome": "approve", "version": case.version}
    )

    assert not Decision.objects.exists()


def test_an_administrator_voids_no_bill():
    with policies(SIMPLE):
        bill = till().settle()
    administrator = make.staff(Role.ADMIN)

    assert refused(lambda: void(administrator, bill, reason="错")) == "not_yours"
    answer = make.api(administrator).post(
        f"/api/v1/settlements/{bill.pk}/reverse/", {"reason": "错"}, headers={"Idempotency-Key": "one"}
    )

    assert answer.status_code == 403
    assert Settlement.objects.get(pk=bill.pk).status == Status.SETTLED


def test_an_administrator_pays_nothing():
    payer, administrator = make.finance(), make.staff(Role.ADMIN)
    batch = PaymentBatch.objects.create(
        number="ZF1", area_id=payer.area_id, made_by=payer, made_at=clock.now(), count=0, total=0
    )

    acts = [
        lambda: payments.export(administrator),
        lambda: payments.download(batch, administrator),
        lambda: payments.mark_paid(batch, administrator, paid_on=clock.today()),
    ]

    assert [refused(act) for act in acts] == ["not_finance"] * 3


def test_who_is_switched_off_decides_nothing_with_what_was_open():
    reviewer, case = make.reviewer(), make.submitted()
    token, desk = make.api(reviewer), site(reviewer)

    switch(reviewer, by=make.supervisor(), active=False)

    assert token.post(f"/api/v1/filings/{case.pk}/approve/", {}).status_code == 401
    page = reverse("admin:reviews_submission_change", args=[case.pk])
    assert desk.post(page, {"outcome": "approve", "version": case.version}).status_code == 302
    assert not Decision.objects.exists()


def test_no_page_of_the_staffs_site_has_a_field_that_says_whose_a_key_is():
    """Tokens, sessions, second factors and records of signing in are in no page (names one by one: tests/config/test_staff_site.py)."""
    keys = {"knox", "sessions", "otp_totp", "otp_static", "axes", "auth", "admin", "contenttypes"}

    assert {model._meta.app_label for model in admin.site._registry} & keys == set()
