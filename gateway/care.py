"""What kind of care a med_type (医疗类别) is, and which kinds and insurances are settled across provinces at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from gateway.call import Refused
from gateway.codes import SERVED_INSUTYPE
from policies.language.terms import Care


class Kind(NamedTuple):
    """The care of a bill, and whether it is an emergency's."""

    care: Care
    emergency: bool = False


OUTPATIENT: Mapping[str, Kind] = {
    **dict.fromkeys(("11", "12"), Kind("outpatient")),
    "13": Kind("outpatient", emergency=True),
    **dict.fromkeys(("14", "140104", "140201"), Kind("chronic")),
}
INPATIENT: Mapping[str, Kind] = {
    **dict.fromkeys(("21", "23", "25", "26", "28"), Kind("inpatient")),
    **dict.fromkeys(("24", "210104"), Kind("inpatient", emergency=True)),
}
INSUTYPE: Mapping[str, str] = {insurance: code for code, insurance in SERVED_INSUTYPE.items()}


def kind_of(med_type: str, *, inpatient: bool) -> Kind:
    """The care of a bill. Raises Refused where it is not settled directly, or is no care of such a visit."""
    found = (INPATIENT if inpatient else OUTPATIENT).get(med_type)
    if found is not None:
        return found
    if med_type in (OUTPATIENT if inpatient else INPATIENT):
        visit = "住院" if inpatient else "门诊"
        raise Refused(f"医疗类别{med_type}与{visit}就诊不符，请核对")
    raise Refused("该医疗类别不支持异地直接结算")


def insurance_of(insutype: str) -> str:
    """employee or resident. Raises Refused for every other."""
    insurance = SERVED_INSUTYPE.get(insutype)
    if insurance is None:
        raise Refused(f"险种{insutype}不支持异地直接结算")
    return insurance


def insured_in(sent: str, areas: Collection[str]) -> str:
    """Which of a person's insured areas an insuplc_admdvs means: the code itself, its city, its province; "" for none."""
    return next((code for code in (sent, f"{sent[:4]}00", f"{sent[:2]}0000") if code in areas), "")
