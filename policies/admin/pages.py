"""The pages of policy versions: uploading a text, one version with its proof and its effect, two versions side by side."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, Refusal, WrongState
from policies import published, publishing
from policies.engine.proof import ExampleRun, Mismatch, run_examples
from policies.language.schema import PolicyFile
from policies.language.text import MAX_BYTES, PolicyError, Problem
from policies.language.wording import GRADE_LABELS, REFUSAL_LABELS
from policies.models import PolicyVersion
from policies.published import Published, in_words, names
from policies.publishing import ExamplesFail, Keeper
from policies.readable import Names, SectionChange, case_words, expected_words
from policies.readable import compare as compare_readable

PAGE = "admin:policies_policyversion_change"
VERSIONS = 40
CONTEXT_LINES = 3


def keeper_of(request: HttpRequest) -> Keeper:
    """The signed-in member of staff; their class stands in a higher app."""
    return cast(Keeper, request.user)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was handed in, shown again as long as something is wrong with it."""

    text: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a text: problems by line (each with that line), examples that come out otherwise."""

    problems: tuple[tuple[Problem, str], ...] = ()
    mismatches: tuple[Mismatch, ...] = ()


def upload_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The form; on POST the draft's page, or the form again with what is wrong."""
    if request.method != "POST":
        return _upload_form(request, site, _begun(request), Wrong())
    given = _pasted(request)
    try:
        given = _chosen(request) or given
        draft = publishing.upload(given.text, given.file, by=keeper_of(request))
    except PolicyError as refused:
        return _upload_form(request, site, given, Wrong(problems=_with_lines(refused, given.text)), status=400)
    except ExamplesFail as refused:
        return _upload_form(request, site, given, Wrong(mismatches=tuple(refused.mismatches)), status=refused.status)
    except Refusal as refused:
        messages.error(request, refused.detail)
        return _upload_form(request, site, given, Wrong(), status=refused.status)
    messages.success(request, _("已保存为草稿，请由另一位工作人员核对后发布。"))
    return HttpResponseRedirect(reverse("admin:policies_policyversion_change", args=[draft.pk]))


def _pasted(request: HttpRequest) -> Typed:
    """The text of the form. Lines end as the file ends them; a browser sends a text field with \\r\\n."""
    return Typed(request.POST.get("text", "").replace("\r\n", "\n"), request.POST.get("file", "")[:120])


def _chosen(request: HttpRequest) -> Typed | None:
    """The file that was chosen; it counts before the text. Raises Invalid `too_large`, `encoding`."""
    upload = request.FILES.get("upload")
    if upload is None:
        return None
    if (upload.size or 0) > MAX_BYTES:
        raise Invalid(_("文件过大，政策文件不超过 1 MB。"), code="too_large", attr="upload")
    try:
        return Typed(upload.read().decode("utf-8-sig"), upload.name or "")
    except UnicodeDecodeError:
        raise Invalid(_("文件应为 UTF-8 编码，请另存为 UTF-8 后再上传。"), code="encoding", attr="upload") from None


def _begun(request: HttpRequest) -> Typed:
    """A correction begins with the text of the version it corrects (`?from=`), of an area one keeps."""
    begun = request.GET.get("from", "")
    version = PolicyVersion.objects.filter(slug=begun).first() if begun else None
    if version is None or not publishing.keeps(request.user, version.area):
        return Typed()
    return Typed(version.text, version.file)


def _with_lines(refused: PolicyError, text: str) -> tuple[tuple[Problem, str], ...]:
    lines = text.splitlines() or [""]
    return tuple((problem, lines[min(problem.line, len(lines)) - 1].strip()) for problem in refused.problems)


def _upload_form(
    request: HttpRequest, site: AdminSite, given: Typed, wrong: Wrong, status: int = 200
) -> TemplateResponse:
    context = {
        **site.each_context(request),
        "title": _("上传政策文件"),
        "opts": PolicyVersion._meta,
        "given": given,
        "wrong": wrong,
    }
    return TemplateResponse(request, "admin/policies/policyversion/upload.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Shown:
    """An example as the page shows it: the case in words, and (label, expected, got) where `got` is empty if it is the same."""

    name: str
    case: str
    figures: tuple[tuple[str, str, str], ...]
    passed: bool


def version_page(request: HttpRequest, version: PolicyVersion, site: AdminSite) -> HttpResponse:
    """Show a version; on POST publish or withdraw it."""
    if request.method == "POST":
        try:
            return _act(request, version)
        except Refusal as refusal:
            messages.error(request, refusal.detail)
            return _version_page(request, version, site, status=refusal.status)
    return _version_page(request, version, site)


def comparison_page(request: HttpRequest, old: PolicyVersion, new: PolicyVersion, site: AdminSite) -> HttpResponse:
    """What one version says otherwise than another, rule by rule and line by line."""
    context = {
        **site.each_context(request),
        "title": _("版本对比"),
        "opts": PolicyVersion._meta,
        "old": old,
        "new": new,
        "changes": compare_readable(in_words(published.read(old)), in_words(published.read(new))),
        "lines": list(_text_diff(old.text, new.text)),
    }
    return TemplateResponse(request, "admin/policies/policyversion/compare.html", context)


def _act(request: HttpRequest, version: PolicyVersion) -> HttpResponse:
    account, action = keeper_of(request), request.POST.get("action", "")
    if action == "publish":
        if request.POST.get("seen") != _seen(_counts_now(version)):
            detail = _("现行版本在您核对期间发生了变化，请核对下面的最新对比后再发布。")
            raise WrongState(detail, code="ground_moved")
        done = publishing.publish(version, by=account)
        messages.success(
            request, _("%(slug)s 已发布，自 %(day)s 起计算。") % {"slug": done.slug, "day": done.effective_from}
        )
    elif action == "withdraw":
        publishing.withdraw(version, by=account)
        messages.success(request, _("草稿已撤回。"))
    else:
        raise Invalid(_("请选择要进行的操作。"), code="invalid_choice", attr="action")
    return HttpResponseRedirect(reverse(PAGE, args=[version.pk]))


def _version_page(
    request: HttpRequest, version: PolicyVersion, site: AdminSite, *, status: int = 200
) -> TemplateResponse:
    account = keeper_of(request)
    context = {
        **site.each_context(request),
        "title": version.name,
        "opts": PolicyVersion._meta,
        "version": version,
        "own": version.uploaded_by_id == account.pk,
        "draft": version.status == PolicyVersion.Status.DRAFT,
        "lines": version.text.splitlines(),
        "grades": GRADE_LABELS,
        **_content(version),
        "others": _others(version),
    }
    return TemplateResponse(request, "admin/policies/policyversion/version.html", context, status=status)


def _content(version: PolicyVersion) -> dict[str, Any]:
    """What the version says; a text that no longer reads well is shown as it is."""
    try:
        policy = published.read(version)
    except PolicyError as unread:
        return {"unread": unread.problems}
    name_of = names()
    content = {
        "policy": policy,
        "readable": in_words(policy, name_of),
        "examples": [_example(run, name_of) for run in run_examples(policy)],
    }
    return content | (_outlook(version, policy, name_of) if version.status == PolicyVersion.Status.DRAFT else {})


def _outlook(version: PolicyVersion, policy: PolicyFile, name_of: Names) -> dict[str, Any]:
    """What publishing the draft would change, said before it is done."""
    now = _counts_now(version)
    changes: list[SectionChange] = []
    if now is not None:
        changes = compare_readable(in_words(now.file, name_of), in_words(policy, name_of))
    return {
        "outlook": publishing.outlook(version),
        "now": now,
        "seen": _seen(now),
        "changes": changes,
        "diff": list(_text_diff(published.text_of(now), version.text)) if now is not None else [],
    }


def _counts_now(version: PolicyVersion) -> Published | None:
    """What is paid by now on the day from which the draft would count: the area's own file, else what stands above it."""
    own = published.refresh().on(version.area, version.effective_from)
    return own or published.in_force(version.area, version.effective_from)


def _seen(now: Published | None) -> str:
    return now.sha256 if now is not None else ""


def _example(run: ExampleRun, name_of: Names) -> Shown:
    example = run.example
    wrong = {mismatch.amount: mismatch.got for mismatch in run.mismatches}
    figures = [(label, figure, wrong.get(name, "")) for name, label, figure in expected_words(example.expect)]
    if example.expect.refused is not None:
        figures = [(str(_("结论")), REFUSAL_LABELS[example.expect.refused], wrong.get("refused", ""))]
    return Shown(example.name, case_words(example.given, name_of), tuple(figures), not run.mismatches)


def _others(version: PolicyVersion) -> list[PolicyVersion]:
    """The other versions of the area, to be compared with."""
    rows = PolicyVersion.objects.filter(area=version.area).exclude(pk=version.pk).defer("text")
    return list(rows.order_by("-effective_from", "-revision")[:VERSIONS])


def _text_diff(old: str, new: str) -> Iterator[tuple[str, str]]:
    """The lines that differ, with some around them: (kind, line); kind is `added`, `removed`, `same` or `skip`."""
    kinds = {"+": "added", "-": "removed", " ": "same", "@": "skip"}
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=CONTEXT_LINES)
    for position, line in enumerate(lines):
        if position >= 2:  # the names of the files
            yield kinds[line[0]], line if line[0] == "@" else line[1:]
