"""The entries: every settlement and every reversal, each with what it was computed from. They are never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Count, F, Max, Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Enrollment, Insurance, Person, Role
from core.append_only import no_truncate
from core.ids import new_id
from core.prepared import Param, PreparedQuery, prepared
from core.sealing import SealedField
from filings.models import Filing
from policies.language.terms import CARE_LABELS, TRAVEL_LABELS
from regions.models import Area, Institution
from reviews.models.submission import visible_with
from settlements.models.years import FUNDS, InsuranceYear, money

AMOUNTS = (
    "total", "excluded", "over_limit", "first_copay", "scope", "travel_first_pay", "eligible", "deductible", "payable",
    "pooled", "beyond", "burden", *FUNDS, "fund", "own", "account", "cash",
)  # fmt: skip
"""Every named amount of the calculation (POLICY.md §2), a column each."""


STEP = ("step", "label", "formula", "amount", "source")
"""What a line of the explanation says."""

NEWEST = ["-settled_on", "-settled_at", "-id"]
"""The order of lists: the day first, by which they are also narrowed."""


DIGITAL_INVOICE = 20


def invoice_key(code: str, number: str) -> str:
    """How an invoice (票据代码, 票据号码) is spelt in `Settlement.invoice`: the one spelling under which it is paid once.

    A fully digital invoice (数电票) has twenty digits and no code: what is typed as one does not tell it from itself.
    """
    return f"{'' if len(number) >= DIGITAL_INVOICE else code}:{number}".upper()


def claim_key(invoice: str) -> str:
    """The key under which one claim of an invoice may live (DESIGN.md §3)."""
    return f"claim:{invoice}"


class Status(models.TextChoices):
    SETTLED = "settled", _("已结算")
    REVERSED = "reversed", _("已冲正")
    REVERSAL = "reversal", _("冲正")


class Channel(models.TextChoices):
    DIRECT = "direct", _("直接结算")
    MANUAL = "manual", _("手工报销")


class SettlementQuerySet(models.QuerySet["Settlement"]):
    def visible_to(self, account: Account) -> SettlementQuerySet:
        """Theirs and their family's to citizens, its own to a hospital, their area's to reviewers, all to administrators."""
        return self.visible_as(account.role, **visible_with(account))

    def visible_as(self, role: str, *, area: Any, institution: Any, reached: Any, **_more: Any) -> SettlementQuerySet:
        """The same by what counts of an account (`visible_with`), which a prepared query is given at each call."""
        if role == Role.ADMIN:
            return self
        if role in (Role.REVIEWER, Role.SUPERVISOR):
            return self.filter(area=area)
        if role == Role.HOSPITAL:
            return self.filter(institution=institution, channel=Channel.DIRECT)
        if role == Role.CITIZEN:
            return self.filter(person__any=reached)
        return self.none()

    def answered(self) -> SettlementQuerySet:
        """What a list shows: the bills, without what they were computed from."""
        rows: SettlementQuerySet = self.bills().defer("case", "lines")
        return rows

    def bills(self) -> SettlementQuerySet:
        """The settlements themselves, whatever became of them, without the entries that reverse others."""
        return self.exclude(status=Status.REVERSAL)

    def standing(self) -> SettlementQuerySet:
        """Settled and not reversed."""
        return self.filter(status=Status.SETTLED)

    def one(self, account: Account, pk: Any) -> Settlement | None:
        """A settlement with everything its answer shows, as the account may see it; never an entry that reverses another."""
        return _one(account.role).first(pk=pk, **visible_with(account))


class Settlement(models.Model):
    """One entry: a bill that was split, or the equal and opposite entry that reverses one (`reverses`, amounts negative).

    `ordinal` counts the entries of its year. `stay_on` is the day that picks the policy, the year and the month
    (POLICY.md `stay_rule`); `settled_on` the business day on which the entry was made. `case` is what the engine was given
    (facts, costs, the year so far, the account's balance) as JSON, and `policy` with `policy_sha256` what it was computed by:
    from them `replay_settlements` computes every amount again. `care_area` is the pooling area of the place of care;
    None for a bill from outside the network.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(_("结算编号"), max_length=24, unique=True)
    status = models.CharField(_("状态"), max_length=8, choices=Status, default=Status.SETTLED)
    channel = models.CharField(_("结算方式"), max_length=6, choices=Channel, default=Channel.DIRECT)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversal", verbose_name=_("冲正的结算")
    )
    reason = SealedField(_("冲正原因"), blank=True)
    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("医疗机构")
    )
    institution_name = models.CharField(_("医疗机构名称"), max_length=80)
    care_area = models.ForeignKey(
        Area, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("就医地")
    )
    bill_number = models.CharField(_("医院账单号"), max_length=64, blank=True)
    invoice = models.CharField(_("发票"), max_length=64, null=True)  # noqa: DJ001 - null: no invoice was named
    year = models.ForeignKey(
        InsuranceYear, models.PROTECT, related_name="settlements", db_index=False, verbose_name=_("年度累计")
    )
    ordinal = models.PositiveIntegerField(_("年度内序号"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False, verbose_name=_("参保人"))
    enrollment = models.ForeignKey(
        Enrollment, models.PROTECT, related_name="+", db_index=False, verbose_name=_("参保关系")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", db_index=False, verbose_name=_("参保地"))
    insurance = models.CharField(_("险种"), max_length=10, choices=Insurance)
    care = models.CharField(_("就医类别"), max_length=10, choices=[*CARE_LABELS.items()])
    disease = models.CharField(_("病种"), max_length=8, blank=True)
    level = models.PositiveSmallIntegerField(_("结算等级"), null=True)
    admitted_on = models.DateField(_("入院或就诊日期"))
    discharged_on = models.DateField(_("出院日期"), null=True)
    stay_on = models.DateField(_("政策适用日"))
    counter = models.CharField(_("累计项"), max_length=60)
    travel = models.CharField(_("就医类型"), max_length=10, choices=[*TRAVEL_LABELS.items()])
    emergency = models.BooleanField(_("急诊"), default=False)
    filing = models.ForeignKey(
        Filing, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("备案")
    )
    continues = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="continued_by", db_index=False, verbose_name=_("接续的住院")
    )
    linked_deductible = money(_("接续住院已付起付线"), default=0)
    policy = models.CharField(_("待遇政策"), max_length=140)
    policy_sha256 = models.CharField(max_length=64)
    case = SealedField()
    lines = models.JSONField(_("计算过程"), default=list)
    voucher = models.UUIDField(null=True)
    settled_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_index=False, verbose_name=_("经办账户")
    )
    settled_at = models.DateTimeField(_("结算时间"))
    settled_on = models.DateField(_("结算日"))

    total = money(_("费用总额"))
    excluded = money(_("全自费"))
    over_limit = money(_("超限价"))
    first_copay = money(_("先行自付"))
    scope = money(_("符合政策范围"))
    travel_first_pay = money(_("异地就医首先自负"))
    eligible = money(_("纳入报销"))
    deductible = money(_("起付线"))
    payable = money(_("起付线以上"))
    pooled = money(_("统筹基金"))
    beyond = money(_("封顶以上"))
    burden = money(_("政策范围内个人负担"))
    large_amount = money(_("大额"))
    serious_illness = money(_("大病保险"))
    assistance = money(_("医疗救助"))
    civil_servant = money(_("公务员补助"))
    enterprise = money(_("企业补充"))
    fund = money(_("基金支付"))
    own = money(_("个人负担"))
    account = money(_("个人账户"))
    cash = money(_("现金"))

    objects = SettlementQuerySet.as_manager()

    class Meta:
        verbose_name = _("结算")
        verbose_name_plural = _("结算")
        ordering = NEWEST
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "bill_number"],
                condition=Q(status="settled", channel="direct"),
                name="bill_settled_once",
                violation_error_message=_("该账单已经结算。"),
            ),
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(status="settled"),
                name="invoice_paid_once",
                violation_error_message=_("该发票已经结算或报销。"),
            ),
            models.UniqueConstraint(
                fields=["continues"],
                condition=Q(status="settled"),
                name="stay_continued_once",
                violation_error_message=_("该次住院已有接续的结算。"),
            ),
            models.UniqueConstraint(fields=["year", "ordinal"], name="entries_of_a_year_in_order"),
            models.CheckConstraint(
                condition=Q(total=F("fund") + F("account") + F("cash"), own=F("account") + F("cash")),
                name="total_is_fund_account_and_cash",
            ),
            models.CheckConstraint(
                condition=Q(
                    fund=F("pooled")
                    + F("large_amount")
                    + F("serious_illness")
                    + F("assistance")
                    + F("civil_servant")
                    + F("enterprise")
                ),
                name="fund_is_the_sum_of_funds",
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, **{f"{name}__gte": 0 for name in AMOUNTS})
                | Q(reverses__isnull=False, status="reversal", **{f"{name}__lte": 0 for name in AMOUNTS}),
                name="settlements_positive_reversals_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-settled_at"], name="settlements_of_person"),
            models.Index(fields=["institution", *NEWEST], name="settlements_of_institution"),
            models.Index(fields=["area", *NEWEST], name="settlements_of_area"),
            models.Index(fields=NEWEST, name="settlements_newest"),
        ]
        triggers = [
            # Only the status moves; `case` and `reason` are sealed anew when keys are rotated, which their tags guard.
            pgtrigger.ReadOnly(name="entries_stay", exclude=["status", "case", "reason"]),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            no_truncate(),
        ]

    handed_over = ("person", "year", "ordinal", "enrollment")
    """What else changes when the entry of a newborn goes over to the person it is (`settlements.uniting`, `core.append_only`)."""

    def __str__(self) -> str:
        return self.number

    @property
    def amounts(self) -> Mapping[str, Decimal]:
        """Every named amount of the calculation."""
        return {name: getattr(self, name) for name in AMOUNTS}

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The lines of the explanation, each value by its name."""
        return [dict(zip(STEP, line, strict=True)) for line in self.lines]

    @property
    def ended_on(self) -> Any:
        """The last day of the care."""
        return self.discharged_on or self.admitted_on


_SHOWN_WITH = ("person", "area", "care_area", "year", "continues", "reversal", "filing")


@cache
def _one(role: str) -> PreparedQuery[Settlement]:
    who = {name: Param(name) for name in ("area", "institution", "reached")}
    rows = Settlement.objects.visible_as(role, **who).bills().filter(pk=Param("pk"))
    return PreparedQuery(lambda: rows.select_related(*_SHOWN_WITH).order_by())


@prepared
def settlements_near(
    *,
    person: Any,
    since: date | None,
    until: date | None,
    institution: str | None,
    bill: str | None,
    number: str | None,
) -> models.QuerySet[Settlement]:
    """The standing settlements that a new bill may run into, without what they were computed from.

    The person's stays that overlap one from `since` to `until`, the bill of this number at this institution, and the
    settlement with this `number`; None: there is none.
    """
    overlapping = Q(person=person, care="inpatient", admitted_on__lt=until, discharged_on__gt=since)
    same_bill = Q(institution=institution, bill_number=bill, channel=Channel.DIRECT)
    rows = Settlement.objects.standing().filter(overlapping | same_bill | Q(number=number)).order_by("pk")
    return rows.only(
        "number", "status", "channel", "institution", "institution_name", "bill_number", "person", "area", "insurance",
        "care", "admitted_on", "discharged_on", "deductible", "linked_deductible",
    )  # fmt: skip


@prepared
def continuations(*, of: Any) -> models.QuerySet[Settlement]:
    """The standing settlement of the stay that continues another."""
    return Settlement.objects.standing().filter(continues=of).order_by().only("number")


@prepared
def levels_of_stays(*, year: Any) -> models.QuerySet[Any, Any]:
    """The hospitals' levels of a year's stays, reversed ones left out."""
    stays = Settlement.objects.standing().filter(year=year, care="inpatient")
    return stays.order_by().values_list("level", flat=True)


@prepared
def reversals(*, of: Collection[Any]) -> models.QuerySet[Settlement]:
    """The entries that reverse these, with what a list shows of them."""
    rows = Settlement.objects.filter(reverses__any=of).order_by()
    return rows.only("number", "settled_at", "reason", "reverses_id")


NET = ("total", "fund", "own", "account", "cash")


@prepared
def settled_in_years(*, years: Collection[Any]) -> models.QuerySet[Any, Any]:
    """What was settled in some years, by year, care, level and travel: how many `bills` stand, and the `latest` one's ordinal.

    Of each amount in NET the sum of all entries (`net_total` …), reversals taken off.
    """
    standing = Q(status=Status.SETTLED)
    rows = Settlement.objects.filter(year__any=years).order_by()
    return rows.values("year", "care", "level", "travel").annotate(
        bills=Count("pk", filter=standing),
        latest=Max("ordinal", filter=standing),
        **{f"net_{name}": Sum(name) for name in NET},
    )
