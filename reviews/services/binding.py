"""Binding at the counter (窗口绑定): one clerk checks both identities and keeps their scans, another confirms. Both are on record.

For a child without a guardian in the register, a parent without a telephone. Whoever has an account of their own agrees there.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.limits import Limit
from accounts.models import Account, Mandate
from accounts.services import tell
from accounts.services.mandates import AtCounter, approve_at_counter, holders, waiting_for_counter
from core import clock
from core.errors import Invalid, WrongState
from reviews.models import CounterStep, Material

COUNTS_FOR = timedelta(days=7)
"""How long what was checked may be confirmed; then both come again with their documents."""
CHECKS, CHECKS_OF_ONE = Limit("counter-check"), Limit("counter-person")


def check_identities(
    clerk: Account, mandate: Mandate, *, applicant_scan: Material, person_scan: Material
) -> CounterStep:
    """The first step: this clerk saw both identity documents; their scans are kept.

    Raises what `waiting_for_counter` does, Invalid `scans_missing`, WrongState (`material_processing`, `checked_already`),
    TooMany.
    """
    CHECKS.spend(clerk.pk)
    CHECKS_OF_ONE.spend(mandate.person_id)
    with transaction.atomic():
        mandate = waiting_for_counter(clerk, mandate)
        if checked(mandate):
            raise WrongState(_("证件已由工作人员核验，等待复核，请刷新后查看。"), code="checked_already")
        _refuse_scans(clerk, applicant_scan, person_scan)
        step = CounterStep.objects.create(
            mandate=mandate,
            kind=CounterStep.Kind.CHECKED,
            account=clerk,
            applicant_scan=applicant_scan,
            person_scan=person_scan,
            at=clock.now(),
        )
        _tell_checked(mandate, step)
    return step


def confirm_identities(colleague: Account, mandate: Mandate) -> Mandate:
    """The second step, by somebody else: the mandate is in force.

    Raises what `approve_at_counter` does, WrongState `check_aged_out` (nothing was checked, or too long ago).
    """
    with transaction.atomic():
        mandate = waiting_for_counter(colleague, mandate)
        first = checked(mandate)
        if first is None:
            raise WrongState(
                _("还没有核验证件，或核验已超过7天，请先重新核验双方证件并上传扫描件。"), code="check_aged_out"
            )
        assert first.applicant_scan_id is not None, "a constraint of the table"
        assert first.person_scan_id is not None, "a constraint of the table"
        proof = AtCounter(first.account, colleague, first.applicant_scan_id, first.person_scan_id)
        mandate = approve_at_counter(mandate, proof=proof)
        CounterStep.objects.create(mandate=mandate, kind=CounterStep.Kind.CONFIRMED, account=colleague, at=clock.now())
    return mandate


def checked(mandate: Mandate) -> CounterStep | None:
    """The check of both identities that can still be confirmed."""
    steps = CounterStep.objects.filter(mandate=mandate, kind=CounterStep.Kind.CHECKED, at__gt=clock.now() - COUNTS_FOR)
    return steps.select_related("account", "applicant_scan", "person_scan").order_by("-at", "-id").first()


def _refuse_scans(clerk: Account, *scans: Material) -> None:
    """Two uploads of this clerk's own, used for nothing else, made safe."""
    keys = {scan.pk for scan in scans}
    rows = list(Material.objects.filter(pk__in=keys, account=clerk).select_for_update(of=("self",)).order_by("pk"))
    unused = Material.objects.unattached().filter(pk__in=keys).count()
    if len(rows) != len(scans) or unused != len(scans):
        raise Invalid(_("请分别上传申请人和参保人的证件。"), code="scans_missing", attr="applicant_scan")
    if any(row.status == Material.State.PROCESSING for row in rows):
        raise WrongState(_("材料还在处理中，请稍等几秒后再提交。"), code="material_processing", attr="materials")
    if any(row.status != Material.State.READY for row in rows):
        raise Invalid(_("有证件扫描件不能使用，请重新扫描后上传。"), code="material_refused", attr="applicant_scan")


def _tell_checked(mandate: Mandate, step: CounterStep) -> None:
    """Whoever may act for the person already hears of it before it counts, and can object."""
    text = _("有人在经办机构窗口申请代%(who)s办理业务，证件已核验，待复核。如有异议，请尽快联系经办机构。")
    for account in holders(mandate.person):
        tell(
            account,
            key=f"counter-checked:{step.pk}",
            kind="mandate_asked",
            title=_("有人在窗口申请代办授权"),
            text=text % {"who": mandate.person.masked_name},
        )
