"""The staff's site: Unfold's, with what stands on every page alike written once for a process instead of for each page."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from unfold.sites import UnfoldAdminSite

Opened = tuple[str, frozenset[int]]


class StaffSite(UnfoldAdminSite):  # type: ignore[misc]
    """Its side bar depends on the role and on which entry is open, and on nothing else; the rest of the frame is everybody's."""

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._frame: dict[str, Any] = {}
        self._sidebars: dict[Opened, SafeString] = {}

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        if not self._frame:
            self._frame = super().each_context(request)
        return {
            **self._frame,
            "has_permission": self.has_permission(request),
            "available_apps": SimpleLazyObject(lambda: self.get_app_list(request)),  # no page of ours lists them
            "log_entries": self.get_log_entries(request),
            "environment": self._get_config("ENVIRONMENT", request),
            "sidebar_navigation": [],
            "sidebar": self._sidebar(request) if self.has_permission(request) else "",
        }

    def _sidebar(self, request: HttpRequest) -> SafeString:
        """The side bar as the theme's template writes it."""
        key = (getattr(request.user, "role", ""), self._opened(request))
        if key not in self._sidebars:
            navigation = {"sidebar_navigation": self.get_sidebar_list(request)}
            self._sidebars[key] = render_to_string("unfold/helpers/app_list.html", navigation)
        return self._sidebars[key]

    def _opened(self, request: HttpRequest) -> frozenset[int]:
        """Which entries of the side bar are open at this address, by the theme's own rule."""
        home = self._entries[0][0]
        return frozenset(
            at
            for at, (path, active) in enumerate(self._entries)
            if (active(request) if active else path == request.path if path == home else path in request.path)
        )

    @cached_property
    def _entries(self) -> list[tuple[str, Any]]:
        """Of each entry its path, and the function that says whether it is open, where it has its own; the first is the start page."""
        groups = settings.UNFOLD["SIDEBAR"]["navigation"]
        entries = [entry for group in groups for entry in group["items"]]
        return [(urlsplit(str(entry["link"])).path, entry.get("active")) for entry in entries]
