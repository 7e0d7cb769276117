"""The reviewers' site: one worklist, one page for a case, the reason templates, the event log."""

from django.contrib import admin

from accounts.models import Delivery, Mandate, Merger
from reviews.admin.binding import CounterMandateAdmin, CounterStepAdmin, PersonLookupAdmin
from reviews.admin.deliveries import DeliveryAdmin
from reviews.admin.merging import MergerAdmin
from reviews.admin.records import EventAdmin, ExportAdmin, ReasonTemplateAdmin
from reviews.admin.seconding import SecondReviewAdmin, SecondReviewRuleAdmin
from reviews.admin.worklist import SubmissionAdmin
from reviews.models import (
    CounterStep,
    Event,
    Export,
    PersonLookup,
    ReasonTemplate,
    SecondReview,
    SecondReviewRule,
    Submission,
)

admin.site.register(Submission, SubmissionAdmin)
admin.site.register(ReasonTemplate, ReasonTemplateAdmin)
admin.site.register(Event, EventAdmin)
admin.site.register(Export, ExportAdmin)
admin.site.register(Mandate, CounterMandateAdmin)
admin.site.register(Merger, MergerAdmin)
admin.site.register(CounterStep, CounterStepAdmin)
admin.site.register(PersonLookup, PersonLookupAdmin)
admin.site.register(SecondReview, SecondReviewAdmin)
admin.site.register(SecondReviewRule, SecondReviewRuleAdmin)
admin.site.register(Delivery, DeliveryAdmin)
