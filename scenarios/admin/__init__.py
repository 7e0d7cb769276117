"""The staff's pages of scenarios: requested on a small form, followed while they run, read as a page."""

from scenarios.admin import policy, staffing

__all__ = ["policy", "staffing"]
