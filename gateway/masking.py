"""A message as administrators may read it: figures, codes and times; names, numbers of certificates and free text masked."""

from __future__ import annotations

import json
import re
from typing import Any

from core.sealing import mask_id_number, mask_name, mask_phone

SHOWN = re.compile(
    r"infcode|infno|err_msg|inf_refmsgid|refmsg_time|respond_time|psn_no|mdtrt_id|setl_id|medins_setl_id|o?msgid|oinfno|sign_no"
    r"|opter_no|feedetl_sn|init_feedetl_sn|chrg_bchno|file_qury_no|trt_dcla_detl_sn|insutype|med_type|clr_\w+|setl_optins"
    r"|stmt_\w+|fund_pay_type\w*|med_list_codg|medins_list_codg|fixmedins_\w+|insuplc_admdvs|mdtrtarea_\w+|cnt|pric|\w+_cnt"
    r"|\w+_(amt|amout|sumamt|ownpay_amt|pay|selfpay|payamt|prop|flag|lv|type|time|date|dedc)|begntime|endtime|begndate|enddate"
    r"|balc|selfpay_prop|pool_prop_selfpay|\w+_pay_\w+|trt_enjymnt_flag"
)
PERSONS = (
    "psn_name",
    "opter_name",
    "coner_name",
    "dr_name",
    "chfpdr_name",
    "bilg_dr_name",
    "dise_dor_name",
    "agnter_name",
)
NUMBERS = ("certno", "mdtrt_cert_no", "card_sn")
PHONES = ("tel", "agnter_tel")
HIDDEN = "***"
TOO_LONG = "（内容过长，未保存全文）"


def masked(text: str) -> str:
    """A message, or its input, as JSON to be read; what was stored cut off is not shown."""
    if not text:
        return ""
    try:
        message = json.loads(text)
    except ValueError:
        return TOO_LONG
    return json.dumps(_masked(message), ensure_ascii=False, indent=2)


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _masked(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, name) for inner in value]
    if value in (None, "") or SHOWN.fullmatch(name.lower()):
        return value
    return _hidden(str(value), name.lower())


def _hidden(text: str, name: str) -> str:
    if name in NUMBERS:
        return mask_id_number(text)
    if name in PHONES:
        return mask_phone(text)
    return mask_name(text) if name in PERSONS else HIDDEN
