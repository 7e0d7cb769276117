"""What is paid, in the staff's site: the policies of every area, bills, claims and the payment files that pay them."""

from django.contrib import admin

from regions.models import PolicyVersion
from settlements.admin.batches import PaymentBatchAdmin
from settlements.admin.bills import IdentityLookupAdmin, SettlementAdmin
from settlements.admin.claims import ClaimAdmin
from settlements.admin.policies import PolicyVersionAdmin
from settlements.admin.what_ifs import WhatIfAdmin
from settlements.models import Claim, IdentityLookup, PaymentBatch, Settlement, WhatIf

admin.site.register(PolicyVersion, PolicyVersionAdmin)
admin.site.register(WhatIf, WhatIfAdmin)
admin.site.register(Settlement, SettlementAdmin)
admin.site.register(IdentityLookup, IdentityLookupAdmin)
admin.site.register(Claim, ClaimAdmin)
admin.site.register(PaymentBatch, PaymentBatchAdmin)
