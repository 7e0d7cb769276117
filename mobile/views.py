"""The shell of the phone pages: one HTML page whose scripts call the REST API like any other client."""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from accounts.models import Category, Insurance, Relation
from filings.models import CommitmentStatus, FilingType
from mobile import release
from policies.language.terms import CARE_LABELS, CARES, DOCUMENT_LABELS, TRAVEL_LABELS
from policies.language.wording import FUND_LABELS, GRADE_LABELS, LEVEL_LABELS, REFUSAL_LABELS
from reviews.models import Status

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data: blob:",  # data: the style sheet's own pictures; blob: a photo before it is uploaded
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
STATIC = release.STATIC
SHEETS = (
    "vendor/weui-base.min.css",
    "vendor/weui-button.min.css",
    "vendor/weui-switch.min.css",
    "css/base.css",
    "css/frame.css",
    "css/parts.css",
    "css/fields.css",
    "css/home.css",
)
"""What the first page is dressed in; a phone fetches them as one."""
STYLES = "\n".join((STATIC / sheet).read_text("utf-8") for sheet in SHEETS)
STYLES_ADDRESS = f"/shell.{hashlib.sha256(STYLES.encode()).hexdigest()[:12]}.css"
WORKER = (STATIC / "sw.js").read_bytes()
WORKER_ADDRESS = f"/worker.{hashlib.sha256(WORKER).hexdigest()[:12]}.js"
JAVASCRIPT = "text/javascript; charset=utf-8"
ICON = f"data:image/svg+xml,{quote((STATIC / 'icon.svg').read_text('utf-8'))}"
FOLDERS = {
    "people",
    "filings",
    "claims",
    "bills",
    "chronic",
    "referrals",
    "estimates",
    "eligibility",
    "coverage",
    "guide",
    "kept",
    "lookup",
}
"""The pages that come when they are opened, by subject (`lib/lazy-pages.js`)."""


class Tile(NamedTuple):
    """A way from home to a service."""

    name: str
    href: str
    icon: str
    tone: str


TILES = (
    Tile("我要备案", "#/file", "i-file", "tone-good"),
    Tile("医保码", "#/code", "i-code", "tone-good"),
    Tile("备案记录", "#/records", "i-list", "tone-info"),
    Tile("就医账单", "#/bills", "i-bill", "tone-info"),
    Tile("门诊慢特病", "#/chronic", "i-shield", "tone-good"),
    Tile("手工报销", "#/claims", "i-bill", "tone-warn"),
    Tile("转诊证明", "#/referrals", "i-paper", "tone-info"),
    Tile("家庭成员", "#/family", "i-family", "tone-warn"),
    Tile("找医院", "#/hospitals", "i-search", "tone-good"),
    Tile("更多查询", "#/lookup", "i-info", "tone-info"),
)
STEPS = ("选择", "告知书", "填写", "提交", "结果")

FOR_GOOD = {"max_age": 365 * 24 * 3600, "public": True, "immutable": True}
"""What the address names never changes, so a phone that has it does not ask again."""


@require_safe
@cache_control(no_cache=True)
@conditional_page
def shell(request: HttpRequest) -> HttpResponse:
    """The page holds nothing of anyone; what is shown comes from the API. A phone keeps it, and asks at each visit whether it stands."""
    now = release.current()
    context = {
        "words": words(),
        "styles": STYLES_ADDRESS,
        "modules": [now.base + path for path in now.first],
        "ahead": now.ahead,
        "worker": WORKER_ADDRESS,
        "simulated": settings.SIMULATION,
        "icon": ICON,
        "tiles": TILES,
    }
    response = render(request, "mobile/shell.html", context | _sandbox())
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


@require_safe
@cache_control(**FOR_GOOD)
def styles(request: HttpRequest, digest: str) -> HttpResponse:
    """The style sheets of the first page, under the digest of what they hold."""
    if request.path != STYLES_ADDRESS:
        raise Http404
    return HttpResponse(STYLES, content_type="text/css; charset=utf-8")


@require_safe
def script(request: HttpRequest, digest: str, path: str) -> HttpResponse:
    """A script of a release. While servers of two releases answer, either gives what it has, and only its own is kept."""
    now = release.current()
    if path not in now.scripts:
        raise Http404
    return _kept(HttpResponse(now.scripts[path], content_type=JAVASCRIPT), digest)


@require_safe
@cache_control(**FOR_GOOD)
def worker(request: HttpRequest, digest: str) -> HttpResponse:
    """The service worker, which the phone takes anew only when it says something else: it may serve what lies below its address."""
    if request.path != WORKER_ADDRESS:
        raise Http404
    return HttpResponse(WORKER, content_type=JAVASCRIPT)


def _kept(response: HttpResponse, digest: str) -> HttpResponse:
    """For good if it was asked for by the name of the release it belongs to, else not at all."""
    if digest == release.current().digest:
        patch_cache_control(response, **FOR_GOOD)
    else:
        patch_cache_control(response, no_store=True)
    return response


@require_safe
def pages(request: HttpRequest, folder: str) -> HttpResponse:
    """The templates of one subject's pages, which the shell fetches when one of them is opened. A shell of another release gets none."""
    digest = request.GET.get("r", "")
    if folder not in FOLDERS or digest not in ("", release.current().digest):
        raise Http404
    return _kept(_folder(request, folder), digest)


def _folder(request: HttpRequest, folder: str) -> HttpResponse:
    return render(request, f"mobile/{folder}/index.html", {"steps": STEPS} | _sandbox())


def _sandbox() -> dict[str, Any]:
    """What only a sandbox offers to fill in."""
    if not settings.SANDBOX:
        return {}
    return {"sandbox": True, "demo_persons": DEMO_PERSONS, "demo_accounts": DEMO_ACCOUNTS}


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it on every page that names none, the admin's among them."""
    return HttpResponse((STATIC / "icon.svg").read_bytes(), content_type="image/svg+xml")


Words = dict[str, dict[str, str]]

PAYER_LABELS: dict[str, str] = {
    "pooled": "统筹基金",
    **FUND_LABELS,
    "account": "个人账户",
    "cash": "个人现金",
}


def words() -> Words:
    """One table per kind of code: code → Chinese word; from the models, so that they and the pages never disagree."""
    return {
        "type": _labels(FilingType.choices),
        "status": _labels(Status.choices),
        "commitment": _labels(CommitmentStatus.choices),
        "insurance": _labels(Insurance.choices),
        "category": _labels(Category.choices),
        "relation": _labels(Relation.choices),
        "document": _labels(DOCUMENT_LABELS.items()),
        "care": {care: CARE_LABELS[care] for care in CARES},
        "travel": _labels(TRAVEL_LABELS.items()),
        "level": _labels(LEVEL_LABELS.items()),
        "payer": _labels(PAYER_LABELS.items()),
        "refusal": _labels(REFUSAL_LABELS.items()),
        "grade": _labels(GRADE_LABELS.items()),
    }


def _labels(choices: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    return {str(code): str(label) for code, label in choices}


class DemoPerson(NamedTuple):
    """Whom the sandbox offers to fill in: an invented person of the demo register (accounts' demo data)."""

    name: str
    id_number: str
    relation: str
    about: str


DEMO_PERSONS = (
    DemoPerson("王秀兰", "110101195503070028", "self", "重庆退休职工"),
    DemoPerson("王晓梅", "500000198305220042", "self", "重庆在职职工"),
    DemoPerson("李子涵", "500000201605140065", "child", "王晓梅的女儿"),
    DemoPerson("李国强", "500000195308190017", "spouse", "王秀兰的丈夫"),
)
DEMO_ACCOUNTS = tuple(person.name for person in DEMO_PERSONS if person.relation != "child")
