"""Script in every field: what is stored with markup is shown as text, on every page of the staff's site.

The columns are taken from the models, the pages from the site's registry: a new one is tried by itself. The phone's pages
are walked with the same in a browser: tests/browser/test_looks.py.
"""

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import Role
from config.environment import BASE_DIR
from referrals.models import Referral
from tests import factories as make
from tests.attack.marking import TAG, free_texts, mark_everything
from tests.attack.test_forged import pages
from tests.browser.everything import furnish, patient
from tests.monday import at

FOLDERS = [*sorted(path.name for path in BASE_DIR.iterdir() if (path / "__init__.py").exists()), "templates"]
ROLES = (Role.ADMIN, Role.SUPERVISOR, Role.FINANCE)
HANDS_ON = {  # names of the library's own escapes that may be passed over, and where; each was read
    "mobile/static/mobile/lib/parts.js": 1,  # our own templates, fetched from us
    "core/templatetags/result_table.py": 3,  # its import; rows of cells each escaped; the theme's own box around an escaped key
}


@pytest.fixture
def marked(db):
    """An account with something of everything, every word of it with markup in front."""
    make.working_calendar()
    with at("2026-11-23 10:00"):
        owner = patient()
        account = make.citizen(owner)
        furnish(account, owner)
        yield mark_everything()


def addresses():
    """Every list and every row's pages, and whatever else the site has without a row."""
    yield from (address for address in pages() if "01a224b9" not in address)
    for model, _page in admin.site._registry.items():
        label = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for row in model._base_manager.all()[:3]:
            for view in ("change", "history", "delete"):
                try:
                    yield reverse(f"{label}_{view}", args=[row.pk])
                except NoReverseMatch:
                    continue


def test_every_page_of_the_staffs_site_shows_it_as_text(marked):
    raw, shown, asked = set(), set(), 0
    everything = list(dict.fromkeys(addresses()))
    for role in ROLES:
        client = Client(raise_request_exception=False)
        client.force_login(make.staff(role))
        for address in everything:
            answer = client.get(address)
            asked += 1
            if not answer.headers.get("Content-Type", "").startswith("text/html") or answer.streaming:
                continue
            page = answer.content.decode()
            if TAG in page or answer.status_code >= 500:
                raw.add((role, address, answer.status_code))
            if "&lt;x9" in page:
                shown.add(address)

    assert marked > 100
    assert asked > 300
    assert raw == set()
    assert len(shown) > 40


def test_the_page_that_verifies_a_referral_shows_it_as_text(marked, client):
    referral = Referral.objects.get()

    for answer in (client.get(f"/r/{referral.verification_code}"), client.get("/r/", {"code": f"{TAG} y"})):
        assert TAG not in answer.content.decode()


def test_no_template_and_no_script_writes_markup_by_hand():
    """What would switch the escaping off is nowhere, but where it is named here."""
    by_hand = re.compile(
        r"x-html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\|\s*safe\b|autoescape off|mark_safe|createContextualFragment"
    )
    found = {}
    texts = (
        path for folder in FOLDERS for path in (BASE_DIR / folder).rglob("*") if path.suffix in (".html", ".js", ".py")
    )
    for path in texts:
        count = len(by_hand.findall(path.read_text("utf-8")))
        if count and "vendor" not in path.parts and not path.name.endswith(".min.js"):
            found[str(path.relative_to(BASE_DIR))] = count

    assert found == HANDS_ON


def test_what_is_marked_is_what_people_write():
    """The control: names, reasons, addresses and summaries are among the columns."""
    columns = {f"{model._meta.label}.{name}" for model, names in free_texts().items() for name in names}

    assert {"accounts.Person.name", "filings.Filing.address", "reviews.Note.text", "referrals.Referral.summary",
            "claims.Claim.bank_holder", "accounts.Message.text", "regions.Agency.address", "reviews.Material.filename"} <= columns  # fmt: skip
