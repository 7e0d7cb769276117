"""What a till sends to quote or settle (API.md, Settlement), and whose bill it is.

A body is read with every problem at once, each under the path of its field.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.limits import Limit
from accounts.models import Account, Mandate, Message, Person
from accounts.models.insured import enrollments_with_agency
from accounts.services import Text, ambiguous, compose, find_registered, vouchers
from core import clock
from core.errors import NotFound
from policies.language.examples import Cost
from policies.language.terms import CARES, INSURANCES, Care
from settlements.bills import LARGEST_TOTAL, Form
from settlements.models import IdentityLookup, invoice_key

IDENTIFYING = Limit("identify")
LONGEST_REASON = 100
KEYS = (
    "voucher", "identity", "insured_area", "insurance", "care", "disease", "admitted_on", "discharged_on", "emergency",
    "referred", "continues", "cost", "use_account", "bill_number", "invoice",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the till looks up without the insurance code, and why."""

    name: str
    id_number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRequest:
    """A bill as the hospital sends it. `ended_on`: the day of discharge, of the visit, or today for a stay that goes on."""

    voucher: str
    identity: Identity | None
    insured_area: str
    insurance: str
    care: Care
    disease: str
    admitted_on: date
    discharged_on: date | None
    emergency: bool
    referred: bool | None
    continues: str
    cost: Cost
    use_account: bool
    bill_number: str
    invoice: str | None

    @property
    def ended_on(self) -> date:
        if self.care != "inpatient":
            return self.admitted_on
        return self.discharged_on or clock.today()


def read(body: Any, *, quote: bool) -> BillRequest:
    """The body of a quote, or of a settlement (which needs a bill number and, of a stay, the discharge). Raises Invalid."""
    form = Form()
    given = form.mapping(body, None)
    voucher = form.text(given, "voucher", 64, required=False)
    identity = _identity(form, given)
    if not voucher and identity is None:
        form.wrong("required", "voucher", _("请扫描患者的医保码，或填写 identity（姓名、证件号码和原因）。"))
    care = cast(Care, form.choice(given, "care", CARES, required=True))
    admitted, discharged = _dates(form, given, care, quote=quote)
    request = BillRequest(
        voucher=voucher,
        identity=None if voucher else identity,
        insured_area=form.matching(given.get("insured_area"), r"\d{6}", "insured_area", "area_invalid") or "",
        insurance=form.choice(given, "insurance", INSURANCES),
        care=care,
        disease=_disease(form, given, care),
        admitted_on=admitted,
        discharged_on=discharged,
        emergency=bool(form.flag(given, "emergency")),
        referred=form.flag(given, "referred", default=None),
        continues=form.text(given, "continues", 24, required=False),
        cost=_cost(form, given),
        use_account=bool(form.flag(given, "use_account")),
        bill_number=form.text(given, "bill_number", 64, required=not quote),
        invoice=_invoice(form, given),
    )
    form.only(given, KEYS, "")
    form.raise_problems()
    return request


def _identity(form: Form, body: dict[str, Any]) -> Identity | None:
    if body.get("identity") is None:
        return None
    given = form.mapping(body["identity"], "identity")
    form.only(given, ("name", "id_number", "reason"), "identity.")
    name = form.text(given, "name", 60, path="identity.")
    number = form.text(given, "id_number", 18, path="identity.")
    return Identity(name, number, form.text(given, "reason", LONGEST_REASON, path="identity."))


def _disease(form: Form, given: dict[str, Any], care: str) -> str:
    disease = form.matching(given.get("disease"), r"M\d{5}", "disease", "code_invalid") or ""
    if care == "chronic" and given.get("disease") is None:
        form.wrong("required", "disease", _("请填写门诊慢特病的病种编码，如 M03900。"))
    if care == "outpatient" and disease:
        form.wrong("not_chronic", "disease", _("普通门诊不填病种；按门诊慢特病结算请选择 care=chronic。"))
    return disease


def _dates(form: Form, given: dict[str, Any], care: str, *, quote: bool) -> tuple[date, date | None]:
    """The first and the last day; neither in the future, nor the wrong way round."""
    admitted, discharged = form.day(given.get("admitted_on"), "admitted_on"), None
    if given.get("admitted_on") is None:
        form.wrong("required", "admitted_on", _("请填写入院日期或就诊日期。"))
    if given.get("discharged_on") is not None:
        discharged = form.day(given["discharged_on"], "discharged_on")
    elif care == "inpatient" and not quote:
        form.wrong("required", "discharged_on", _("住院结算请填写出院日期。"))
    _contradictions(form, care, admitted or clock.today(), discharged)
    return admitted or clock.today(), discharged if care == "inpatient" else None


def _contradictions(form: Form, care: str, admitted: date, discharged: date | None) -> None:
    today = clock.today()
    if admitted > today:
        form.wrong("admitted_in_future", "admitted_on", _("入院或就诊日期不能晚于今天，请核对。"))
    if discharged is None:
        return
    if discharged > today:
        form.wrong("discharged_in_future", "discharged_on", _("出院日期不能晚于今天，请核对。"))
    if discharged < admitted:
        form.wrong("discharge_before_admission", "discharged_on", _("出院日期早于入院日期，请核对。"))
    elif care in ("outpatient", "chronic") and discharged != admitted:
        form.wrong("not_a_stay", "discharged_on", _("门诊没有出院日期；住院请选择 care=inpatient。"))


def _cost(form: Form, given: dict[str, Any]) -> Cost:
    cost = form.cost(given.get("cost"))
    total = cost.total if cost.total is not None else sum(item.amount for item in cost.items)
    if isinstance(given.get("cost"), dict) and not form.problems and total <= 0:
        form.wrong("total_zero", "cost.total", _("费用总额应大于0，请核对。"))
    if total > LARGEST_TOTAL:
        form.wrong("total_too_large", "cost.total")
    return cost


def _invoice(form: Form, body: dict[str, Any]) -> str | None:
    if body.get("invoice") is None:
        return None
    given = form.mapping(body["invoice"], "invoice")
    form.only(given, ("code", "number"), "invoice.")
    said = {name: form.text(given, name, 30, path="invoice.") for name in ("code", "number")}
    parts = [
        form.matching(text, r"[0-9A-Za-z-]+", f"invoice.{name}", "code_invalid") for name, text in said.items() if text
    ]
    return invoice_key(*map(str, parts)) if len(parts) == len(said) else None


# Whose bill it is: by the insurance code (医保码) the patient shows, or by name and ID number, which is on record and told.


def identify(account: Account, request: BillRequest, address: str) -> uuid.UUID | None:
    """Take what the till was shown, before anything is computed, so that it stays whatever becomes of the call.

    A voucher is bound to the hospital: None. An identity is looked up: the person, on record and told to their family.
    Raises InvalidIdNumber, TooMany, NotFound `not_registered`.
    """
    assert account.institution_id is not None
    if request.identity is None:
        vouchers.bind(request.voucher, account.institution_id)
        return None
    IDENTIFYING.spend(account.pk)
    person = find_registered(request.identity.name, request.identity.id_number, account=account, address=address)
    _put_on_record(account, person, request.identity)
    return person.pk


def _put_on_record(account: Account, person: Person, identity: Identity) -> None:
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
        IdentityLookup.objects.create(
            person=person, institution=account.institution, account=account, reason=identity.reason
        )
        followers = Mandate.objects.active().filter(person=person).values_list("account", flat=True)
        messages = [compose(follower, text, key=key) for follower in Account.objects.filter(pk__in=followers)]
        Message.objects.bulk_create(messages, ignore_conflicts=True)


def enrolled(person: uuid.UUID, request: BillRequest) -> Any:
    """The enrolment that pays on the day, with its agency; of those that do not count, the latest (to be refused with reasons).

    Raises WrongState `enrollment_ambiguous` with the candidates, NotFound `not_insured`.
    """
    area, insurance, on = request.insured_area, request.insurance, request.admitted_on
    rows = enrollments_with_agency(person=person, on=on, today=clock.today())
    meant = [row for row in rows if area in ("", row.area_id) and insurance in ("", row.insurance)]
    counting = _counting(meant, on)
    if len(counting) > 1:
        raise ambiguous(counting)
    if not meant:
        said = _("没有查到患者在该地的参保关系，请核对参保地和险种，或请患者联系参保地经办机构。")
        raise NotFound(said, code="not_insured", attr="insured_area" if area else None)
    return (counting or meant)[0]


def _counting(rows: Sequence[Any], on: date) -> list[Any]:
    return [row for row in rows if row.status_on(on) == "active"]
