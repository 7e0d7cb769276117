"""1201: designated institutions, by code or name; without either the hospital itself. All of it is public."""

from __future__ import annotations

from typing import Any

from gateway.call import Call, Output, Transaction, whole
from gateway.codes import FIXMEDINS_TYPE
from gateway.fields import node, text
from regions.models import Institution

MOST = 100
KIND = {"1": "hospital", "2": "pharmacy"}
CODE_OF = {kind: code for code, kind in KIND.items()}
TABLE = (
    node(
        "medinsinfo*",
        text("fixmedins_type*", "定点医疗服务机构类型", 6, FIXMEDINS_TYPE),
        text("fixmedins_name", "定点医药机构名称", 200),
        text("fixmedins_code", "定点医药机构编号", 12),
    ),
)


def search(call: Call) -> Output:
    """Those of the kind asked for."""
    said = call.given["medinsinfo"]
    rows = Institution.objects.filter(kind=KIND[said["fixmedins_type"]]).order_by("code")
    if said["fixmedins_code"]:
        rows = rows.filter(code=said["fixmedins_code"])
    elif said["fixmedins_name"]:
        rows = rows.filter(name__contains=said["fixmedins_name"])
    else:
        rows = rows.filter(code=call.institution.code)
    return {"medinsinfo": [_shown(row) for row in whole(rows, MOST, "请写全机构名称，或按机构编号查询")]}


def _shown(row: Institution) -> dict[str, Any]:
    return {
        "fixmedins_code": row.code,
        "fixmedins_name": row.name,
        "uscc": None,
        "fixmedins_type": CODE_OF[row.kind],
        "hosp_lv": str(row.level),
    }


TRANSACTIONS = (Transaction("1201", "医药机构信息获取", TABLE, search),)
