"""What is paid, in the staff's site: bills, and the policies of every area, kept by administrators and its supervisors."""

from django.contrib import admin

from regions.models import PolicyVersion
from settlements.admin.bills import IdentityLookupAdmin, SettlementAdmin
from settlements.admin.policies import PolicyVersionAdmin
from settlements.admin.what_ifs import WhatIfAdmin
from settlements.models import IdentityLookup, Settlement, WhatIf

admin.site.register(PolicyVersion, PolicyVersionAdmin)
admin.site.register(WhatIf, WhatIfAdmin)
admin.site.register(Settlement, SettlementAdmin)
admin.site.register(IdentityLookup, IdentityLookupAdmin)
