"""How hospitals sign: the three styles of headers, keys, and what a signature is worth (by official vectors of SM3)."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from core.errors import Forbidden, NotFound, WrongState
from gateway.keys import end_key, make_key
from gateway.models import GatewayKey
from gateway.signatures import hmac_sm3, sm3
from regions.models import Institution
from tests import factories as make
from tests.gateway.hospital import Hospital

CODE = "H11010100001"
SIGN_IN = {"signIn": {"opter_no": "0007", "mac": "00-00-5E-00-53-01", "ip": "192.0.2.7"}}
UNREADABLE = "报文无法识别（加密或签名不符）"


def tif(key, secret, body, *, at=None, nonce="n1"):
    stamp = str(int(at or time.time()))
    signature = hashlib.sha256(f"{stamp}{secret}{nonce}{stamp}".encode()).hexdigest()
    return {
        "HTTP_X_TIF_PAASID": key, "HTTP_X_TIF_TIMESTAMP": stamp, "HTTP_X_TIF_NONCE": nonce,
        "HTTP_X_TIF_SIGNATURE": signature.upper(),
    }  # fmt: skip


def ca(key, secret, body, *, at=None, minus=""):
    stamp = f"{minus}{int(at or time.time())}"
    signature = hmac_sm3(secret.encode(), stamp.encode() + b"\n" + body).hex().upper()
    return {"HTTP_X_CA_KEY": key, "HTTP_X_CA_SIGNATURE": f"{stamp}:{signature}"}


def api(key, secret, body, *, at=None):
    named = {
        "_api_access_key": key, "_api_name": "fsi", "_api_timestamp": str(int((at or time.time()) * 1000)),
        "_api_version": "1.0.0",
    }  # fmt: skip
    text = "&".join(f"{name}={value}" for name, value in named.items())
    signature = base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()
    return {f"HTTP_{name.upper()}": value for name, value in {**named, "_api_signature": signature}.items()}


STYLES = {"tif": tif, "ca": ca, "api": api}


@pytest.fixture
def administrator(db):
    return make.staff(Role.ADMIN)


@pytest.fixture
def hospital(db, settings):
    settings.GATEWAY_UNSIGNED = False
    return Hospital(make.institution(CODE).code)


def signed(hospital, style, key, secret, sent=SIGN_IN, **how):
    body = json.dumps(hospital.message("9001", sent)).encode()
    return json.loads(hospital.post(body, **STYLES[style](key.name, secret, body, **how)).content)


def test_sm3_and_its_hmac_give_the_official_values():
    """GB/T 32905 appendix A; GM/T 0042 appendix D."""
    digests = [sm3(b"abc").hex(), sm3(b"abcd" * 16).hex()]
    codes = [
        hmac_sm3(bytes(range(1, 0x21)), b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2).hex(),
        hmac_sm3(bytes(range(1, 0x26)), b"\xcd" * 50).hex(),
        hmac_sm3(b"\x0b" * 32, b"Hi There").hex(),
        hmac_sm3(b"Jefe", b"what do ya want for nothing?").hex(),
    ]

    assert digests == [
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
    ]
    assert codes == [
        "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a",
        "220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae",
        "c0ba18c68b90c88bc07de794bfc7d2c8d19ec31ed8773bc2b390c9604e0be11e",
        "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882",
    ]


@pytest.mark.parametrize("style", STYLES)
def test_a_signed_call_is_served_and_anything_less_is_not(hospital, administrator, style):
    key, secret = make_key(administrator, CODE, style)
    of_another_style, its_secret = make_key(administrator, CODE, {"tif": "ca", "ca": "api", "api": "tif"}[style])

    assert signed(hospital, style, key, secret)["infcode"] == 0
    assert signed(hospital, style, key, secret, at=time.time() - 14 * 60)["infcode"] == 0
    for wrong in (
        signed(hospital, style, key, "another"),
        signed(hospital, style, of_another_style, its_secret),
        signed(hospital, style, GatewayKey(name="none"), secret),
        signed(hospital, style, key, secret, at=time.time() - 16 * 60),
        signed(hospital, style, key, secret, at=time.time() + 16 * 60),
        json.loads(hospital.post(hospital.message("9001", SIGN_IN)).content),
    ):
        assert wrong["infcode"] == -1
        assert wrong["err_msg"].startswith(UNREADABLE)


def test_the_minus_sign_of_some_clients_is_taken(hospital, administrator):
    key, secret = make_key(administrator, CODE, "ca")

    assert signed(hospital, "ca", key, secret, minus="-")["infcode"] == 0


@pytest.mark.parametrize("style", ["tif", "api"])
def test_a_used_signature_serves_the_same_body_alone(hospital, administrator, style):
    key, secret = make_key(administrator, CODE, style)
    body = json.dumps(hospital.message("9001", SIGN_IN)).encode()
    other = json.dumps(hospital.message("9001", SIGN_IN)).encode()
    headers = STYLES[style](key.name, secret, body)

    first, again, stolen = (hospital.post(each, **headers).content for each in (body, body, other))

    assert first == again
    assert json.loads(stolen)["err_msg"] == f"{UNREADABLE}：签名已用于另一报文"


def test_a_key_speaks_for_its_own_hospital_alone(hospital, administrator):
    make.institution("H11010100002")
    key, secret = make_key(administrator, "H11010100002", "tif")

    assert signed(hospital, "tif", key, secret)["err_msg"] == "定点医药机构编号与登录账户不符"


def test_two_keys_are_valid_while_a_hospital_goes_over_and_an_ended_one_no_more(hospital, administrator):
    first, secret = make_key(administrator, CODE, "tif")
    second, new_secret = make_key(administrator, CODE, "tif")
    with pytest.raises(WrongState) as refused:
        make_key(administrator, CODE, "tif")
    both = [signed(hospital, "tif", *pair)["infcode"] for pair in ((first, secret), (second, new_secret))]

    end_key(administrator, first)

    after = [signed(hospital, "tif", *pair, nonce="n2")["infcode"] for pair in ((first, secret), (second, new_secret))]
    assert refused.value.code == "two_keys"
    assert (both, after) == ([0, 0], [-1, 0])
    assert make_key(administrator, CODE, "ca")


def test_only_an_administrator_makes_keys_and_their_secrets_are_sealed(hospital, administrator):
    clerk = make.staff(Role.HOSPITAL, institution=Institution.objects.get())
    key, secret = make_key(administrator, CODE, "tif")

    with pytest.raises(Forbidden):
        make_key(clerk, CODE, "tif")
    with pytest.raises(Forbidden):
        end_key(clerk, key)
    with pytest.raises(NotFound):
        make_key(administrator, "H0", "tif")

    lies_as = GatewayKey.objects.get().__dict__["secret"]
    assert secret.encode() not in bytes(lies_as)


def test_unsigned_calls_are_taken_in_the_sandbox_from_this_machine_alone(hospital, settings):
    message = hospital.message("9001", SIGN_IN)

    def taken(**headers):
        return json.loads(hospital.post(message, **headers).content)["infcode"] == 0

    closed = taken()
    settings.GATEWAY_UNSIGNED = True

    assert not closed
    assert taken()
    assert taken(REMOTE_ADDR="::1")
    assert not taken(REMOTE_ADDR="192.0.2.1")
    assert not taken(HTTP_X_FORWARDED_FOR="192.0.2.1")
    assert not taken(HTTP_ORIGIN="https://example.org")


def test_a_key_that_has_ended_at_a_moment_to_come_is_still_valid(hospital, administrator):
    key, secret = make_key(administrator, CODE, "tif")
    GatewayKey.objects.update(ends_at=timezone.now() + timedelta(hours=1))

    assert signed(hospital, "tif", key, secret)["infcode"] == 0
