"""Where and when: areas, agencies, institutions, working days and deadlines."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegionsConfig(AppConfig):
    name = "regions"
    verbose_name = _("地区与时间")
