"""What is paid, in the staff's site: bills, the accounts with hospitals and between areas, and the policies of every area."""

from django.contrib import admin

from regions.models import PolicyVersion
from settlements.admin.bills import IdentityLookupAdmin, SettlementAdmin
from settlements.admin.clearings import ClearingAdmin
from settlements.admin.days import ReconciliationAdmin
from settlements.admin.policies import PolicyVersionAdmin
from settlements.admin.what_ifs import WhatIfAdmin
from settlements.models import Clearing, IdentityLookup, Reconciliation, Settlement, WhatIf

admin.site.register(PolicyVersion, PolicyVersionAdmin)
admin.site.register(WhatIf, WhatIfAdmin)
admin.site.register(Settlement, SettlementAdmin)
admin.site.register(IdentityLookup, IdentityLookupAdmin)
admin.site.register(Reconciliation, ReconciliationAdmin)
admin.site.register(Clearing, ClearingAdmin)
