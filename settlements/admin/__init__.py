"""Bills and accounts in the staff's site: what was settled, days with hospitals, months with areas."""

from django.contrib import admin

from settlements.admin.bills import IdentityLookupAdmin, SettlementAdmin
from settlements.admin.clearings import ClearingAdmin
from settlements.admin.days import ReconciliationAdmin
from settlements.models import Clearing, IdentityLookup, Reconciliation, Settlement

admin.site.register(Settlement, SettlementAdmin)
admin.site.register(IdentityLookup, IdentityLookupAdmin)
admin.site.register(Reconciliation, ReconciliationAdmin)
admin.site.register(Clearing, ClearingAdmin)
