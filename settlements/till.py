"""The till of a hospital: whose bill it is, what it must meet before it is settled directly, what is told where it does not.

Patients show their insurance code (医保码); who has none is found by name and ID number, which is on record and told.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.limits import Limit
from accounts.models import Account, Enrollment, Mandate, Message, Person
from accounts.models.insured import enrollments_with_agency
from accounts.services import Text, ambiguous, compose, find_registered
from core import clock
from core.errors import Invalid, NotFound, Problem, WrongState
from policies.engine import Compiled, WrongInput
from policies.language.facts import FactValue
from policies.language.wording import sentence
from policies.published import compiled
from regions.models import Institution
from reviews.models.submission import live_numbers
from settlements import facts
from settlements.adjudication import Adjudication, Bill, Circumstances, adjudicate, stay_day
from settlements.bills import BillRequest, IdentityInput
from settlements.coding import CodedCost
from settlements.eligibility.conditions import conditions
from settlements.eligibility.visit import Visit, visit_of
from settlements.facts import STATED, facts_stated
from settlements.models import IdentityLookup, Settlement, claim_key
from settlements.models.entries import continuations, settlements_near

IDENTIFYING = Limit("identify")
IDENTIFYING_OPERATOR, IDENTIFYING_HOSPITAL = Limit("identify-operator"), Limit("identify-hospital")


def identify(account: Account, identity: IdentityInput, address: str, *, operator: str | None = None) -> uuid.UUID:
    """Look a person up by name and ID number, on record and told to their family.

    `operator`: who asks, where the account is that of a whole hospital's system.

    Raises InvalidIdNumber, TooMany, NotFound `not_registered`.
    """
    if operator is None:
        IDENTIFYING.spend(account.pk)
    else:
        IDENTIFYING_OPERATOR.spend(f"{account.pk}:{operator}")
        IDENTIFYING_HOSPITAL.spend(account.pk)
    person = find_registered(identity.name, identity.identity, account=account, address=address, operator=operator)
    put_on_record(account, person, identity.reason)
    return person.pk


def put_on_record(account: Account, person: Person, reason: str) -> None:
    """Every look-up is a row; its person and their family hear of a hospital once a day."""
    assert account.institution is not None
    key = f"looked_up:{person.pk.hex}:{account.institution_id}:{clock.today():%Y%m%d}"
    text = Text(
        "looked_up",
        _("医院查询了医保信息"),
        _(
            "%(hospital)s未扫医保码，以姓名和证件号码查询了%(name)s的参保信息。如非本人就医，请致电参保地经办机构或12393。"
        )
        % {"hospital": account.institution.name, "name": person.masked_name},
    )
    with transaction.atomic():
        IdentityLookup.objects.create(person=person, institution=account.institution, account=account, reason=reason)
        followers = Mandate.objects.active().filter(person=person).values_list("account", flat=True)
        messages = [compose(follower, text, key=key) for follower in Account.objects.filter(pk__in=followers)]
        Message.objects.bulk_create(messages, ignore_conflicts=True)


def enrolled(person: uuid.UUID, request: BillRequest) -> Any:
    """The enrolment that pays on the day, with its agency; of those that do not count, the latest (to be refused with reasons).

    Raises WrongState `enrollment_ambiguous` with the candidates, NotFound `not_insured`.
    """
    area, insurance, on = request.insured_area or "", request.insurance or "", request.admitted_on
    rows = enrollments_with_agency(person=person, on=on, today=clock.today())
    meant = [row for row in rows if area in ("", row.area_id) and insurance in ("", row.insurance)]
    counting = _counting(meant, on)
    if len(counting) > 1:
        raise ambiguous(counting)
    if not meant:
        message = _("没有查到患者在该地的参保关系，请核对参保地和险种，或请患者联系参保地经办机构。")
        raise NotFound(message, code="not_insured", attr="insured_area" if area else None)
    return (counting or meant)[0]


def _counting(rows: Sequence[Any], on: date) -> list[Any]:
    return [row for row in rows if row.status_on(on) == "active"]


def bill_of(request: BillRequest, hospital: Institution) -> Bill:
    """What a till sends, as the bill of its hospital; codes by the catalogue there. Raises Invalid (`CodedCost.resolved`)."""
    ended_on = request.admitted_on if request.care != "inpatient" else request.discharged_on or clock.today()
    cost = request.cost
    if isinstance(cost, CodedCost):
        cost = cost.resolved(hospital.area_id, ended_on)
    return Bill(
        care=request.care,
        disease=request.disease or "",
        admitted_on=request.admitted_on,
        discharged_on=request.discharged_on,
        ended_on=ended_on,
        emergency=request.emergency,
        cost=cost,
        institution=hospital,
        institution_name=hospital.name,
        care_area=hospital.area,
        level=hospital.level,
        number=request.bill_number,
        invoice=request.invoice,
        use_account=request.use_account,
    )


def adjudicate_directly(
    enrolled: Any,
    hospital: Institution,
    bill: Bill,
    request: BillRequest,
    near: list[Settlement],
    *,
    lock: bool = False,
) -> Adjudication:
    """Split a till's bill; with `lock` under the lock of the insurance year, which stays until the transaction ends.

    `near`: the settlements it may run into (`near_to`). Raises WrongState with every failed condition of direct settlement,
    or `stay_overlaps`, `continues_taken`, `continues_later`, `covered`; Invalid where the bill contradicts itself; NotFound
    `continues_unknown`.
    """
    stay_on, policy = stay_day(enrolled.area_id, bill.admitted_on, bill.ended_on)
    rules = compiled(policy) if policy else None
    visit = visit_of(
        enrolled,
        hospital,
        care=bill.care,
        disease=bill.disease if bill.care == "chronic" else "",
        on=bill.admitted_on,
        until=bill.ended_on,
        emergency=bill.emergency,
        policy=policy,
        compiled_policy=rules,
        stated=_stated(enrolled, hospital, request, rules),
    )
    if policy is None or rules is None or not visit.direct:
        raise _not_direct(visit)
    known, travel = visit.facts_as(visit.travel.code), visit.travel
    continues = _continued(enrolled, bill, request.continues, near)
    _refuse_overlap(enrolled, bill, near)
    circumstances = Circumstances(
        policy=policy, rules=rules, stay_on=stay_on, facts=known, travel=travel, continues=continues
    )
    return _split(enrolled, bill, circumstances, lock=lock)


def near_to(person: Any, bill: Bill, *, continues: str, settling: bool) -> list[Settlement]:
    """The settlements that a bill may run into; where it is to be settled, the one of its own number too."""
    stay = bill.care == "inpatient"
    own = bill.institution if settling else None
    if not (stay or own or continues):
        return []
    return settlements_near(
        person=person,
        since=bill.admitted_on if stay else None,
        until=bill.ended_on if stay else None,
        institution=own.code if own else None,
        bill=bill.number if own else None,
        number=continues or None,
    )


def refuse_settled(bill: Bill, near: list[Settlement]) -> None:
    """Raise WrongState `bill_settled`, or `invoice_claimed`: no bill is settled twice, none that is claimed."""
    own = "direct", bill.institution and bill.institution.code, bill.number
    for settled in near:
        if (settled.channel, settled.institution_id, settled.bill_number) == own:
            message = _("账单已经结算（结算编号%s）。如需更正，请先冲正该结算，再重新结算。") % settled.number
            raise WrongState(message, code="bill_settled", attr="bill_number")
    if bill.invoice and live_numbers(key=claim_key(bill.invoice)):
        message = _("该发票已由患者申请手工报销，不能再直接结算；患者撤回申请后可以结算。")
        raise WrongState(message, code="invoice_claimed", attr="invoice")


def _stated(
    enrolled: Enrollment, hospital: Institution, request: BillRequest, rules: Compiled | None
) -> dict[str, FactValue]:
    """Facts that the till states, or that are worth finding out because a rule of the policy asks for them."""
    stated = facts_stated(request) if request.model_fields_set.intersection(STATED) else {}
    if request.disease:
        stated["disease"] = request.disease
    if request.referred is not None:
        stated["referred"] = request.referred
        return stated
    return {**stated, **facts.of_referral(rules, enrolled, hospital, request.admitted_on)}


def _not_direct(visit: Visit) -> WrongState:
    """Every failed condition, each with what to do (RULES.md §7.6)."""
    failed = [condition for condition in conditions(visit) if not condition.met]
    return WrongState(problems=[Problem(each.code, each.message + each.remedy) for each in failed])


def _split(insured: Enrollment, bill: Bill, circumstances: Circumstances, *, lock: bool) -> Adjudication:
    try:
        split = adjudicate(insured, bill, circumstances, lock=lock)
    except WrongInput as wrong:
        raise Invalid(str(wrong), code=wrong.code, attr="cost") from wrong
    if split.result.refused is not None:
        message = _("%s请先自费，再回参保地申请手工报销或询问经办机构。") % sentence(split.result.reason)
        raise WrongState(message, code="covered")
    return split


def _continued(enrolled: Enrollment, bill: Bill, number: str, near: list[Settlement]) -> Settlement | None:
    """The stay that this one continues, by its number. Each is continued once, by a stay that began after it ended."""
    if not number:
        return None
    before = next((settled for settled in near if settled.number == number), None)
    if before is None or bill.care != "inpatient" or not _of_same_insured(before, enrolled):
        message = _("没有找到该患者这一编号的有效住院结算，请核对接续的结算编号。")
        raise NotFound(message, code="continues_unknown", attr="continues")
    if before.ended_on > bill.admitted_on:
        raise WrongState(_("接续的住院应在此次入院之前结束，请核对日期。"), code="continues_later", attr="continues")
    after = continuations.first(of=before.pk)
    if after is not None:
        message = _("该次住院已由结算%s接续，请填写最后一次住院的结算编号。") % after.number
        raise WrongState(message, code="continues_taken", attr="continues")
    return before


def _of_same_insured(stay: Settlement, enrolled: Enrollment) -> bool:
    """A stay of this person, under this insurance of this area."""
    paid_for = stay.care, stay.person_id, stay.area_id, stay.insurance
    return paid_for == ("inpatient", enrolled.person_id, enrolled.area_id, enrolled.insurance)


def _refuse_overlap(enrolled: Enrollment, bill: Bill, near: list[Settlement]) -> None:
    """Nobody lies in two hospitals at once; a transfer leaves and enters on the same day. Raises WrongState `stay_overlaps`."""
    stays = [other for other in near if other.care == "inpatient" and other.person_id == enrolled.person_id]
    for other in stays if bill.care == "inpatient" else ():
        if other.admitted_on < bill.ended_on and other.ended_on > bill.admitted_on:
            message = _(
                "住院时间与%(hospital)s的住院（%(since)s至%(until)s，结算编号%(number)s）重叠，请核对入出院日期。"
            )
            words = {
                "hospital": other.institution_name,
                "since": other.admitted_on,
                "until": other.discharged_on,
                "number": other.number,
            }
            raise WrongState(message % words, code="stay_overlaps", attr="admitted_on")
