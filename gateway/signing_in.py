"""9001 and 9002: an operator signs in for the day and out. No other transaction asks for the number."""

from __future__ import annotations

from gateway.call import Call, Output, Transaction
from gateway.fields import node, text

SIGN_IN = (
    node("signin*", text("opter_no*", "操作员编号", 20), text("mac*", "MAC地址", 20), text("ip*", "IP地址", 20)),
)
SIGN_OUT = (node("signout*", text("sign_no*", "签到编号", 30), text("opter_no*", "操作员编号", 20)),)


def sign_in(call: Call) -> Output:
    """A number for the operator's day."""
    number = f"S{call.now:%Y%m%d}{call.record.pk.int % 10**12:012d}"
    return {"signinoutb": {"sign_time": call.now, "sign_no": number}}


def sign_out(call: Call) -> Output:
    """Any number is taken: nothing hangs on it."""
    return {"signoutoutb": {"sign_time": call.now}}


TRANSACTIONS = (
    Transaction("9001", "签到", SIGN_IN, sign_in),
    Transaction("9002", "签退", SIGN_OUT, sign_out),
)
