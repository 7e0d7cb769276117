"""Every object that a form or an address of the staff's site names: another area's is answered as one that does not exist.

The fields are read from the pages that each kind of staff is shown, and from the code (`tests/access/pages.py`); the lists' filters from
the registry.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.messages import get_messages
from django.db.models import ForeignKey
from django.test import RequestFactory

from accounts.models import hidden_number
from tests import factories as make
from tests.access.elsewhere import Elsewhere, elsewhere, newborn, paid, referral
from tests.access.naming import BY_MODEL, NAMED, NO_OBJECT, SEARCHED
from tests.access.pages import Field, fields_of, read_names
from tests.access.routes import SITE, address_of, registered, site_pages
from tests.access.staff import PAGES, REGISTRY, STAFF
from tests.access.table import answers, shape
from tests.access.world import HERE, World, call_that_changes_nothing, written

pytestmark = pytest.mark.django_db
SENDERS = ("hospital", "reviewer", "supervisor", "finance")
"""Who sees a part. Administrators see all."""
BIRTH = "Z520100026"


@pytest.fixture(scope="module")
def theirs(world: World, listed: dict[str, Any], named: dict[str, Any]) -> Elsewhere:
    return elsewhere(world)


@pytest.fixture(scope="module")
def own(world: World, listed: dict[str, Any], named: dict[str, Any], theirs: Elsewhere) -> dict[str, Any]:
    """What one's own area has, by the same names."""
    _claim, batch, line = paid(world, world.insured(), "finance", "P520100-9")
    world.registered(world.enrollment)
    filing = world.row("filings", "submitted", "owner")
    make.enrollment(newborn(BIRTH, "小亮"), code=HERE)
    return named | {
        "area": HERE,
        "account": make.reviewer(HERE).pk,
        "agency": listed["regions.Agency"],
        "closed_day": listed["regions.ClosedDay"],
        "code": "own",
        "delivery": listed["accounts.Delivery"],
        "draft": listed["policies.PolicyVersion"],
        "filing": filing.pk,
        "id_number": world.person.id_number,
        "line": line.pk,
        "mandate": listed["accounts.Mandate"],
        "merger": listed["accounts.Merger"],
        "number": filing.number,
        "paid_batch": batch.pk,
        "person": world.person.pk,
        "referral_number": referral(world.enrollment, world["hospital"]).number,
        "scans": {who: [make.material(world[who]).pk for _ in range(2)] for who in ("reviewer", "supervisor")},
        "submission": filing.pk,
        "template": listed["reviews.ReasonTemplate"],
        "username": world["reviewer"].username,
    }


@pytest.fixture(scope="module")
def pages(world: World, listed: dict[str, Any], named: dict[str, Any], theirs: Elsewhere) -> list[tuple[str, str, str]]:
    """The pages that are shown to whoever sees a part: the address, to whom, the page."""
    return list(pages_of(world, listed, named))


def pages_of(world: World, listed: dict[str, Any], named: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for address, who in pages_shown(listed, named):
        with call_that_changes_nothing():
            answer = world.site(who).get(f"/{SITE}{address}")
            if answer["Content-Type"].startswith("text/html"):
                yield address, who, answer.content.decode()


def test_no_page_shows_or_offers_what_another_area_has(pages: list[tuple[str, str, str]], theirs: Elsewhere) -> None:
    found = {(address, who): marks for address, who, page in pages if (marks := shown_of(theirs, page))}

    assert found == {}


def test_the_table_names_every_field_that_names_an_object(pages: list[tuple[str, str, str]]) -> None:
    table = {shaped(name) for name in NAMED}
    fields = [field for address, _who, page in pages for field in fields_of(page, f"/{SITE}{address}")]
    shown = {str(field) for field in fields if field.path}
    unnamed = {
        str(field) for field in fields if field.path and (not known_word(field.name) or has_a_key(field))
    } - table
    read = read_names()

    assert sorted(unnamed) == [], (
        "whose objects do these name? Say in tests/access/naming.py how they are sent (NAMED), or that they name none (NO_OBJECT)"
    )
    assert sorted(read - NO_OBJECT - {bare(name) for name in table}) == [], (
        "the site's code reads these: tests/access/naming.py must know them"
    )
    assert sorted(name for name in table if name not in shown and bare(name) not in read | BY_NAME) == [], (
        "these fields are gone: take them out of tests/access/naming.py"
    )
    assert {name.split()[1] for name in table} <= every_address()


BY_NAME = {
    "_changelist_filters", "actor", "applicant", "area", "assignee", "confirm", "draft", "figure", "number", "person", "s",
}  # fmt: skip
"""Read by the framework, by the filter of that name, or one of a tuple."""


@pytest.mark.parametrize("name", NAMED)
def test_what_is_named_of_another_area_is_answered_as_if_it_did_not_exist(
    world: World, own: dict[str, Any], theirs: Elsewhere, name: str
) -> None:
    naming = NAMED[name]
    key = theirs.keys[naming.theirs]
    for who in naming.who.split():
        refused, unknown = (sent(world, who, name, each, own) for each in (key, nobodys(naming.theirs, key)))

        assert (who, refused.words) == (who, unknown.words)
        assert (who, refused.wrote) == (who, set(naming.records.split()))
        assert (who, shown_of(theirs, refused.words)) == (who, [])
        if naming.own:
            mine = scan(own, who, 1) if naming.own == "scan" else own[naming.own]
            assert sent(world, who, name, mine, own).words != unknown.words


LISTS = [
    (label, who)
    for label, pages in REGISTRY.items()
    for who in SENDERS
    if answers(pages.list, STAFF)[who] == "200"
    and not (who == "reviewer" and answers(pages.list, STAFF)["supervisor"] == "200")
]
"""The lists that somebody is shown in part; of two who see the same part, one."""


@pytest.mark.parametrize(("label", "who"), LISTS)
def test_a_list_filtered_or_searched_by_what_another_area_has_is_empty(
    world: World, theirs: Elsewhere, label: str, who: str
) -> None:
    model = apps.get_model(label)
    for asked, kind in questions(model):
        key = theirs.keys[kind]
        found, unknown = (rows_listed(world, who, model, {asked: str(each)}) for each in (key, nobodys(kind, key)))

        assert (asked, found) == (asked, unknown)
        assert found in ([], "refused")


def rows_listed(world: World, who: str, model: Any, query: dict[str, str]) -> Any:
    """The rows of the list that one is shown with a query."""
    request = RequestFactory().get("/", query)
    request.user = world[who]
    try:
        return list(registered()[model].get_changelist_instance(request).queryset)
    except (DisallowedModelAdminLookup, IncorrectLookupParameters):
        return "refused"


def questions(model: Any) -> Iterator[tuple[str, str]]:
    """By what a list of the model may be filtered that names an object, with what of another area is asked for."""
    for field in model._meta.concrete_fields:
        if isinstance(field, ForeignKey) and not field.remote_field.parent_link:
            related = field.related_model._meta
            if related.label not in REFERENCE or field.name == "area":
                yield f"{field.name}__{related.pk.name}__exact", BY_MODEL[related.label]
    if registered()[model].search_fields:
        yield "q", SEARCHED[model._meta.label]


REFERENCE = {"regions.Area", "regions.Disease", "policies.Notice"}
"""What any area's rows may lead to."""


# What the pages have


def pages_shown(listed: dict[str, Any], named: dict[str, Any]) -> Iterator[tuple[str, str]]:
    every = [(page.path.format(**named), page.get) for page in PAGES]
    for label, pages in REGISTRY.items():
        model = apps.get_model(label)
        kinds = (("changelist", pages.list), ("add", pages.add), ("change", pages.change))
        every += [(address_of(model, name, listed[label]), who) for name, who in kinds]
    for address, expected in every:
        may = answers(expected, STAFF)
        yield from ((address, who) for who in SENDERS if may[who] == "200")


def every_address() -> set[str]:
    kinds = ("changelist", "add", "change")
    return {*site_pages(), *(address_of(model, kind) for model in registered() for kind in kinds)}


def shaped(name: str) -> str:
    """A line of the table as the pages have it."""
    method, path, field = name.split(" ")
    return f"{method} {shape(path)} {field}"


def bare(name: str) -> str:
    return name.rpartition(" ")[2].removeprefix("?").partition("=")[0]


def known_word(name: str) -> bool:
    return name.removeprefix("?") in NO_OBJECT or name.startswith("scan-")


def has_a_key(field: Field) -> bool:
    """Whether the page itself gives keys of rows for it, whatever it is called."""
    return field.name != "key" and any(
        re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value) for value in field.values
    )


# How it is sent


@dataclass(frozen=True)
class Answer:
    """The words of an answer, and the tables that were written."""

    words: str
    wrote: set[str]


def sent(world: World, who: str, name: str, key: Any, own: dict[str, Any]) -> Answer:
    """One's own form, and in the field the key."""
    method, path, field = name.split(" ")
    naming = NAMED.get(name)
    first = scan(own, who, 0) if own else ""
    given = (
        {each: value.format(**own, sent=key, own_scan=first) for each, value in naming.form.items()} if naming else {}
    )
    text = naming.value.format(key) if naming else str(key)
    address = f"/{SITE}{path.format(**own)}"
    if method == "GET" or field.startswith("?"):
        address += "?" + urlencode({field.removeprefix("?"): text})
    else:
        given[field.partition("=")[0]] = text
    with call_that_changes_nothing():
        before = written()
        answer = world.site(who).generic("GET", address) if method == "GET" else world.site(who).post(address, given)
        words = "\n".join(said_by(answer))
        wrote = {table for table, times in written().items() if times != before.get(table, 0)}
    return Answer(plain(words, str(key)), wrote)


def said_by(answer: Any) -> Iterator[str]:
    """The status, where it leads, the name of a file, the sentences that the next page shows, the page; of a PDF no more."""
    yield from (str(answer.status_code), answer.get("Location", ""), answer.get("Content-Disposition", ""))
    yield from map(str, get_messages(answer.wsgi_request))
    if answer.get("Content-Type") != "application/pdf":  # which has the second in it when it was made
        yield answer.getvalue().decode()


def plain(text: str, key: str) -> str:
    """The words without what is another at each call, and without the key itself."""
    text = re.sub(r'csrfmiddlewaretoken" value="\w+"|data-page="\w+"', "", text)
    return re.sub(rf"((?<!\w)|(?<=%3[AD])|(?<=%253[AD])){re.escape(key)}(?!\w)", "KEY", text)


def shown_of(theirs: Elsewhere, words: str) -> list[str]:
    """What of the other area stands in the words, and is no part of something longer."""
    found = [mark for mark in theirs.marks if mark in words]
    return [mark for mark in found if re.search(rf"(?<!\w){re.escape(mark)}(?!\w)", words)]


def scan(own: dict[str, Any], who: str, which: int) -> Any:
    """An upload of the clerk's own."""
    return own["scans"].get(who, [""] * 2)[which]


def nobodys(kind: str, key: Any) -> Any:
    """The like of a key, which nothing has."""
    if kind in ("id_number", "id_hidden"):
        number = make.id_number()
        return hidden_number(number) if kind == "id_hidden" else number
    if isinstance(key, uuid.UUID):
        return uuid.uuid4()
    if isinstance(key, int):
        return 999999
    return {"area": "999999", "birth_certificate": "Z510000099"}.get(kind, "20260302-999999-9")
