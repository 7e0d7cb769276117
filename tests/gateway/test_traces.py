"""What reached no transaction, or ended in 503, is found again: by its msgid in the staff's site, and in the log."""

import json

from structlog.testing import capture_logs

from gateway import views
from gateway.call import OutcomeUnknown
from gateway.models import GatewayCall
from tests.gateway.desk import HOSPITAL


def test_a_transaction_that_is_not_served_leaves_a_row_and_a_line_without_its_input(desk):
    message = desk.message("4101", {"data": {"psn_name": "王秀兰"}})

    with capture_logs() as logged:
        answers = [json.loads(desk.post(message).content) for _each in range(2)]

    rows = GatewayCall.objects.filter(msgid=message["msgid"])
    assert [row.state for row in rows] == ["refused"] * 2
    assert [(row.institution_id, row.full_infno, row.sent) for row in rows] == [(HOSPITAL, "4101", "")] * 2
    assert [json.loads(row.answer) for row in rows] == answers
    (line, _again) = [each for each in logged if each["event"] == "gateway_refused_before"]
    assert line == {
        "event": "gateway_refused_before", "log_level": "warning", "why": "本系统不办理交易4101", "infno": "4101",
        "msgid": message["msgid"], "institution": HOSPITAL,
    }  # fmt: skip


def test_who_is_not_known_leaves_a_line_alone(desk, settings):
    settings.GATEWAY_UNSIGNED = False

    with capture_logs() as logged:
        desk.post(desk.message("1201", {}))
        desk.post(b"{")

    assert not GatewayCall.objects.exists()
    assert [each["why"] for each in logged if each["event"] == "gateway_refused_before"] == [
        "报文无法识别（加密或签名不符）",
        "报文不是有效的JSON",
    ]


def test_a_call_of_which_nobody_knows_what_became_leaves_a_failed_row_and_is_done_when_it_comes_again(
    desk, monkeypatch
):
    message = desk.message("9001", {"signIn": {"opter_no": "0007", "mac": "x", "ip": "192.0.2.7"}})

    def busy(*given, **named):
        raise OutcomeUnknown

    with monkeypatch.context() as patched:
        patched.setattr(views, "answer", busy)
        unknown = desk.post(message)
    again = desk.post(message)

    assert (unknown.status_code, json.loads(again.content)["infcode"]) == (503, 0)
    assert {row.state for row in GatewayCall.objects.filter(msgid=message["msgid"])} == {"failed", "done"}
