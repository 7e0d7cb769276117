"""What a transaction is given, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import Account
from core.errors import Refusal
from gateway.fields import Table
from gateway.models import GatewayCall
from regions.models import Institution

MOST, IN_PARTS = 500, "请缩短开始时间和结束时间，分段查询"
"""How many rows a query answers, and what to do about more."""


class Refused(Refusal):
    """A business refusal: `infcode` -1 with this sentence (at most 200 characters, the most useful first), HTTP 200."""

    code = "refused"


def whole(rows: QuerySet[Any], most: int, advice: str) -> list[Any]:
    """All rows of an answer. Raises Refused where they are too many: nobody is given a part as if it were all."""
    found = list(rows[: most + 1])
    if len(found) > most:
        raise Refused(f"查询结果超过{most}条，{advice}", code="too_many_rows")
    return found


class OutcomeUnknown(Exception):
    """Nobody can say yet what became of the call: HTTP 503 without an envelope, so that the client asks again or takes it back."""


@dataclass(frozen=True)
class Attachment:
    """What 9102 answers instead of an envelope: a file."""

    content: bytes
    filename: str


@dataclass(frozen=True)
class Call:
    """One call of a hospital, read.

    `infno` is without the suffix A, `full_infno` as it was sent; `input` is what was sent (names in lower case), `given` what
    the transaction's table made of it; `found` is what its `before` found. What a later 2601 needs is written into `record`
    (`settlement`, `visit`), which is stored with the answer.
    """

    infno: str
    full_infno: str
    msgid: str
    institution: Institution
    account: Account
    insuplc_admdvs: str
    mdtrtarea_admvs: str
    opter: str
    opter_name: str
    inf_time: str
    sign_no: str
    input: Mapping[str, Any]
    digest: str
    now: datetime
    address: str
    record: GatewayCall
    given: Mapping[str, Any]
    found: Any = None


Output = Mapping[str, Any] | Attachment | None


@dataclass(frozen=True)
class Transaction:
    """A transaction that is served: what it reads, and what it does.

    `handle` runs in one transaction of the database with the record of the call: a refusal rolls back all it wrote. What must
    stay whatever follows (a code that was read, a look-up on record) is done by `before`, outside of it, and not again where
    the answer is known already. `reversible`: 2601 may take it back. `once`: the same call again gets the first answer.
    """

    infno: str
    name: str
    table: Table
    handle: Callable[[Call], Output]
    before: Callable[[Call], Any] | None = None
    reversible: bool = False
    once: bool = True
