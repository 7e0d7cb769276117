"""The reviewers' site: one worklist, one page for a case, the reason templates, the event log."""

from django.contrib import admin

from reviews.admin.records import EventAdmin, ReasonTemplateAdmin
from reviews.admin.worklist import SubmissionAdmin
from reviews.models import Event, ReasonTemplate, Submission

admin.site.register(Submission, SubmissionAdmin)
admin.site.register(ReasonTemplate, ReasonTemplateAdmin)
admin.site.register(Event, EventAdmin)
