"""Uploading a policy: a file or its text, everything wrong with it by line, and nothing typed is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, Refusal
from policies import drafts, publishing
from policies.drafts import ExamplesFail
from policies.examples import Mismatch
from policies.language.problems import PolicyError, Problem
from policies.language.text import MAX_BYTES
from policies.models import PolicyVersion
from policies.publishing import Keeper


def keeper_of(request: HttpRequest) -> Keeper:
    """The signed-in member of staff; their class stands in a higher app."""
    return cast(Keeper, request.user)


@dataclass(frozen=True, slots=True)
class Given:
    """What was handed in, shown again as long as something is wrong with it."""

    text: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a text: problems by line (each with that line), examples that come out otherwise."""

    problems: tuple[tuple[Problem, str], ...] = ()
    mismatches: tuple[Mismatch, ...] = ()


def show(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The form; on POST the draft's page, or the form again with what is wrong."""
    if request.method != "POST":
        return _page(request, site, _begun(request), Wrong())
    given = _pasted(request)
    try:
        given = _chosen(request) or given
        draft = drafts.upload(given.text, given.file, by=keeper_of(request))
    except PolicyError as refused:
        return _page(request, site, given, Wrong(problems=_with_lines(refused, given.text)), status=400)
    except ExamplesFail as refused:
        return _page(request, site, given, Wrong(mismatches=tuple(refused.mismatches)), status=refused.status)
    except Refusal as refused:
        messages.error(request, refused.detail)
        return _page(request, site, given, Wrong(), status=refused.status)
    messages.success(request, _("已保存为草稿，请由另一位工作人员核对后发布。"))
    return HttpResponseRedirect(reverse("admin:policies_policyversion_change", args=[draft.pk]))


def _pasted(request: HttpRequest) -> Given:
    """The text of the form. Lines end as the file ends them; a browser sends a text field with \\r\\n."""
    return Given(request.POST.get("text", "").replace("\r\n", "\n"), request.POST.get("file", "")[:120])


def _chosen(request: HttpRequest) -> Given | None:
    """The file that was chosen; it counts before the text. Raises Invalid `too_large`, `encoding`."""
    upload = request.FILES.get("upload")
    if upload is None:
        return None
    if (upload.size or 0) > MAX_BYTES:
        raise Invalid(_("文件过大，政策文件不超过 1 MB。"), code="too_large", attr="upload")
    try:
        return Given(upload.read().decode("utf-8-sig"), upload.name or "")
    except UnicodeDecodeError:
        raise Invalid(_("文件应为 UTF-8 编码，请另存为 UTF-8 后再上传。"), code="encoding", attr="upload") from None


def _begun(request: HttpRequest) -> Given:
    """A correction begins with the text of the version it corrects (`?from=`), of an area one keeps."""
    begun = request.GET.get("from", "")
    version = PolicyVersion.objects.filter(slug=begun).first() if begun else None
    if version is None or not publishing.keeps(request.user, version.area):
        return Given()
    return Given(version.text, version.file)


def _with_lines(refused: PolicyError, text: str) -> tuple[tuple[Problem, str], ...]:
    lines = text.splitlines() or [""]
    return tuple((problem, lines[min(problem.line, len(lines)) - 1].strip()) for problem in refused.problems)


def _page(request: HttpRequest, site: AdminSite, given: Given, wrong: Wrong, status: int = 200) -> TemplateResponse:
    context = {
        **site.each_context(request),
        "title": _("上传政策文件"),
        "opts": PolicyVersion._meta,
        "given": given,
        "wrong": wrong,
    }
    return TemplateResponse(request, "admin/policies/policyversion/upload.html", context, status=status)
