"""Examples for the OpenAPI document. All persons are invented."""

from typing import Any

TOKEN: dict[str, Any] = {
    "token": "4f0c…c21e",
    "expires_at": "2026-12-21T10:00:00+08:00",
    "account": {"id": "019ab7a2-6a1c-7c3e-9d52-0f3a5b8c1d2e", "nickname": "wang", "role": "citizen"},
}
STAFF_TOKEN: dict[str, Any] = {
    "token": "9be1…07aa",
    "expires_at": "2026-11-21T22:00:00+08:00",
    "account": {"id": "019ab7a2-6a1c-7c3e-9d52-0f3a5b8c1d2f", "nickname": "cq-reviewer", "role": "reviewer"},
}
ACCOUNT: dict[str, Any] = {
    **TOKEN["account"],
    "area": None,
    "area_name": None,
    "institution": None,
    "institution_name": None,
    "person": "019ab7a2-6b00-7d41-8f66-5a2c9e7b3f10",
    "unread": 2,
}
ACTIVE: dict[str, Any] = {
    "id": "019ab7a2-6b00-7d41-8f66-5a2c9e7b3f10",
    "name": "王*兰",
    "id_number": "1101**********0028",
    "relation": "self",
    "birth_date": "1955-03-07",
    "mandate": {
        "id": "019ab7a2-6c00-7a11-8a22-1b2c3d4e5f60",
        "status": "active",
        "proof": "code",
        "until": None,
    },
    "enrollments": [
        {
            "id": "019ab7a2-6d00-7b22-9b33-2c3d4e5f6071",
            "area": "500000",
            "area_name": "重庆市",
            "insurance": "employee",
            "category": "retired",
            "tier": 1,
            "status": "active",
            "valid_from": "2015-01-01",
            "valid_until": None,
        }
    ],
}
PENDING: dict[str, Any] = {
    **ACTIVE,
    "name": None,
    "id_number": None,
    "birth_date": None,
    "mandate": {**ACTIVE["mandate"], "status": "pending"},
    "enrollments": [],
}
BIND: dict[str, Any] = {"name": "王秀兰", "id_number": "110101195503070028", "relation": "self", "consent": True}
VOUCHER: dict[str, Any] = {
    "token": "M4T8Q0ZK3W9XHCV7N2B5RDJ1PGE",
    "expires_at": "2026-11-21T10:03:00.000000+08:00",
    "expires_in": 180,
    "qr_svg": '<svg xmlns="http://www.w3.org/2000/svg" …></svg>',
}
MANDATE: dict[str, Any] = {
    "id": "019ab7a2-6e00-7c44-8d55-3e4f50617283",
    "mine": False,
    "holder": "李*",
    "person": {"id": "019ab7a2-6b00-7d41-8f66-5a2c9e7b3f10", "name": "王*兰"},
    "relation": "parent",
    "proof": "approval",
    "status": "pending",
    "asked_at": "2026-11-21T10:00:00+08:00",
    "active_from": None,
    "ended_at": None,
    "until": None,
    "actions": ["approve", "revoke"],
}
AGREED: dict[str, Any] = {
    **MANDATE,
    "status": "active",
    "active_from": "2026-11-21T11:30:00+08:00",
    "actions": ["revoke"],
}
REVOKED: dict[str, Any] = {**AGREED, "status": "ended", "ended_at": "2026-11-22T09:00:00+08:00", "actions": []}
MESSAGE: dict[str, Any] = {
    "id": "019ab7a2-7000-7e66-8f77-506172839405",
    "kind": "approved",
    "title": "异地就医备案已通过",
    "text": "您到北京市的异地就医备案已通过，自2026年11月21日起生效。",
    "submission": "019ab7a2-7100-7f77-9088-617283940516",
    "created_at": "2026-11-21T15:00:00+08:00",
    "read_at": None,
}
READ: dict[str, Any] = {**MESSAGE, "read_at": "2026-11-21T15:05:00+08:00"}
