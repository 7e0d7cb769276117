"""The automatic checks of claims: pure functions over `ClaimCase`, one per rule, in the order shown."""

from __future__ import annotations

from stdnum import luhn

from claims.claim_case import ClaimCase, Paid
from policies.language.wording import day
from reviews.checks import (
    Finding,
    Level,
    conflict,
    error,
    incomplete,
    info,
    missing,
    unreadable,
    warning,
)

CARD_NUMBER = range(16, 20)
ONCE = "DESIGN.md §3"
LINES = "cost.items."


def care_is_dated(case: ClaimCase) -> Finding | None:
    """When the care began and, of a stay, when it ended; neither after today."""
    if case.admitted_on is None:
        return error("admission_missing", "请填写入院（就诊）日期。", "admitted_on")
    if case.care == "inpatient" and case.discharged_on is None:
        return error("discharge_missing", "请填写出院日期；尚未出院的，请在出院结账后申请。", "discharged_on")
    if case.discharged_on is not None and case.discharged_on < case.admitted_on:
        return error("discharge_before_admission", "出院日期不能早于入院日期，请核对。", "discharged_on")
    if case.care != "inpatient" and case.discharged_on not in (None, case.admitted_on):
        return error("not_a_stay", "门诊没有出院日期；住院请选择住院。", "discharged_on")
    if case.ended_on is not None and case.ended_on > case.filed_on:
        field = "discharged_on" if case.discharged_on else "admitted_on"
        return error("care_in_future", "就医日期不能晚于今天，请核对。", field)
    return None


def enrollment_in_force(case: ClaimCase) -> Finding | None:
    """The area in which one was insured on the day of admission pays (规程 art. 3)."""
    if case.admitted_on is None or case.insured.covers(case.admitted_on):
        return None
    message = f"{day(case.admitted_on)}不在{case.insured.area.name}的参保期内，请核对日期，或选择当时的参保关系申请。"
    return error("enrollment_not_in_force", message, "enrollment", source="规程 art. 3")


def in_time(case: ClaimCase) -> Finding | None:
    """A claim comes within the area's time after discharge (POLICY.md §5, claim)."""
    if case.deadline is None or case.filed_on <= case.deadline:
        return None
    message = f"应在{day(case.deadline)}前申请，现已超过期限；有特殊原因的，请携带材料到{case.insured.area.name}经办机构窗口咨询。"
    return error("claim_late", message, "discharged_on", source=case.rules.cite("claim.deadline"))


def institution_is_named(case: ClaimCase) -> Finding | None:
    if case.institution or case.institution_name:
        return None
    return error("institution_missing", "请选择就医的医疗机构；名录中没有的，请填写医院名称。", "institution")


def institution_is_listed(case: ClaimCase) -> Finding | None:
    """Of a hospital outside the lists a reviewer finds out what it is; where it lies decides how the person travelled."""
    if case.institution or not case.institution_name:
        return None
    if not case.placed:
        return warning("place_missing", f"请填写{case.institution_name}所在的地区。", "place")
    message = f"“{case.institution_name}”不在医疗机构名录中，请核对名称；审核时须核定其等级。"
    return warning("institution_unlisted", message, "institution")


def disease_is_recognised(case: ClaimCase) -> Finding | None:
    """Chronic care is paid where the disease was recognised on the day, never as ordinary outpatient care (RULES.md §2.6)."""
    if case.care != "chronic" or case.admitted_on is None:
        return None
    if not case.disease:
        return error("disease_missing", "请选择门诊慢特病病种。", "disease")
    if case.recognition is not None and case.recognition.state == "recognised":
        return None
    message = f"{day(case.admitted_on)}没有“{case.disease_name}”的有效认定，不能报销，也不能按普通门诊报销；请先申请认定，认定生效后的费用可以报销。"
    return error("disease_not_recognised", message, "disease", source="RULES.md §2.6")


def maternity_is_a_stay(case: ClaimCase) -> Finding | None:
    """What is said of childbirth is said of a stay (POLICY.md §1)."""
    if not case.maternity or case.care == "inpatient":
        return None
    return error("maternity_inpatient", "生育住院请选择住院。", "maternity")


def newborn_is_known(case: ClaimCase) -> Finding | None:
    """How a child without a number of its own is paid under its mother is each area's own rule; without one a reviewer asks."""
    if not case.newborn:
        return None
    rule = case.rules.newborns
    if rule is None:
        message = f"没有查到{case.insured.area.name}对新生儿随母亲就医的报销规定，审核时须核对；已参保的新生儿请用本人的参保关系申请。"
        return warning("newborn_unknown", message, "newborn")
    if rule.within is None or case.born_on is not None:
        return None
    message = f"限出生{rule.within.label}内的费用，请填写新生儿的出生日期；没有填写的，审核时核对。"
    return info("newborn_within", message, "born_on", source=case.rules.cite("newborns"))


def newborn_is_in_time(case: ClaimCase) -> Finding | None:
    """Of a newborn whose birth date is said: born before the care, and not longer before it than the area's rule lets it go with its mother."""
    if not case.newborn or case.born_on is None or case.admitted_on is None:
        return None
    if case.born_on > case.admitted_on:
        return error("born_after_admission", "出生日期晚于入院或就诊日期，请核对。", "born_on")
    rule = case.rules.newborns
    if not case.newborn_late or rule is None or rule.within is None:
        return None
    message = (
        f"{case.insured.area.name}的新生儿随母亲就医限出生{rule.within.label}内，就医时已超过。"
        "请先为孩子办理参保，再用孩子本人的参保关系申请；日期填错的请改正。"
    )
    return error("newborn_late", message, "born_on", source=case.rules.cite("newborns"))


def cost_is_there(case: ClaimCase) -> Finding | None:
    """A bill that says what it comes to and does not contradict itself (POLICY.md §2, step 1)."""
    if case.total is None or (not case.total and not case.wrong_cost):
        return error("cost_missing", "请按票据和费用清单填写费用。", "cost")
    if case.wrong_cost is None:
        return None
    return error(case.wrong_cost.code, case.wrong_cost.detail, "cost", source="POLICY.md §2")


def invoice_is_named(case: ClaimCase) -> Finding | None:
    """Code and number; a fully digital invoice has only its twenty digits."""
    if case.invoice:
        return None
    if case.invoice_number:
        return error("invoice_code_missing", "请填写票据代码（20位号码的数电票没有代码）。", "invoice_code")
    return error("invoice_missing", "请填写医疗收费票据的号码。", "invoice_number")


def invoice_is_paid_once(case: ClaimCase) -> Finding | None:
    """An invoice is paid once, whether settled or claimed (DESIGN.md §3)."""
    if case.rival is not None:
        which = f"（受理编号{case.rival.number}），请在“手工报销”中查看" if case.rival.number else "，请核对票据号码"
        return conflict("invoice_claimed", f"该票据已有报销申请{which}。", "invoice_number", source=ONCE)
    if case.invoice_paid:
        message = "该票据已经结算或报销，不能再次报销，请核对票据号码。"
        return conflict("invoice_paid", message, "invoice_number", source=ONCE)
    return None


def not_settled_already(case: ClaimCase) -> Finding | None:
    """What the hospital settled directly is not claimed once more."""
    settled = next((paid for paid in case.paid if paid.direct and _same_bill(case, paid)), None)
    if settled is None:
        return None
    message = f"这次就医已在医院直接结算（结算编号{settled.number}），不能再申请报销，请在结算记录中查看。"
    return conflict("settled_already", message, "invoice_number", source=ONCE)


def _same_bill(case: ClaimCase, paid: Paid) -> bool:
    """The same hospital's bill of that number, stay of these days, or visit of this day and sum."""
    if case.institution and paid.institution != case.institution:
        return False
    if case.invoice_number and paid.bill_number.upper() == case.invoice_number.upper():
        return True
    if not case.institution or paid.care != case.care or not _meets(case, paid):
        return False
    return case.care == "inpatient" or paid.total == case.total


def _meets(case: ClaimCase, paid: Paid) -> bool:
    return bool(case.admitted_on and case.ended_on and paid.meets(case.admitted_on, case.ended_on))


def stay_overlaps_none(case: ClaimCase) -> Finding | None:
    """Nobody lies in two hospitals; two visits of a day at one place may be one bill."""
    other = next(
        (paid for paid in case.paid if not (paid.direct and _same_bill(case, paid)) and _near(case, paid)), None
    )
    if other is None:
        return None
    message = f"就医日期与已结算的就医（结算编号{other.number}）重叠，请核对日期；确有其事的，请在原因中说明。"
    return warning("stay_overlaps", message, "admitted_on")


def _near(case: ClaimCase, paid: Paid) -> bool:
    both_stays = case.care == paid.care == "inpatient"
    same_place = bool(case.institution) and case.institution == paid.institution and case.care == paid.care
    return (both_stays or same_place) and _meets(case, paid)


def documents_are_readable(case: ClaimCase) -> Finding | None:
    """Every attached document opens (RULES.md §5.2)."""
    return unreadable(case.materials)


def documents_are_complete(case: ClaimCase) -> Finding | None:
    """Invoice, cost list, discharge record or its alternatives, as the area asks (POLICY.md §5, claim)."""
    return incomplete(missing(case.documents, case.materials), case.rules.cite("claim.documents"))


def is_doubtful(account: str) -> bool:
    """As long as a card number, and none that a bank gave out."""
    return len(account) in CARD_NUMBER and not luhn.is_valid(account)


def account_is_given(case: ClaimCase) -> Finding | None:
    """Where the money goes; a card number that no bank gave out was mistyped (Luhn, GB/T 15694.1)."""
    if not case.bank_account:
        return error("bank_account_missing", "请填写收款的银行账号。", "bank_account")
    if is_doubtful(case.bank_account):
        return warning("bank_account_doubtful", "银行卡号校验不符，请对照银行卡核对收款账号。", "bank_account")
    return None


def account_is_the_persons(case: ClaimCase) -> Finding | None:
    """The money goes to the insured person unless a reviewer agrees to another."""
    if not case.bank_holder or case.bank_holder == case.insured.name:
        return None
    return warning(
        "bank_holder_differs", "开户名与参保人姓名不一致，请改用参保人本人的账户，或上传关系证明。", "bank_holder"
    )


def reason_is_given(case: ClaimCase) -> Finding | None:
    """Why it was not settled at the hospital: some areas pay less, or not at all, without one (济南, 长春)."""
    return None if case.explained else error("reason_missing", "请说明没有在医院直接结算的原因。", "reason")


def policy_pays(case: ClaimCase) -> Finding | None:
    """What the policy does not pay, or nobody knows, is said before it is handed in; under review it is to be rejected.

    A line whose code the catalogue contradicts, or cannot split by, is an error from the first.
    """
    if case.unpaid is None:
        return None
    at = case.unpaid.attr or ""
    of_a_line = at.startswith(LINES)
    level = Level.ERROR if case.under_review or of_a_line else Level.WARNING
    return Finding(case.unpaid.code, level, case.unpaid.detail, "", (at if of_a_line else "care",))


CHECKS = (
    care_is_dated,
    enrollment_in_force,
    in_time,
    institution_is_named,
    institution_is_listed,
    disease_is_recognised,
    maternity_is_a_stay,
    newborn_is_known,
    newborn_is_in_time,
    cost_is_there,
    invoice_is_named,
    invoice_is_paid_once,
    not_settled_already,
    stay_overlaps_none,
    documents_are_readable,
    documents_are_complete,
    account_is_given,
    account_is_the_persons,
    reason_is_given,
    policy_pays,
)
