"""The shell of the phone pages: one HTML page whose scripts call the REST API like any other client."""

import gzip
import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from accounts.certificate import CertificateKind, country_choices
from accounts.http import KEPT
from accounts.models import Category, Insurance, Relation
from accounts.services import binding, vouchers
from core.languages import LANGUAGES, OTHERS, SOURCE, TAGS
from filings.models import CommitmentStatus, FilingType
from mobile import release
from mobile import texts as script_texts
from policies.language.terms import CARE_LABELS, CARES, DOCUMENT_LABELS, TRAVEL_LABELS
from policies.language.wording import FUND_LABELS, GRADE_LABELS, INSURANCE_LABELS, LEVEL_LABELS, REFUSAL_LABELS
from reviews.materials import storage
from reviews.models import Status
from reviews.models.submission import DRAFT_KEPT

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

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
    "css/inner.css",
)
"""What all pages are dressed in; a phone fetches them as one."""
STYLES = "\n".join((STATIC / sheet).read_text("utf-8") for sheet in SHEETS)
STYLES_ADDRESS = f"/shell.{hashlib.sha256(STYLES.encode()).hexdigest()[:12]}.css"
WORKER = (STATIC / "sw.js").read_bytes()
WORKER_ADDRESS = f"/worker.{hashlib.sha256(WORKER).hexdigest()[:12]}.js"
JAVASCRIPT = "text/javascript; charset=utf-8"
ICON = f"data:image/svg+xml,{quote((STATIC / 'icon.svg').read_text('utf-8'))}"
FOLDERS = {
    "people",
    "photos",
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
    "help",
    "agent",
    "elder",
}
"""The pages that come when they are opened, by subject (`lib/parts.js`)."""


class Tile(NamedTuple):
    """A way from home to a service."""

    name: "StrOrPromise"
    href: str
    icon: str
    tone: str


TILES = (
    Tile(_("我要备案"), "#/file", "i-file", "tone-good"),
    Tile(_("医保码"), "#/code", "i-code", "tone-good"),
    Tile(_("备案记录"), "#/records", "i-list", "tone-info"),
    Tile(_("就医账单"), "#/bills", "i-bill", "tone-info"),
    Tile(_("门诊慢特病"), "#/chronic", "i-shield", "tone-good"),
    Tile(_("手工报销"), "#/claims", "i-bill", "tone-warn"),
    Tile(_("转诊证明"), "#/referrals", "i-paper", "tone-info"),
    Tile(_("家庭成员"), "#/family", "i-family", "tone-warn"),
    Tile(_("找医院"), "#/hospitals", "i-search", "tone-good"),
    Tile(_("更多查询"), "#/lookup", "i-info", "tone-info"),
)
STEPS = (_("选择"), _("告知书"), _("填写"), _("提交"), _("结果"))

FOR_GOOD = {"max_age": 365 * 24 * 3600, "public": True, "immutable": True}
"""What the address names never changes, so a phone that has it does not ask again."""


@require_safe
@cache_control(no_cache=True)
@conditional_page
def shell(request: HttpRequest) -> HttpResponse:
    """The page holds nothing of anyone; what is shown comes from the API. A phone keeps it, and asks at each visit whether it stands."""
    now = release.current()
    language = get_language() or SOURCE
    context = {
        "tag": TAGS[language],
        "languages": LANGUAGES,
        "texts": script_texts.address(language),
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
    return _packed(request, STYLES.encode(), "text/css; charset=utf-8")


@require_safe
def script(request: HttpRequest, digest: str, path: str) -> HttpResponse:
    """A parcel of scripts of a release. While servers of two releases answer, either gives what it has, and only its own is kept."""
    now = release.current()
    if path not in now.parcels:
        raise Http404
    return _kept(_packed(request, now.parcels[path], JAVASCRIPT), digest)


@require_safe
@cache_control(**FOR_GOOD)
def worker(request: HttpRequest, digest: str) -> HttpResponse:
    """The service worker, which the phone takes anew only when it says something else: it may serve what lies below its address."""
    if request.path != WORKER_ADDRESS:
        raise Http404
    return _packed(request, WORKER, JAVASCRIPT)


def _packed(request: HttpRequest, text: bytes, kind: str) -> HttpResponse:
    """What is the same for everybody, compressed once for all who take it so."""
    takes = re.search(r"\bgzip\b", request.headers.get("Accept-Encoding", ""))
    response = HttpResponse(_compressed(text) if takes else text, content_type=kind)
    if takes:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


@lru_cache(maxsize=64)
def _compressed(text: bytes) -> bytes:
    return gzip.compress(text, mtime=0)


def _kept(response: HttpResponse, digest: str) -> HttpResponse:
    """For good if it was asked for by the name of the release it belongs to, else not at all."""
    if digest == release.current().digest:
        patch_cache_control(response, **FOR_GOOD)
    else:
        patch_cache_control(response, no_store=True)
    return response


@require_safe
def pages(request: HttpRequest, folder: str, language: str = SOURCE) -> HttpResponse:
    """The templates of one subject's pages, which the shell fetches when one of them is opened, each language from its own address.
    A shell of another release gets none."""
    digest = request.GET.get("r", "")
    if folder not in FOLDERS or language not in TAGS or digest not in ("", release.current().digest):
        raise Http404
    with translation.override(language):
        shared = {"steps": STEPS, "languages": LANGUAGES, "kept": kept(), "tiles": TILES}
        page = render(request, f"mobile/{folder}/index.html", shared | _certificates(folder) | _sandbox())
    return _kept(page, digest)


@require_safe
@cache_control(**FOR_GOOD)
def texts(request: HttpRequest, language: str, digest: str) -> HttpResponse:
    """What the scripts say, in another language than Chinese, under the digest of what it holds."""
    if language not in OTHERS or request.path != script_texts.address(language):
        raise Http404
    return _packed(request, script_texts.script(language), JAVASCRIPT)


def kept() -> dict[str, int]:
    """How long things are held, as the code holds them: what the page about personal data says."""
    return {
        "token_days": settings.TOKEN_TTL.days,
        "voucher_minutes": settings.VOUCHER_SECONDS // 60,
        "voucher_unused_days": vouchers.KEPT_UNUSED.days,
        "voucher_used_days": vouchers.KEPT_USED.days,
        "code_minutes": binding.CODE_MINUTES,
        "upload_days": storage.UNUSED.days,
        "draft_days": DRAFT_KEPT.days,
        "key_hours": int(KEPT.total_seconds() // 3600),
    }


def _certificates(folder: str) -> dict[str, Any]:
    """The kinds of certificates and the countries of passports, where somebody is named by one."""
    if folder not in ("people", "agent"):
        return {}
    return {"certificate_kinds": CertificateKind.choices, "countries": country_choices()}


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

_OF_PEOPLE = re.compile(r"(就[医醫])?人[员員]$")

PAYER_LABELS: dict[str, "StrOrPromise"] = {
    "pooled": _("统筹基金"),
    **FUND_LABELS,
    "account": _("个人账户"),
    "cash": _("个人现金"),
}


def words() -> Words:
    """One table per kind of code: code → word; from the models, so that they and the pages never disagree."""
    return {
        "type": _labels(FilingType.choices),
        "type_name": {code: _OF_PEOPLE.sub("", label) for code, label in _labels(FilingType.choices).items()},
        "status": _labels(Status.choices),
        "commitment": _labels(CommitmentStatus.choices),
        "insurance": _labels(Insurance.choices),
        "insurance_name": _labels(INSURANCE_LABELS.items()),
        "category": _labels(Category.choices),
        "relation": _labels(Relation.choices),
        "document": _labels(DOCUMENT_LABELS.items()),
        "care": _labels((care, CARE_LABELS[care]) for care in CARES),
        "travel": _labels(TRAVEL_LABELS.items()),
        "level": _labels(LEVEL_LABELS.items()),
        "payer": _labels(PAYER_LABELS.items()),
        "refusal": _labels(REFUSAL_LABELS.items()),
        "grade": _labels(GRADE_LABELS.items()),
    }


def _labels(choices: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    return {str(code): gettext(str(label)) for code, label in choices}


class DemoPerson(NamedTuple):
    """Whom the sandbox offers to fill in: an invented person of the demo register (accounts' demo data)."""

    name: str
    id_number: str
    relation: str
    about: "StrOrPromise"
    kind: str = "id_card"
    country: str = ""


DEMO_PERSONS = (
    DemoPerson("王秀兰", "110101195503070028", "self", _("重庆退休职工")),
    DemoPerson("王晓梅", "500000198305220042", "self", _("重庆在职职工")),
    DemoPerson("李子涵", "500000201605140065", "child", _("王晓梅的女儿")),
    DemoPerson("李国强", "500000195308190017", "spouse", _("王秀兰的丈夫")),
    DemoPerson("陈雨欣", "500000199507220045", "self", _("重庆新生儿的母亲")),
    DemoPerson("陈雨欣之女", "Z500000026", "child", _("陈雨欣的新生儿"), "birth"),
    DemoPerson("安娜·米勒", "C01X00T47", "self", _("持德国护照在上海就业"), "passport", "DEU"),
)
DEMO_ACCOUNTS = tuple(person.name for person in DEMO_PERSONS if person.relation != "child")
