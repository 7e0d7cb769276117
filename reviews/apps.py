"""The queue: submissions, materials, workflow, deadlines, decisions, events, checks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("审核队列")

    def ready(self) -> None:
        """Tell the apps below what they need of the queue: who moves the clock, what follows a new calendar or a closed account."""
        from accounts import leaving as people_leaving
        from accounts.registry import enrollment_changed
        from accounts.rotation import data_keys_changed
        from accounts.services.accounts import account_closed
        from accounts.services.inbox import noted
        from accounts.services.uniting import united
        from core import clock
        from core.admin import exported
        from regions.calendar import calendar_changed
        from reviews import audit, clock_simulation, leaving, services, uniting
        from reviews.audit.sources import SOURCES
        from reviews.materials.storage import reseal_all
        from reviews.models import Export, Note

        account_closed.follow(services.end_drafts_of)
        people_leaving.exporting.follow(leaving.exported)
        people_leaving.closing.follow(leaving.left_open)
        noted.follow(Note.objects.texts)
        united.follow(uniting.hand_over)
        enrollment_changed.follow(services.follow_enrollment)
        data_keys_changed.follow(reseal_all)
        clock.moving.follow(clock_simulation.move_clock)
        calendar_changed.follow(services.recompute_deadlines)
        exported.follow(Export.objects.keep)
        for source in SOURCES:
            audit.register(source)
