"""The administrator's pages: connections, keys and messages, with personal data masked."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from config.metrics import exposition
from gateway.admin import masked
from gateway.models import GatewayCall, GatewayKey
from tests.accounts.second_factor import code_of, enrolled
from tests.factories import institution, staff
from tests.gateway.hospital import Hospital

pytestmark = pytest.mark.django_db
PAGE = "admin:gateway_gatewaykey"


def signed_in(admin):
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def site():
    return signed_in(staff(Role.ADMIN))


@pytest.fixture
def hospital():
    return Hospital(institution(code="H11010100001", name="示范医院").code)


def test_a_key_is_shown_once_and_ended(site, hospital):
    made = site.post(reverse(f"{PAGE}_make"), {"institution": "h11010100001", "style": "ca"})
    key = GatewayKey.objects.get()
    listed = site.get(reverse(f"{PAGE}_changelist"))
    ended = site.post(reverse(f"{PAGE}_end", args=[key.pk]))

    assert key.secret in made.content.decode()
    assert key.secret not in listed.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert key.name in listed.content.decode()
    assert ended.status_code == 302
    key.refresh_from_db()
    assert (key.ends_at is None, key.ended_by) == (False, key.created_by)
    assert f"<small>{key.ended_by}</small>" in site.get(reverse(f"{PAGE}_changelist")).content.decode()


def test_who_has_a_second_factor_is_asked_for_it_before_a_key_is_made(hospital):
    admin = staff(Role.ADMIN)
    enrolled(admin)
    site = signed_in(admin)
    asked = {"institution": "H11010100001", "style": "ca"}

    shown = site.get(reverse(f"{PAGE}_changelist"))
    refused = site.post(reverse(f"{PAGE}_make"), asked)
    none = GatewayKey.objects.count()
    site.post(reverse(f"{PAGE}_make"), {**asked, "code": code_of(admin)})

    assert 'name="code"' in shown.content.decode()
    assert refused.status_code == 401
    assert none == 0
    assert GatewayKey.objects.count() == 1


def test_what_no_key_can_be_made_for_is_said(site, hospital):
    answer = site.post(reverse(f"{PAGE}_make"), {"institution": "H0", "style": "tif"})

    assert answer.status_code == 404
    assert "没有这家医疗机构" in answer.content.decode()


def test_connections_and_messages_are_shown_masked_and_counted(site, hospital):
    message = hospital.message("1101", {"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": "110101195503070028"}})
    message["input"]["data"]["psn_name"] = "王秀兰"
    hospital.post(message)
    hospital.output("9001", {"signIn": {"opter_no": "1", "mac": "x", "ip": "y"}})

    page = site.get(reverse(f"{PAGE}_changelist")).content.decode()
    found = site.get(f"{reverse('admin:gateway_gatewaycall_changelist')}?q={message['msgid']}").content.decode()
    row = GatewayCall.objects.get(msgid=message["msgid"])
    shown = site.get(reverse("admin:gateway_gatewaycall_change", args=[row.pk])).content.decode()

    assert "示范医院" in page
    assert message["msgid"] in found
    assert "王*兰" in shown
    assert "王秀兰" not in shown
    assert "110101195503070028" not in shown
    assert b'yidi_gateway_calls_total{infno="1101",outcome="refused"}' in exposition()


def test_what_people_are_ill_with_and_typed_is_not_shown():
    text = json.dumps(
        {"data": {"diag_name": "肺炎", "dise_cond_dscr": "自述", "tel": "13900000001", "medfee_sumamt": 120}}
    )

    assert json.loads(masked(text)) == {
        "data": {"diag_name": "***", "dise_cond_dscr": "***", "tel": "139****0001", "medfee_sumamt": 120}
    }
    assert masked("{cut off") == "（内容过长，未保存全文）"
