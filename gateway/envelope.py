"""The envelope of the interface: what is read of a request, how an answer looks.

Numbers are read and written exactly: no figure ever passes through a float.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from django.conf import settings

from core.clock import SHANGHAI
from gateway.fields import is_absent

DEEPEST = 24
LONGEST_MESSAGE, LONGEST_MSGID = 200, 64
UNREADABLE = "报文无法识别（加密或签名不符）"
NOT_SERVED = "本系统不办理交易{infno}"
INFNO = re.compile(r"([0-9]{4})([A-Z]?)")


class BadMessage(Exception):
    """A message that reaches no transaction; its sentence is for the hospital's engineers."""


@dataclass(frozen=True)
class Request:
    """An envelope, read; names in lower case, absent texts empty."""

    infno: str
    msgid: str
    fixmedins_code: str
    insuplc_admdvs: str
    mdtrtarea_admvs: str
    opter: str
    opter_name: str
    inf_time: str
    sign_no: str
    input: Mapping[str, Any]


# Reading


def parse(body: bytes) -> Request:
    """Read an envelope, whatever type it said it is. Raises BadMessage."""
    sent = _loads(_decoded(body))
    if not isinstance(sent, Mapping):
        raise BadMessage("报文应为JSON对象")
    texts = {name: _text(sent, name) for name in Request.__annotations__ if name != "input"}
    missing = [name for name in ("msgid", "fixmedins_code") if not texts[name]]
    if missing:
        raise BadMessage(f"报文缺少{'、'.join(missing)}")
    if len(texts["msgid"]) > LONGEST_MSGID:
        raise BadMessage(f"msgid超过{LONGEST_MSGID}个字符")
    return Request(**{**texts, "infno": texts["infno"].upper()}, input=_input(sent.get("input")))


def _decoded(body: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadMessage("报文应为UTF-8编码的JSON")


def _loads(text: str) -> Any:
    try:
        sent = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
        return _plain(sent)
    except (ValueError, RecursionError, ArithmeticError):
        raise BadMessage("报文不是有效的JSON") from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _plain(value: Any, depth: int = 0) -> Any:
    """Names in lower case (the last of two counts); no null character, no half character, nothing nested too deep."""
    if depth > DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, dict):
        return {_storable(name).lower(): _plain(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, depth + 1) for inner in value]
    return _storable(value) if isinstance(value, str) else value


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("null character")
    text.encode()  # a lone surrogate raises ValueError
    return text


def _text(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name)
    if is_absent(value):
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise BadMessage(f"报文的{name}应为文字")
    return str(value).strip()[:200]


def _input(sent: Any) -> Mapping[str, Any]:
    """The input: an object, or one written as a JSON text; a text that is none is encrypted."""
    if is_absent(sent):
        return {}
    if isinstance(sent, str):
        try:
            sent = _loads(sent)
        except BadMessage:
            raise BadMessage(UNREADABLE) from None
    if not isinstance(sent, Mapping):
        raise BadMessage("报文的input应为JSON对象")
    return sent


def canonical(sent: Mapping[str, Any]) -> str:
    """One spelling of an input, whatever the order of its names."""
    return json.dumps(sent, sort_keys=True, ensure_ascii=False, default=str, separators=(",", ":"))


def base_of(infno: str) -> str:
    """The transaction without its suffix: 2207A is 2207; "" for what is none."""
    found = INFNO.fullmatch(infno.strip().upper())
    return found[1] if found and found[2] in ("", "A") else ""


# Answering


def success(output: Mapping[str, Any] | None, *, area: str, received: datetime, now: datetime) -> bytes:
    """The answer of a transaction that was done."""
    number = f"{area:0<6.6}{now.astimezone(SHANGHAI):%Y%m%d%H%M%S}{secrets.randbelow(10**10):010d}"
    return _answer(0, number, None, output, received, now)


def refusal(message: str, *, received: datetime, now: datetime) -> bytes:
    """The answer of a transaction that was refused."""
    return _answer(-1, None, cut(message), None, received, now)


def refusal_before(message: str) -> bytes:
    """The answer to what reaches no transaction, as the platform has it."""
    return dumps({"type": "error", "infcode": _code(-1), "err_msg": cut(message)})


def _answer(
    code: int, number: str | None, message: str | None, output: Any, received: datetime, now: datetime
) -> bytes:
    return dumps(
        {
            "infcode": _code(code),
            "inf_refmsgid": number,
            "refmsg_time": stamp(received),
            "respond_time": stamp(now),
            "err_msg": message,
            "warn_msg": None,
            "cainfo": None,
            "signtype": None,
            "output": output,
        }
    )


def _code(code: int) -> int | str:
    return str(code) if settings.GATEWAY_INFCODE_AS_TEXT else code


def cut(message: str) -> str:
    """A sentence within what clients have room for."""
    return message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 1] + "…"


def stamp(moment: datetime) -> str:
    """yyyyMMddHHmmssSSS, in China."""
    local = moment.astimezone(SHANGHAI)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}"


def dumps(data: Any) -> bytes:
    """JSON of the interface: Decimals as numbers with at least two places, times as `yyyy-MM-dd HH:mm:ss`, dates as they are."""
    return orjson.dumps(data, _written, orjson.OPT_PASSTHROUGH_DATETIME)


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        text = f"{value:.2f}" if isinstance(exponent, int) and exponent > -2 else f"{value:f}"
        return orjson.Fragment(text.encode())
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
