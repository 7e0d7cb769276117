"""What is paid, in the staff's site: the policies of every area, and the accounts with hospitals and between areas."""

from django.contrib import admin

from regions.models import PolicyVersion
from settlements.admin.clearings import ClearingAdmin
from settlements.admin.days import ReconciliationAdmin
from settlements.admin.policies import PolicyVersionAdmin
from settlements.admin.what_ifs import WhatIfAdmin
from settlements.models import Clearing, Reconciliation, WhatIf

admin.site.register(PolicyVersion, PolicyVersionAdmin)
admin.site.register(WhatIf, WhatIfAdmin)
admin.site.register(Reconciliation, ReconciliationAdmin)
admin.site.register(Clearing, ClearingAdmin)
