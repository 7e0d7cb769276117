"""The queue: submissions, materials, workflow, deadlines, decisions, events, checks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("审核队列")
