"""What the staff's site takes: the fields of its forms and the queries of its links, read from its pages and from its code."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.apps import apps
from django.urls import Resolver404, resolve

from tests.access.routes import SITE
from tests.access.table import shape

ACTION, SELECTED = "action", "_selected_action"


@dataclass(frozen=True)
class Field:
    """A field of a form, or (`?name`) of the query of the address that it is sent to, with the values that the page gives it."""

    method: str
    path: str
    name: str
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.name}"


@dataclass
class Form:
    """A form as it stands in a page."""

    method: str
    address: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    """Finds the forms of a page, with what stands elsewhere and belongs to one (`form=`), and its links."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here, self.select = here, ""
        self.forms: dict[str, Form] = {}
        self.links: list[str] = []
        self.open: Form | None = None
        self.last: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(given.get("method", "get").upper(), urljoin(self.here, given.get("action") or self.here))
            self.forms[given.get("id") or str(len(self.forms))] = self.open
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self.here, given["href"]))
        if tag in ("input", "select", "textarea", "button") and given.get("name"):
            self._named(tag, given)
        if tag == "option" and self.select and self.last:
            self.last.fields[self.select].append(given.get("value", ""))

    def _named(self, tag: str, given: dict[str, str]) -> None:
        form = self.forms.get(given.get("form", ""), self.open)
        if form is not None:
            form.fields.setdefault(given["name"], []).append(given.get("value", ""))
            self.select, self.last = given["name"] if tag == "select" else "", form

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        if tag == "select":
            self.select = ""


def fields_of(page: str, here: str) -> Iterator[Field]:
    """What the forms of a page send, and what its links ask; actions on selected rows one by one: `_selected_action=merge`."""
    reader = _Reader(here)
    reader.feed(page)
    for form in reader.forms.values():
        path = page_of(form.address)
        for name, values in form.fields.items():
            names = [name]
            if name == SELECTED:
                names = [f"{name}={action}" for action in form.fields.get(ACTION, []) if action]
            yield from (Field(form.method, path, each, tuple(values)) for each in names)
        if form.method == "POST":
            yield from (Field("POST", path, f"?{name}", (value,)) for name, value in query(form.address))
    for link in reader.links:
        yield from (Field("GET", page_of(link), name, (value,)) for name, value in query(link))


def query(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query, keep_blank_values=True)


def page_of(address: str) -> str:
    """The shape of an address of the site, as the tables have it; of another address nothing."""
    try:
        route = resolve(urlsplit(address).path).route
    except Resolver404:
        return ""
    return shape(route.removeprefix(SITE)) if route.startswith(SITE) else ""


def read_names() -> set[str]:
    """The names that the code of the site reads from what was sent to it."""
    roots = [Path(config.path) for config in apps.get_app_configs() if Path(config.path).parent == Path.cwd()]
    files = {file for root in roots for file in root.rglob("*.py") if "admin" in str(file.relative_to(root.parent))}
    return {name for file in files for name in _read_in(ast.walk(ast.parse(file.read_text())))}


SENT = {"POST", "GET", "post", "sent", "typed"}


def _read_in(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """`sent["name"]`, `sent.get("name")` and `"name" in sent`, whatever of SENT the sent is."""
    for node in nodes:
        match node:
            case ast.Subscript(value=of, slice=ast.Constant(value=str(name))) if _is_sent(of):
                yield name
            case ast.Call(func=ast.Attribute(value=of), args=[ast.Constant(value=str(name)), *_]) if _is_sent(of):
                yield name
            case ast.Compare(left=ast.Constant(value=str(name)), comparators=[of]) if _is_sent(of):
                yield name


def _is_sent(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in SENT
