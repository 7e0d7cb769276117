"""Codes by text message: the real gateway over real HTTP, and the sandbox."""

import httpx
import pytest

from accounts import sms
from accounts.models import Mandate, SandboxDelivery
from accounts.sms import Sandbox, Service, SmsUnavailable
from tests.accounts.servers import running
from tests.factories import api, citizen

WANG = "110101195503070028"


@pytest.fixture
def server():
    with running() as server:
        yield server


def service(server, **timeouts):
    client = httpx.Client(headers={"Authorization": "Bearer K"}, timeout=httpx.Timeout(10, **timeouts))
    return client, Service(client, f"{server.url}/send")


def test_code_is_posted_to_the_service(server):
    server.will_answer("/send", {"ok": True})
    client, real = service(server)

    with client:
        real.send_code("13900000001", "123456", minutes=10)

    (asked,) = server.asked

    assert (asked["method"], asked["authorization"]) == ("POST", "Bearer K")
    assert asked["json"] == {
        "phone": "13900000001",
        "text": "【异地就医】验证码 123456，10 分钟内有效，用于绑定参保人。请勿告诉他人。",
        "code": "123456",
        "minutes": 10,
    }


@pytest.mark.parametrize("status", [400, 401, 500, 503])
def test_service_that_refuses(server, status):
    server.will_answer("/send", status)
    client, real = service(server)

    with client, pytest.raises(SmsUnavailable) as refused:
        real.send_code("13900000001", "123456", minutes=10)

    assert (refused.value.status, refused.value.code) == (503, "sms_unavailable")


def test_service_that_never_answers(server):
    server.will_answer("/send", ...)
    client, real = service(server, read=0.05)

    with client, pytest.raises(SmsUnavailable):
        real.send_code("13900000001", "123456", minutes=10)


def test_real_codes_have_six_digits_and_differ(server):
    client, real = service(server)

    with client:
        codes = {real.new_code() for _ in range(50)}

    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert len(codes) > 40


def test_sandbox_code_is_always_the_same():
    assert Sandbox().new_code() == "000000"


def test_without_service_and_sandbox(settings):
    settings.SANDBOX = False

    with pytest.raises(SmsUnavailable):
        sms.gateway()


@pytest.fixture
def configured(server, settings):
    settings.SMS_URL, settings.SMS_KEY = f"{server.url}/send", "K"
    yield server
    sms.gateway()._client.close()
    sms._service.cache_clear()


def bind(account):
    body = {"name": "王秀兰", "id_number": WANG, "relation": "self", "consent": True}
    return api(account).post("/api/v1/persons/", body)


@pytest.mark.django_db
def test_binding_with_the_real_service(insured, configured):
    insured("王秀兰", WANG)
    configured.will_answer("/send", {"ok": True})
    account = citizen()

    person_id = bind(account).json()["id"]

    code = configured.asked[0]["json"]["code"]

    assert configured.asked[0]["json"]["phone"] == "13900000001"
    assert not SandboxDelivery.objects.exists()
    assert api(account).post(f"/api/v1/persons/{person_id}/verify/", {"code": code}).status_code == 200


@pytest.mark.django_db
def test_binding_whose_code_cannot_be_sent_is_taken_back(insured, configured):
    insured("王秀兰", WANG)
    configured.will_answer("/send", 500, {"ok": True})
    account = citizen()

    refused = bind(account)

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (503, "sms_unavailable")
    assert not Mandate.objects.exists()
    assert bind(account).status_code == 201
