"""Where and when: pooling areas, agencies, institutions, diseases, the calendar, the clock, the notices, the policies."""

from regions.models.places import Agency, Area, AreaLevel, AreaQuerySet, Disease, Institution, Searchable
from regions.models.policies import PolicyBook, PolicyVersion
from regions.models.times import CalendarDay, CalendarVersion, CalendarYear, ClockState, ClosedDay, Notice

__all__ = [
    "Agency",
    "Area",
    "AreaLevel",
    "AreaQuerySet",
    "CalendarDay",
    "CalendarVersion",
    "CalendarYear",
    "ClockState",
    "ClosedDay",
    "Disease",
    "Institution",
    "Notice",
    "PolicyBook",
    "PolicyVersion",
    "Searchable",
]
