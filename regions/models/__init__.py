"""Where and when: pooling areas and counties, agencies, institutions, diseases; the working calendar."""

from regions.models.imports import MasterImport
from regions.models.places import (
    COUNTY,
    Agency,
    Area,
    AreaLevel,
    AreaQuerySet,
    County,
    Disease,
    Institution,
    Searchable,
    area_names,
    areas_with_parents,
    institution_with_areas,
)
from regions.models.times import CalendarDay, CalendarVersion, CalendarYear, ClosedDay

__all__ = [
    "COUNTY",
    "Agency",
    "Area",
    "AreaLevel",
    "AreaQuerySet",
    "CalendarDay",
    "CalendarVersion",
    "CalendarYear",
    "ClosedDay",
    "County",
    "Disease",
    "Institution",
    "MasterImport",
    "Searchable",
    "area_names",
    "areas_with_parents",
    "institution_with_areas",
]
