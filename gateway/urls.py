"""The addresses of the national interface: every client's base, whatever follows."""

from django.urls import re_path

from gateway.views import interface

urlpatterns = [
    re_path(r"^(?:fsi/api|mbs-fsi/web/api/fsi|mss/web/api/fsi)(?:/(?P<path>.*))?$", interface, name="gateway"),
]
