"""9101 and 9102: files go in and out, each hospital's own, kept for a week."""

from __future__ import annotations

import base64
import re
import secrets
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from core import clock
from core.retention import Retention
from gateway.call import Attachment, Call, Output, Refused, Transaction
from gateway.fields import content, node, text
from gateway.models import GatewayFile
from regions.models import Institution

KEPT = timedelta(days=7)
UPLOAD = (
    node(
        "fsuploadin*",
        content("in*", "文件数据", 4 * 1024 * 1024),
        text("filename*", "文件名", 200),
        text("fixmedins_code*", "定点医药机构编号", 12),
    ),
)
DOWNLOAD = (
    node(
        "fsdownloadin*",
        text("file_qury_no*", "文件查询号", 30),
        text("filename*", "文件名", 200),
        text("fixmedins_code*", "定点医药机构编号", 12),
    ),
)


def store(institution: Institution, filename: str, data: bytes) -> GatewayFile:
    """Keep a file for its hospital."""
    number = f"{institution.area_id[:6]}{clock.now():%Y%m%d%H%M%S}{secrets.randbelow(10**10):010d}"
    coded = base64.b64encode(data).decode()
    return GatewayFile.objects.create(institution=institution, number=number, filename=filename, content=coded)


def fetch(institution: Institution, number: str) -> tuple[GatewayFile, bytes]:
    """A file of this hospital and what is in it. Raises Refused."""
    fresh = GatewayFile.objects.filter(created_at__gt=timezone.now() - KEPT)
    row = fresh.filter(institution=institution, number=number).first()
    if row is None:
        raise Refused(f"没有查到该文件（file_qury_no），文件只保留{KEPT.days}天，请重新上传", code="file_unknown")
    return row, base64.b64decode(row.content)


def ends_at(row: GatewayFile) -> datetime:
    """dld_endtime: until when it is there."""
    return row.created_at + KEPT


def purge_files() -> int:
    """Delete the files older than a week of machine time; return how many."""
    return FILES.purge()


FILES = Retention(GatewayFile, lambda now: Q(created_at__lte=now - KEPT))


def _require_own(call: Call, code: str) -> None:
    if code != call.institution.code:
        raise Refused("定点医药机构编号与登录账户不符", code="not_yours")


def upload(call: Call) -> Output:
    """9101."""
    said = call.given["fsuploadin"]
    _require_own(call, said["fixmedins_code"])
    row = store(call.institution, said["filename"], said["in"])
    return {
        "file_qury_no": row.number,
        "filename": row.filename,
        "fixmedins_code": call.institution.code,
        "dld_endtime": ends_at(row),
    }


def download(call: Call) -> Output:
    """9102: the file itself."""
    said = call.given["fsdownloadin"]
    _require_own(call, said["fixmedins_code"])
    row, data = fetch(call.institution, said["file_qury_no"])
    return Attachment(data, re.sub(r"[^0-9A-Za-z._-]", "_", row.filename))


TRANSACTIONS = (
    Transaction("9101", "文件上传", UPLOAD, upload),
    Transaction("9102", "文件下载", DOWNLOAD, download, once=False),
)
