"""The queue: submissions, materials, workflow, deadlines, decisions, events, checks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("审核队列")

    def ready(self) -> None:
        """Tell the apps below what they need of the queue: who moves the clock, what follows a new calendar or a closed account."""
        from accounts.registry import on_enrollment_change
        from accounts.services.accounts import on_close
        from regions import calendar, clock
        from reviews import enrollments, jumps, services

        on_close.append(services.end_drafts_of)
        on_enrollment_change.append(enrollments.enrollment_changed)
        clock.register_mover(jumps.move_clock)
        calendar.on_change.append(services.recompute_deadlines)
