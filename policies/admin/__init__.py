"""The policies in the staff's site: versions, uploading, comparing, publishing; and the notices they write."""

from django.contrib import admin

from policies.admin.notices import NoticeAdmin
from policies.admin.versions import PolicyVersionAdmin
from policies.models import Notice, PolicyVersion

admin.site.register(PolicyVersion, PolicyVersionAdmin)
admin.site.register(Notice, NoticeAdmin)
