"""Visits (就诊) as the calls of a hospital build them up: whom it knows by a number of its own, who came and how that was
proved, the lines, the bills they made.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Insurance, Person, Role
from accounts.models.persons import of_a_standing_person
from core.ids import new_id
from core.prepared import prepared
from core.sealing import SealedField
from regions.models import Institution
from settlements.models import Settlement, Status


class Means(models.TextChoices):
    VOUCHER = "voucher", _("医保码")
    IDENTITY = "identity", _("姓名和证件号码")


class KnownPerson(models.Model):
    """A person as one hospital knows them: `psn_no` is random and stays, so that two hospitals cannot compare.

    `proved_at` (machine time) and `means` say when and by what the person last proved there who they are; `voucher` is the
    code that did.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    psn_no = models.CharField(_("人员编号"), max_length=30)
    proved_at = models.DateTimeField(_("最近核实身份的时间"))
    means = models.CharField(_("核实方式"), max_length=8, choices=Means)
    voucher = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("接口人员编号")
        verbose_name_plural = _("接口人员编号")
        constraints = [
            models.UniqueConstraint(fields=["institution", "person"], name="known_once_in_a_hospital"),
            models.UniqueConstraint(fields=["institution", "psn_no"], name="psn_no_once_in_a_hospital"),
        ]

    def __str__(self) -> str:
        return self.psn_no


class VisitStatus(models.TextChoices):
    OPEN = "open", _("就诊中")
    DISCHARGED = "discharged", _("已出院")
    CANCELLED = "cancelled", _("已撤销")
    CLOSED = "closed", _("已逾期关闭")


LIVE = (VisitStatus.OPEN, VisitStatus.DISCHARGED)


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, account: Account) -> VisitQuerySet:
        """A hospital's own to its accounts, nobody else's."""
        return self.filter(institution=account.institution_id) if account.role == Role.HOSPITAL else self.none()


class Visit(models.Model):
    """One visit: an outpatient's, with bills by batch, or a stay. Whoever changes anything of it locks this row first.

    `number` is its mdtrt_id. `means` (and `voucher`) is how identity was proved when it was opened, which serves all that
    follows. What the hospital calls it (ipt_otp_no) is found by `own_number_hash`; all else that it said is in `record`,
    as JSON by the interface's own names. Whether it is settled its bills say. All times are business time.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(_("就诊编号"), max_length=30, unique=True)
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", db_index=False, verbose_name=_("医疗机构")
    )
    known = models.ForeignKey(KnownPerson, models.PROTECT, related_name="visits", verbose_name=_("人员编号"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False, verbose_name=_("参保人"))
    inpatient = models.BooleanField(_("住院"))
    status = models.CharField(_("状态"), max_length=10, choices=VisitStatus, default=VisitStatus.OPEN)
    insurance = models.CharField(_("险种"), max_length=10, choices=Insurance)
    insured_area = models.CharField(_("参保地"), max_length=6, blank=True)
    med_type = models.CharField(_("医疗类别"), max_length=6, blank=True)
    began_at = models.DateTimeField(_("入院或就诊时间"))
    ended_at = models.DateTimeField(_("出院时间"), null=True)
    own_number_hash = models.CharField(max_length=64, editable=False)
    means = models.CharField(_("核实方式"), max_length=8, choices=Means)
    voucher = models.UUIDField(null=True)
    record = SealedField()
    opened_at = models.DateTimeField(_("登记时间"))
    changed_at = models.DateTimeField(_("变更时间"))

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("就诊")
        verbose_name_plural = _("就诊")
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "own_number_hash"],
                condition=Q(status__in=LIVE),
                name="visit_numbered_once",
                violation_error_message=_("该门诊号或住院号刚刚已登记就诊，请核对。"),
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(inpatient=True, status=VisitStatus.OPEN),
                name="in_hospital_once",
                violation_error_message=_("该患者刚刚已在其他医疗机构办理入院，请核对。"),
            ),
            models.CheckConstraint(
                condition=~Q(status=VisitStatus.DISCHARGED) | Q(inpatient=True, ended_at__isnull=False),
                name="discharged_from_a_stay",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-began_at"], name="visits_of_person"),
            models.Index(fields=["status", "changed_at"], name="visits_by_age"),
        ]
        triggers = [of_a_standing_person()]

    def __str__(self) -> str:
        return self.number


class VisitBill(models.Model):
    """What a batch of a visit, or a stay, was settled as: by which call, with what the hospital said of it in `record`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="bills", verbose_name=_("就诊"))
    batch = models.CharField(_("收费批次号"), max_length=30, blank=True)
    settlement = models.OneToOneField(Settlement, models.PROTECT, related_name="+", verbose_name=_("结算"))
    msgid = models.CharField(_("报文编号"), max_length=64)
    med_type = models.CharField(_("医疗类别"), max_length=6)
    record = SealedField()

    class Meta:
        verbose_name = _("就诊结算")
        verbose_name_plural = _("就诊结算")

    def __str__(self) -> str:
        return f"{self.visit_id} {self.batch}"


def figure(label: Any, digits: int = 16, places: int = 2, **more: Any) -> models.DecimalField[Any, Any]:
    """A figure of a line, as wide as the interface has it."""
    return models.DecimalField(label, max_digits=digits, decimal_places=places, **more)


class FeeLine(models.Model):
    """One line of fees, parted by the catalogue of the day when it came; `record` is what was sent of it, as JSON.

    `refunds` names the line that it gives back (its figures are negative). `bill` is the latest that it stood on; while that
    one's settlement stands, the line stays.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="lines", db_index=False, verbose_name=_("就诊"))
    ordinal = models.PositiveIntegerField(_("序号"))
    sequence = models.CharField(_("明细流水号"), max_length=30)
    batch = models.CharField(_("收费批次号"), max_length=30, blank=True)
    refunds = models.CharField(_("原明细流水号"), max_length=30, blank=True)
    charged_on = models.DateField(_("费用发生日"))
    quantity = figure(_("数量"), 16, 4)
    amount = figure(_("金额"))
    excluded = figure(_("全自费"))
    over_limit = figure(_("超限价"))
    first_copay = figure(_("先行自付"))
    scope = figure(_("符合政策范围"))
    item_class = models.CharField(_("类别"), max_length=1)
    first_copay_ratio = figure(_("先自付比例"), 5, 4, null=True)
    price_limit = figure(_("限价"), 16, 6, null=True)
    bill = models.ForeignKey(VisitBill, models.PROTECT, null=True, related_name="lines", verbose_name=_("结算"))
    record = SealedField()

    class Meta:
        verbose_name = _("费用明细")
        verbose_name_plural = _("费用明细")
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "sequence"],
                name="fee_line_once",
                violation_error_message=_("明细流水号在本次就诊内重复，请核对。"),
            ),
            models.CheckConstraint(
                condition=Q(
                    amount=models.F("excluded") + models.F("over_limit") + models.F("first_copay") + models.F("scope")
                ),
                name="fee_line_is_its_parts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.sequence}"

    @property
    def is_settled(self) -> bool:
        """Whether a settlement that stands has it; only where `bill__settlement` was read along."""
        return self.bill is not None and self.bill.settlement.status == Status.SETTLED


def _named(institution: str, number: str) -> models.QuerySet[Visit]:
    """By its mdtrt_id; `stayed_elsewhere`: its person has stays in other hospitals, one of which it may continue."""
    stays = Visit.objects.filter(person=OuterRef("person"), inpatient=True).exclude(institution=OuterRef("institution"))
    return Visit.objects.filter(institution=institution, number=number).annotate(stayed_elsewhere=Exists(stays))


@prepared
def visit_and_person(*, institution: str, number: str) -> models.QuerySet[Visit]:
    """A hospital's visit by its mdtrt_id, with its person."""
    return _named(institution, number).select_related("person", "known", "institution")


@prepared
def locked_visit(*, institution: str, number: str) -> models.QuerySet[Visit]:
    """The same under the lock of its own row."""
    rows = _named(institution, number).select_related("person", "known")
    return rows.select_for_update(no_key=True, of=("self",))


@prepared
def lines_of(*, visit: Any) -> models.QuerySet[FeeLine]:
    """All lines of a visit in their order, each with how its bill stands."""
    rows = FeeLine.objects.filter(visit=visit).select_related("bill__settlement").order_by("ordinal", "pk")
    columns = [field.name for field in FeeLine._meta.concrete_fields]
    return rows.only(*columns, "bill__batch", "bill__visit", "bill__settlement__status", "bill__settlement__number")


@prepared
def bills_of(*, visit: Any) -> models.QuerySet[VisitBill]:
    """What a visit was settled as, each with its settlement."""
    return VisitBill.objects.filter(visit=visit).select_related("settlement").order_by("pk")


@prepared
def stays_of(*, person: Any) -> models.QuerySet[Visit]:
    """Where a person lies in hospital."""
    rows = Visit.objects.filter(person=person, inpatient=True, status=VisitStatus.OPEN)
    return rows.select_related("institution").only("number", "institution__name", "own_number_hash")


@prepared
def numbered_visit(*, institution: str, own: str) -> models.QuerySet[Visit]:
    """The live visit that a hospital calls so."""
    return Visit.objects.filter(institution=institution, own_number_hash=own, status__in=LIVE).order_by()
