"""The WSGI application, which `config.asgi` serves in threads."""

import ctypes
import gc
import os
from functools import lru_cache
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from policies.language import filing_rules

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DATABASE_STATEMENT_SECONDS", "30")  # nobody waits longer for a page
application = get_wsgi_application()
if settings.TRACES:
    import_module("config.traces").start("yidi-web")
    application.load_middleware()  # with the one that traces
# Not in somebody's first request: the policies, and all that answers.
filing_rules.shipped()
get_resolver().url_patterns  # noqa: B018
# An address is looked for among all patterns; most are asked for again and again, and lead where they led.
get_resolver().resolve = lru_cache(256)(get_resolver().resolve)  # type: ignore[method-assign]
# All of this stays, and is never looked through for rubbish again: that held a request up for 0.2 to 0.4 s now and then.
gc.collect()
gc.freeze()
# One heap for all threads: glibc would give each its own, and keep in each what its largest answer once took. What starting took
# and left goes back to the system.
if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
    M_ARENA_MAX = -8
    libc.mallopt(M_ARENA_MAX, 1)
    libc.malloc_trim(0)
