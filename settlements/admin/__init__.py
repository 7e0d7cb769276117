"""What is paid, in the staff's site: the policies of every area, kept by administrators and each area's supervisors."""

from django.contrib import admin

from regions.models import PolicyVersion
from settlements.admin.policies import PolicyVersionAdmin
from settlements.admin.what_ifs import WhatIfAdmin
from settlements.models import WhatIf

admin.site.register(PolicyVersion, PolicyVersionAdmin)
admin.site.register(WhatIf, WhatIfAdmin)
