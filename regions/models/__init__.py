"""Where and when: pooling areas, agencies, institutions, diseases, and the working calendar."""

from regions.models.places import Agency, Area, AreaLevel, AreaQuerySet, Disease, Institution, Searchable
from regions.models.times import CalendarDay, CalendarVersion, CalendarYear, ClosedDay

__all__ = [
    "Agency",
    "Area",
    "AreaLevel",
    "AreaQuerySet",
    "CalendarDay",
    "CalendarVersion",
    "CalendarYear",
    "ClosedDay",
    "Disease",
    "Institution",
    "Searchable",
]
