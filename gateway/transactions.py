"""Every transaction that is served, by its number without suffix; and the sentences of those that are not."""

from __future__ import annotations

from collections.abc import Mapping

from gateway import (
    benefits,
    files,
    institutions,
    outpatients,
    persons,
    queries,
    recalling,
    referring,
    signing_in,
    statements,
    stays,
)
from gateway.call import Transaction
from gateway.envelope import NOT_SERVED

SERVED = (
    *signing_in.TRANSACTIONS,
    *institutions.TRANSACTIONS,
    *persons.TRANSACTIONS,
    *benefits.TRANSACTIONS,
    *referring.TRANSACTIONS,
    *files.TRANSACTIONS,
    *statements.TRANSACTIONS,
    *outpatients.TRANSACTIONS,
    *stays.TRANSACTIONS,
    *recalling.TRANSACTIONS,
    *queries.TRANSACTIONS,
)
TRANSACTIONS: Mapping[str, Transaction] = {each.infno: each for each in SERVED}

ELSEWHERE = "门诊慢特病认定和定点由患者在小程序申请，医院端不能代办"
CLEARING = "清算由经办机构办理，本接口只提供对账"
REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("2503", "2504", "2505", "2506"), ELSEWHERE),
    **dict.fromkeys(("3203", "3204", "3260", "3261", "3262"), CLEARING),
}


def not_served(infno: str, base: str) -> str:
    """Why a transaction is not served."""
    return REFUSED.get(base) or NOT_SERVED.format(infno=infno[:20])
