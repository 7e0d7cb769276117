"""What there is to be called, from Django's own URL resolver and the registry of the staff's site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, get_resolver

from tests.access.table import shape

METHODS = ("get", "post", "put", "patch", "delete")
API = "api/v1/"


def routes(patterns: Any = None, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every address with its view, as the resolver has them."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address, pattern.callback
        else:
            yield from routes(pattern.url_patterns, address)


def endpoints() -> Iterator[tuple[str, str]]:
    """Every endpoint of the API as (method, shape of its address)."""
    for address, view in routes():
        if address.startswith(API):
            for method in methods_of(view):
                yield method.upper(), shape(address.removeprefix(API))


def methods_of(view: Any) -> list[str]:
    """The methods a view of the API has, by its router's table or its class."""
    actions = getattr(view, "actions", None)
    served = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return [method for method in METHODS if (method in actions if actions else hasattr(served, method))]


SITE = "admin/"
STANDARD = ("changelist", "add", "history", "delete", "change")


def site_pages() -> Iterator[str]:
    """The shape of every address of the staff's site that is not one of the five that each registered model has."""
    kept = {address_of(model, name) for model in registered() for name in (*STANDARD, "redirect")}
    for address, _view in routes():
        if address.startswith(SITE) and (page := shape(address.removeprefix(SITE))) not in kept:
            yield page


def registered() -> dict[Any, Any]:
    """The models of the registry with their admin classes."""
    return admin.site._registry


def address_of(model: Any, name: str, key: Any = "{}") -> str:
    """The address of a page that every registered model has, below the site."""
    base = f"{model._meta.app_label}/{model._meta.model_name}/"
    ends = {"changelist": "", "add": "add/", "redirect": f"{key}/"}
    return base + ends.get(name, f"{key}/{name}/")
