"""The reviewers' site: one worklist, one page for a case, the reason templates, the event log."""

from django.contrib import admin

from reviews.admin.records import EventAdmin, ExportAdmin, ReasonTemplateAdmin
from reviews.admin.seconding import SecondReviewAdmin, SecondReviewRuleAdmin
from reviews.admin.worklist import SubmissionAdmin
from reviews.models import Event, Export, ReasonTemplate, SecondReview, SecondReviewRule, Submission

admin.site.register(Submission, SubmissionAdmin)
admin.site.register(ReasonTemplate, ReasonTemplateAdmin)
admin.site.register(Event, EventAdmin)
admin.site.register(Export, ExportAdmin)
admin.site.register(SecondReview, SecondReviewAdmin)
admin.site.register(SecondReviewRule, SecondReviewRuleAdmin)
