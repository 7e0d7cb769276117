"""What people take along and leave behind: all their data as one download, and what is still open before an account closes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field
from typing_extensions import TypedDict

from accounts import presenting
from accounts.limits import Limit
from accounts.models import Account, Mandate, Message, Relation
from accounts.services.inbox import tell
from accounts.services.mandates import identity_of
from core.hooks import Hook
from core.http.json import dumps

EXPORTS = Limit("export")
log = structlog.get_logger(__name__)


class Entry(NamedTuple):
    """One file of the download; `packed`: what is packed already (a photo, a PDF) is not packed again."""

    name: str
    content: bytes
    packed: bool = False


class Matter(NamedTuple):
    """Something that is still open: what it is, of whom, how it stands; `id` of the submission it is about."""

    kind: str
    label: str
    id: UUID
    number: str
    person_name: str
    about: str
    open: list[str]


exporting = Hook[[Account]]("account exported")
"""Somebody downloads their data: higher apps answer an iterator of `Entry`, each read when its turn comes."""

closing = Hook[[Account]]("account may close")
"""Somebody thinks of closing their account: higher apps answer lists of `Matter`."""


def export(account: Account) -> Iterator[bytes]:
    """All that is held of an account, as the bytes of a ZIP, entry by entry. Raises TooMany before the first of them."""
    EXPORTS.spend(account.pk)
    now = timezone.now()
    tell(
        account,
        key=f"exported:{now.isoformat()}",
        kind="exported",
        title=_("您下载了全部数据"),
        text=_("如非您本人操作，请立即退出登录，并联系参保地经办机构或12393。"),
    )
    log.info("account_exported", account=str(account.pk))
    return _zipped(account)


def open_matters(account: Account) -> list[Matter]:
    """What is still open of an account: filings in force, running cases, promised documents, money on its way."""
    return [matter for matters in closing(account) for matter in matters]


def json_entry(name: str, content: Any) -> Entry:
    return Entry(f"{name}.json", dumps(content))


def _zipped(account: Account) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in _entries(account):
            archive.writestr(entry.name, entry.content, zipfile.ZIP_STORED if entry.packed else None)
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Where an archive is written that leaves piece by piece: it cannot be gone back in, so nothing is kept."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self.pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """What was written since, once."""
        pieces, self.pieces = self.pieces, []
        return b"".join(pieces)


def _entries(account: Account) -> Iterator[Entry]:
    yield Entry("说明.txt", str(README).encode())
    yield json_entry("account", presenting.account_row(account))
    yield json_entry("persons", _persons(account))
    mandates = Mandate.objects.concerning(account).select_related("person", "account")
    yield json_entry("mandates", presenting.mandate_rows(list(mandates), account))
    yield json_entry("messages", presenting.message_rows(list(Message.objects.filter(account=account))))
    for entries in exporting(account):
        yield from entries


def _persons(account: Account) -> list[dict[str, Any]]:
    """Whom the account may act for, as the API shows them; oneself in full."""
    rows = Mandate.objects.active().filter(account=account).select_related("person")
    return [{**presenting.person_row(row), **(_in_full(row) if row.relation == Relation.SELF else {})} for row in rows]


def _in_full(mandate: Mandate) -> dict[str, str]:
    person = mandate.person
    return {"name": person.name, "id_number": person.id_number, "phone": person.phone}


def is_oneself(account: Account, person_id: UUID) -> bool:
    """Whether the account is proved to be this person, whose data is then theirs in full."""
    me = identity_of(account)
    return me is not None and me.pk == person_id


README = gettext_lazy(
    """这是您在异地就医备案中的全部数据。

account.json      您的账户
persons.json      您可以代办的人和参保关系（本人的姓名和号码完整，家人的打了星号）
mandates.json     谁授权谁代办
messages.json     您收到的消息
submissions/      备案、转诊、慢特病认定、补交的材料、手工报销，一件一个文件：内容、审核意见、办理经过
bills/            直接结算和手工报销的账单，一张一个文件：金额、每一行的算式和依据
files/            随申请上传的照片和 PDF，按受理编号存放

.json 是通用的文本格式，用任何文本编辑器都能打开。请妥善保管，不要发给不认识的人。
"""
)


# As it is answered


class MatterShape(TypedDict):
    """Something of the account that is still open."""

    kind: Annotated[str, Field(description="filing | referral | recognition | proof | claim")]
    label: str
    id: str
    number: str
    person_name: str
    about: str
    open: Annotated[list[str], Field(description="生效中、正在审核、承诺的材料还没有补交、报销款等待支付……")]


class ClosingShape(TypedDict):
    matters: list[MatterShape]
