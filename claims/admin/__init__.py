"""Claims and their payment files in the staff's site."""

from django.contrib import admin

from claims.admin.batches import PaymentBatchAdmin
from claims.admin.claims import ClaimAdmin
from claims.models import Claim, PaymentBatch

admin.site.register(Claim, ClaimAdmin)
admin.site.register(PaymentBatch, PaymentBatchAdmin)
