"""Clients in the field differ: every shape of a message is served alike (address, type, names, numbers), and nothing hurts."""

import json
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.dispatch import SERVICES
from gateway.envelope import dumps, parse
from gateway.models import GatewayCall
from gateway.transactions import TRANSACTIONS
from tests.factories import institution
from tests.gateway.hospital import BASE, Hospital

pytestmark = pytest.mark.django_db
SIGN_IN = {"signIn": {"opter_no": "0007", "mac": "00-00-5E-00-53-01", "ip": "192.0.2.7"}}
UNKNOWN = {"type": "error", "infcode": -1}


@pytest.fixture
def hospital():
    return Hospital(institution(code="H11010100001").code)


def told(response):
    assert response.status_code == 200, response.content
    return json.loads(response.content)


@pytest.mark.parametrize(
    "path",
    [
        BASE,
        "/mbs-fsi/web/api/fsi/callService",
        "/mss/web/api/fsi/callService",
        "/fsi/api/9001",
        "/fsi/api/9001/",
        "/fsi/api/9001A",
        "/fsi/api/9002",
        "/mbs-fsi/web/api/fsi/callService/9001",
        "/fsi/api/signInSignOutService/signIn",
        "/fsi/api/signinsignoutservice/signin",
        "/fsi/api/anotherService/ofAProvince",
        "/fsi/api",
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain;charset=utf-8", "application/x-www-form-urlencoded"])  # fmt: skip
def test_every_address_and_type_leads_to_the_transaction(hospital, path, content_type):
    answer = told(hospital.post(hospital.message("9001", SIGN_IN), path=path, content_type=content_type))

    assert answer["infcode"] == 0


@pytest.mark.parametrize("path", ["/fsi/api/signInSignOutService/signOut", "/fsi/api/reverseService/revsMethod"])  # fmt: skip
def test_an_address_of_another_transaction_is_refused_as_unknown(hospital, path):
    answer = told(hospital.post(hospital.message("9001", SIGN_IN), path=path))

    assert answer == {**UNKNOWN, "err_msg": "本系统不办理交易9001"}


def test_every_path_of_the_table_leads_to_a_transaction_that_is_served():
    assert {infno for infnos in SERVICES.values() for infno in infnos} <= set(TRANSACTIONS)


@pytest.mark.parametrize(
    ("infno", "sentence"),
    [
        *((infno, f"本系统不办理交易{infno}") for infno in ("1301", "1901", "2101", "2507", "4101A", "90100", "", "X" * 40)),
        *((infno, "门诊慢特病认定和定点由患者在小程序申请，医院端不能代办") for infno in ("2503", "2504", "2505", "2506")),
        *((infno, "清算由经办机构办理，本接口只提供对账") for infno in ("3203", "3204", "3260", "3261", "3262")),
    ],
)  # fmt: skip
def test_what_is_not_served_is_refused_with_its_sentence(hospital, infno, sentence):
    answer = told(hospital.post(hospital.message(infno, {})))

    assert answer["infcode"] == -1
    assert answer["err_msg"][:20] == sentence[:20]


def shapes(hospital):
    """The same message as clients send it."""
    plain = hospital.message("9001", SIGN_IN)
    yield plain
    yield {**plain, "input": json.dumps(SIGN_IN)}
    yield {**{name: value for name, value in plain.items() if name != "input"}, "Input": SIGN_IN}
    yield {**plain, "input": {"SIGNIN": [{"OPTER_NO": 7, "mac": "x", "ip": "1", "exp_content": {"a": []}}]}}
    yield {**plain, "infno": 9001, "inf_time": "2026-11-20T10:00:00", "sign_no": None, "more": {"x": 1}, "cainfo": None}
    yield {**plain, "infno": "9001A", "msgid": "H1101010000120261120080000" + "9999"}
    yield {**plain, "inf_time": "1999-01-01 00:00:00", "opter": 7, "mdtrtarea_admvs": "", "signtype": "SM3"}


@pytest.mark.parametrize("which", range(7))
def test_every_shape_of_a_message_is_taken(hospital, which):
    message = list(shapes(hospital))[which]

    assert told(hospital.post(message))["infcode"] == 0


def test_two_of_a_name_the_last_counts_and_other_encodings_are_read(hospital):
    message = json.dumps(hospital.message("9001", SIGN_IN), ensure_ascii=False)
    doubled = message.replace('{"infno": "9001"', '{"infno": "1301", "infno": "9001"')

    for body in (doubled.encode(), b"\xef\xbb\xbf" + message.encode(), message.encode("gb18030")):
        assert told(hospital.post(body))["infcode"] == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"input": "pXk3q9=="}, "报文无法识别（加密或签名不符）"),
        ({"input": [1]}, "报文的input应为JSON对象"),
        ({"msgid": ""}, "报文缺少msgid"),
        ({"msgid": "x" * 65}, "msgid超过64个字符"),
        ({"fixmedins_code": "null"}, "报文缺少fixmedins_code"),
        ({"fixmedins_code": "H99999999999"}, "定点医药机构编号与登录账户不符"),
        ({"infno": {"a": 1}}, "报文的infno应为文字"),
    ],
)
def test_an_envelope_that_says_nothing_is_refused_before(hospital, change, sentence):
    answer = told(hospital.post({**hospital.message("9001", SIGN_IN), **change}))

    assert answer == {**UNKNOWN, "err_msg": sentence}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"7", b"{", b'{"a": NaN}', b'{"a": "\\ud800"}', b'{"a": "\\u0000"}', b"[" * 100_000,
        b'{"a":' * 30 + b"1" + b"}" * 30, b"1" * 5000, b"\xff\xfe\x00",
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused_before(hospital, body):
    answer = told(hospital.post(body))

    assert {name: answer[name] for name in UNKNOWN} == UNKNOWN


def test_other_methods_and_too_much_are_turned_away(hospital):
    assert hospital.client.get(BASE).status_code == 405
    assert hospital.post(b"x" * (6 * 1024 * 1024 + 1)).status_code == 413


def test_infcode_is_a_number_or_by_setting_a_text(hospital, settings):
    number = hospital.post(hospital.message("9001", SIGN_IN)).content
    settings.GATEWAY_INFCODE_AS_TEXT = True
    text = told(hospital.post(hospital.message("9001", SIGN_IN)))

    assert number.startswith(b'{"infcode":0,')
    assert (text["infcode"], told(hospital.post(hospital.message("1301", {})))["infcode"]) == ("0", "-1")


def test_figures_are_written_and_read_exactly():
    body = b'{"infno":"9001","msgid":"1","fixmedins_code":"H1","input":{"a":{"sum":90071992547409.93}}}'

    read = parse(body).input["a"]["sum"]

    assert dumps({"sum": read, "two": read.__class__("5"), "ratio": read.__class__("0.0525")}) == (
        b'{"sum":90071992547409.93,"two":5.00,"ratio":0.0525}'
    )


def test_a_message_that_fails_by_our_fault_is_unknown_and_runs_when_it_comes_again(hospital, monkeypatch):
    message = hospital.message("9001", SIGN_IN)
    monkeypatch.setattr("gateway.dispatch.envelope.success", lambda *args, **named: 1 / 0)

    failed = hospital.post(message)
    monkeypatch.undo()

    assert (failed.status_code, failed.content) == (503, b"")
    assert GatewayCall.objects.get().state == "failed"
    assert told(hospital.post(message))["infcode"] == 0
    assert GatewayCall.objects.get().state == "done"


def test_a_refusal_is_the_answer_to_the_same_message_for_good(hospital):
    message = hospital.message("9001", {"signIn": {}})

    first, again = hospital.post(message).content, hospital.post(message).content

    assert first == again
    assert GatewayCall.objects.get().state == "refused"


# Whatever comes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(string.ascii_lowercase, max_size=12), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
NODES = sorted({part.name for each in TRANSACTIONS.values() for part in each.table})
FIELDS = sorted({field.name for each in TRANSACTIONS.values() for part in each.table for field in part.fields})


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    infno=st.sampled_from(sorted(TRANSACTIONS)) | st.text(max_size=6),
    sent=VALUES | st.dictionaries(st.sampled_from(NODES), st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6)),
    envelope=st.dictionaries(
        st.sampled_from(["msgid", "opter", "opter_name", "sign_no", "inf_time", "infver"]), VALUES
    ),
)
def test_whatever_comes_there_is_an_answer(hospital, infno, sent, envelope):
    message = {**hospital.message(infno, sent), **envelope}

    response = hospital.post(message)

    assert response.status_code == 200, message
    assert (
        len(json.loads(response.content if b"infcode" in response.content else b'{"err_msg":""}')["err_msg"] or "")
        <= 200
    )
