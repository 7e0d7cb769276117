"""What a message looks like on the way in and out (NATIONAL interface: envelope and conventions)."""

import json

import pytest

from tests.factories import institution
from tests.gateway.hospital import Hospital

pytestmark = pytest.mark.django_db
SIGN_IN = {"signIn": {"opter_no": "0007", "mac": "00-00-5E-00-53-01", "ip": "192.0.2.7"}}


@pytest.fixture
def hospital():
    return Hospital(institution(code="H11010100001").code)


def test_a_message_is_answered_in_the_envelope_of_the_interface(hospital):
    answer = hospital.send("9001", SIGN_IN)

    assert list(answer) == [
        "infcode", "inf_refmsgid", "refmsg_time", "respond_time", "err_msg", "warn_msg", "cainfo", "signtype", "output",
    ]  # fmt: skip
    assert (answer["infcode"], answer["err_msg"]) == (0, None)
    assert len(answer["inf_refmsgid"]) == 30
    assert len(answer["refmsg_time"]) == len(answer["respond_time"]) == 17
    assert answer["output"]["signinoutb"].keys() == {"sign_time", "sign_no"}


def test_the_same_message_gets_the_first_answer_and_another_with_its_msgid_its_own(hospital):
    message = hospital.message("9001", SIGN_IN)
    other = {**message, "input": {"signIn": {**SIGN_IN["signIn"], "opter_no": "0008"}}}

    first, again, third = (hospital.post(each).content for each in (message, message, other))

    assert first == again
    assert json.loads(third)["output"] != json.loads(first)["output"]


def test_what_is_refused_says_why_and_what_is_unknown_is_refused_before(hospital):
    missing = hospital.send("9001", {"signIn": {"opter_no": "", "mac": "null", "ip": None}})
    unknown = json.loads(hospital.post(hospital.message("1301", {})).content)

    assert (missing["infcode"], missing["inf_refmsgid"], missing["output"]) == (-1, None, None)
    assert missing["err_msg"] == "操作员编号（opter_no）未填写；MAC地址（mac）未填写；IP地址（ip）未填写"
    assert unknown == {"type": "error", "infcode": -1, "err_msg": "本系统不办理交易1301"}
