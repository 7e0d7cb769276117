"""What comes to the counter or by telephone: a clerk of the insured area enters it for the person, somebody else decides it.

A clerk's entry goes through the same services and checks as the person's own. It waits for a review in every lane, is never
approved by itself, and everybody who may act for the person is told of it.
"""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Account, Enrollment, Role
from core.errors import Forbidden
from reviews.lifecycle import Actor, Case
from reviews.models import Channel, Submission
from reviews.presenting import about

CLERKS = (Role.REVIEWER, Role.SUPERVISOR)
ENTERING = ("create", "amend", "submit", "resubmit")
"""The events of whoever writes a submission."""


def acting_for(account: Account, enrollment: Enrollment, entering: Channel) -> Actor:
    """A clerk of the enrolment's area, who enters what came in so. Raises Forbidden `other_area`."""
    if account.role not in CLERKS or not account.is_active or account.area_id != enrollment.area_id:
        raise Forbidden(_("该参保人不在您的统筹区参保，请由参保地经办机构录入。"), code="other_area")
    return Actor(account, entering=entering)


def tell_entered(case: Case, channel: Channel) -> None:
    """Whoever may act for the person hears that the agency entered or mended something for them."""
    text = _("%(about)s由参保地经办机构录入（%(channel)s办理）。如非您本人申请，请联系经办机构。")
    words = {"about": about(case), "channel": channel.label}
    case.tell("entered", _("经办机构已为您录入申请"), text % words)


def entered_by(submission: Submission, account: Account) -> bool:
    """Whether this person entered or mended it as a clerk, be it from another account of theirs."""
    if not submission.entered_by_clerk:
        return False
    same = Q(actor=account)
    if account.identity_hash:
        same |= Q(actor__identity_hash=account.identity_hash)
    return submission.events.filter(same, verb__in=ENTERING).exists()
