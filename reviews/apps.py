"""The queue: submissions, materials, workflow, deadlines, decisions, events, checks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("审核队列")

    def ready(self) -> None:
        """Tell the apps below what they need of the queue: who moves the clock, and what follows a new calendar."""
        from regions import calendar, clock
        from reviews import jumps, services

        clock.register_mover(jumps.move_clock)
        calendar.on_change.append(services.recompute_deadlines)
