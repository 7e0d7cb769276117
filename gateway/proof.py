"""The proof of identity that a visit is opened by: an insurance code, read once, or the ID number of whom 1101 identified.

A look-up by number is limited, on record and told to the person, as at the till (`settlements.till.identify`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import Voucher, id_hash
from accounts.services import vouchers
from core.errors import WrongState
from core.text import identity
from gateway.call import Call, Refused
from gateway.models import KnownPerson, Visit
from gateway.models.visits import Means
from gateway.persons import proof_stands, require_proof
from settlements.till import put_on_record

BY_CODE, BY_NUMBER = "01", "02"
NO_CERTIFICATE = "请扫医保码，或用身份证号码办理"
ANOTHER = "就诊凭证与人员编号不是同一人，请重新读取人员信息（1101）"
REASON = "医院通过国家平台接口登记就诊（{infno}）"


@dataclass(frozen=True)
class Proof:
    """Whom a call named and by what they proved it; `opened`: the visit that the same call opened before, which needs none."""

    known: KnownPerson
    means: Means = Means.IDENTITY
    code: Voucher | None = None
    opened: Visit | None = None
    stands: bool = False
    """The code is the one that 1101 read within a day: used or not, it proves the same."""

    @property
    def voucher(self) -> UUID | None:
        return self.code.pk if self.code else None

    def use(self, visit: UUID) -> None:
        """The code serves this visit and no bill of a till; one that 1101 read serves others of its day too.

        Raises WrongState `voucher_used` (a rival used it)."""
        if self.code is None:
            return
        try:
            vouchers.use(self.code, visit)
        except WrongState:
            if not self.stands:
                raise


def prove(call: Call, known: KnownPerson, said: Mapping[str, Any]) -> Proof:
    """Prove that the person who is named is there, outside the transaction of what follows: it stays on record.

    Raises Refused; NotFound, WrongState or TooMany of the code.
    """
    means, shown = said["mdtrt_cert_type"], said["mdtrt_cert_no"]
    if means == BY_CODE:
        return _by_code(call, known, shown)
    if means == BY_NUMBER:
        return _by_number(call, known, shown)
    raise Refused(NO_CERTIFICATE, code="certificate_type")


def _by_code(call: Call, known: KnownPerson, token: str) -> Proof:
    if known.means == Means.VOUCHER and proof_stands(known):
        first = vouchers.read_before(token, call.institution.code, known.voucher)
        if first is not None:
            return Proof(known, Means.VOUCHER, first, stands=True)
    vouchers.bind(token, call.institution.code)
    voucher = vouchers.read(token, call.institution.code)
    if voucher.person_id != known.person_id:
        raise Refused(ANOTHER, code="another_person")
    return Proof(known, Means.VOUCHER, voucher)


def _by_number(call: Call, known: KnownPerson, number: str) -> Proof:
    """The number alone says little: 1101 has to have found its holder by name and number, or code, within a day.

    It told the hospital the number, so there is nothing left to guess, and no limit is spent again.
    """
    require_proof(known)
    if id_hash(identity(number)) not in (known.person.id_hash, known.person.number_hash):
        raise Refused(ANOTHER, code="another_person")
    put_on_record(call.account, known.person, REASON.format(infno=call.infno))
    return Proof(known)
