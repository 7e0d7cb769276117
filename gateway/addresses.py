"""The three ways in which clients address a transaction: one address, its number behind a base, a path for each service."""

from __future__ import annotations

from gateway.envelope import INFNO

SERVICES = {
    "signInSignOutService/signIn": {"9001"},
    "signInSignOutService/signOut": {"9002"},
    "fileupload/upload": {"9101"},
    "fileupload/download": {"9102"},
    "fsiFixMedInsService/queryFixMedIns": {"1201"},
    "fsiPsnInfoService/queryPsnInfo": {"1101"},
    "fsiPsnPriorityInfoService/queryPsnPriorityInfo": {"2001"},
    "outpatientDocInfoService/outpatientRregistration": {"2201"},
    "outpatientDocInfoService/outpatientRegistrationCancel": {"2202"},
    "outpatientDocInfoService/outpatientMdtrtinfoUp": {"2203"},
    "outpatientDocInfoService/outpatientMdtrtinfoUpA": {"2203"},
    "outpatientDocInfoService/outpatientFeeListUp": {"2204"},
    "outpatientDocInfoService/outpatientFeeListUpCancel": {"2205"},
    "outpatientSettleService/preSettletment": {"2206"},
    "outpatientSettleService/preSettletmentA": {"2206"},
    "outpatientSettleService/saveSettletment": {"2207"},
    "outpatientSettleService/saveSettletmentA": {"2207"},
    "outpatientSettleService/saveSettletmentV2": {"2207"},
    "outpatientSettleService/cancleSettletment": {"2208"},
    "hospitalRegisterService/hospitalRegisterSave": {"2401"},
    "hospitalRegisterService/hospitalRegisterEdit": {"2403"},
    "hospitalRegisterService/hospitalRegisterCancel": {"2404"},
    "dscgService/dischargeProcess": {"2402"},
    "dscgService/dischargeUndo": {"2405"},
    "hospFeeDtlService/feeDtlUp": {"2301"},
    "hospFeeDtlService/feeDtlCl": {"2302"},
    "hospSettService/preSett": {"2303"},
    "hospSettService/preSettA": {"2303"},
    "hospSettService/sett": {"2304"},
    "hospSettService/settA": {"2304"},
    "hospSettService/settV2": {"2304"},
    "hospSettService/settCl": {"2305"},
    "reverseService/revsMethod": {"2601"},
    "ybSettlementStmtService/stmtTotal": {"3201"},
    "ybSettlementStmtService/stmt": {"3201"},
    "ybSettlementStmtService/stmtDetail": {"3202"},
    "fsiIntegratedQueryService/querySetlInfo": {"5203"},
    "fsiIntegratedQueryService/queryFeeList": {"5204"},
    "fsiIntegratedQueryService/queryInhospInfo": {"5303"},
    "fsiIntegratedQueryService/queryPsnOpspReg": {"5301"},
}
"""By the path below the base, the transactions (without suffix) that belong to it; other paths go by `infno` alone."""

_BY_PATH = {path.lower(): infnos for path, infnos in SERVICES.items()}


def meant(path: str, infno: str, base: str) -> str:
    """The transaction a call means: `infno`, which the address may say in its stead; "" where a service's path is another's.

    `base` is `infno` without its suffix.
    """
    path = path.strip("/")
    last = path.rpartition("/")[2].upper()
    if INFNO.fullmatch(last):
        return infno or last
    served = _BY_PATH.get(path.lower())
    return infno if served is None or base in served else ""
