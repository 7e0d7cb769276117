"""What is paid, in the staff's site: bills, claims and their payment files, accounts with hospitals and areas, the policies."""

from django.contrib import admin

from regions.models import PolicyVersion
from settlements.admin.batches import PaymentBatchAdmin
from settlements.admin.bills import IdentityLookupAdmin, SettlementAdmin
from settlements.admin.claims import ClaimAdmin
from settlements.admin.clearings import ClearingAdmin
from settlements.admin.days import ReconciliationAdmin
from settlements.admin.policies import PolicyVersionAdmin
from settlements.admin.what_ifs import WhatIfAdmin
from settlements.models import Claim, Clearing, IdentityLookup, PaymentBatch, Reconciliation, Settlement, WhatIf

admin.site.register(PolicyVersion, PolicyVersionAdmin)
admin.site.register(WhatIf, WhatIfAdmin)
admin.site.register(Settlement, SettlementAdmin)
admin.site.register(IdentityLookup, IdentityLookupAdmin)
admin.site.register(Claim, ClaimAdmin)
admin.site.register(PaymentBatch, PaymentBatchAdmin)
admin.site.register(Reconciliation, ReconciliationAdmin)
admin.site.register(Clearing, ClearingAdmin)
