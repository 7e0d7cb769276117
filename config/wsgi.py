"""The WSGI application, which `config.asgi` serves in threads."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from policies.language import filing_rules

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DATABASE_STATEMENT_SECONDS", "30")  # nobody waits longer for a page
application = get_wsgi_application()
if settings.TRACES:
    import_module("config.traces").start("yidi-web")
    application.load_middleware()  # with the one that traces
filing_rules.shipped()  # over sixty files take a second to read: not in somebody's first request
