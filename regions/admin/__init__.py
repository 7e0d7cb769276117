"""Master data in the staff's site: administrators keep all of it, supervisors their own area's agency and closed days."""

from django.contrib import admin

from regions.admin.places import AgencyAdmin, AreaAdmin, DiseaseAdmin, InstitutionAdmin
from regions.admin.times import CalendarDayAdmin, CalendarYearAdmin, ClosedDayAdmin
from regions.models import Agency, Area, CalendarDay, CalendarYear, ClosedDay, Disease, Institution

admin.site.register(Area, AreaAdmin)
admin.site.register(Agency, AgencyAdmin)
admin.site.register(Institution, InstitutionAdmin)
admin.site.register(Disease, DiseaseAdmin)
admin.site.register(CalendarYear, CalendarYearAdmin)
admin.site.register(CalendarDay, CalendarDayAdmin)
admin.site.register(ClosedDay, ClosedDayAdmin)
