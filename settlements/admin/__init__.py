"""What is paid, in the staff's site: the policies of every area, claims and the payment files that pay them."""

from django.contrib import admin

from regions.models import PolicyVersion
from settlements.admin.batches import PaymentBatchAdmin
from settlements.admin.claims import ClaimAdmin
from settlements.admin.policies import PolicyVersionAdmin
from settlements.admin.what_ifs import WhatIfAdmin
from settlements.models import Claim, PaymentBatch, WhatIf

admin.site.register(PolicyVersion, PolicyVersionAdmin)
admin.site.register(WhatIf, WhatIfAdmin)
admin.site.register(Claim, ClaimAdmin)
admin.site.register(PaymentBatch, PaymentBatchAdmin)
