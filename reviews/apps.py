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
        from core import clock
        from regions import calendar
        from reviews import clock_simulation, enrollments, services

        on_close.append(services.end_drafts_of)
        on_enrollment_change.append(enrollments.enrollment_changed)
        clock.register_mover(clock_simulation.move_clock)
        calendar.on_change.append(services.recompute_deadlines)
