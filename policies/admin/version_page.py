"""A version on one page: what it says in Chinese, its proof, its text, and what publishing it would change."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, Refusal, WrongState
from policies import drafts, published, publishing
from policies.admin.upload import keeper_of
from policies.examples import Ran, run
from policies.language.problems import PolicyError
from policies.language.schema import PolicyFile
from policies.language.wording import GRADE_LABELS, REFUSAL_LABELS
from policies.models import PolicyVersion
from policies.published import Published
from policies.readable import Names, SectionChange, case_words, expected_words
from policies.readable import compare as compare_readable
from policies.rendering import names, tell

PAGE = "admin:policies_policyversion_change"
VERSIONS = 40
CONTEXT_LINES = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """An example as the page shows it: the case in words, and (label, expected, got) where `got` is empty if it is the same."""

    name: str
    case: str
    figures: tuple[tuple[str, str, str], ...]
    passed: bool


def show(request: HttpRequest, version: PolicyVersion, site: AdminSite) -> HttpResponse:
    """Show a version; on POST publish or withdraw it."""
    if request.method == "POST":
        try:
            return _act(request, version)
        except Refusal as refusal:
            messages.error(request, refusal.detail)
            return _page(request, version, site, status=refusal.status)
    return _page(request, version, site)


def compare(request: HttpRequest, old: PolicyVersion, new: PolicyVersion, site: AdminSite) -> HttpResponse:
    """What one version says otherwise than another, rule by rule and line by line."""
    context = {
        **site.each_context(request),
        "title": _("版本对比"),
        "opts": PolicyVersion._meta,
        "old": old,
        "new": new,
        "changes": compare_readable(tell(published.read(old)), tell(published.read(new))),
        "lines": list(_text_diff(old.text, new.text)),
    }
    return TemplateResponse(request, "admin/policies/policyversion/compare.html", context)


def _act(request: HttpRequest, version: PolicyVersion) -> HttpResponse:
    account, action = keeper_of(request), request.POST.get("action", "")
    if action == "publish":
        if request.POST.get("seen") != _seen(_counts_now(version)):
            said = _("现行版本在您核对期间发生了变化，请核对下面的最新对比后再发布。")
            raise WrongState(said, code="ground_moved")
        done = drafts.publish(version, by=account)
        messages.success(
            request, _("%(slug)s 已发布，自 %(day)s 起计算。") % {"slug": done.slug, "day": done.effective_from}
        )
    elif action == "withdraw":
        publishing.withdraw(version, by=account)
        messages.success(request, _("草稿已撤回。"))
    else:
        raise Invalid(_("请选择要进行的操作。"), code="invalid_choice", attr="action")
    return HttpResponseRedirect(reverse(PAGE, args=[version.pk]))


def _page(request: HttpRequest, version: PolicyVersion, site: AdminSite, *, status: int = 200) -> TemplateResponse:
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
        **_told(version),
        "others": _others(version),
    }
    return TemplateResponse(request, "admin/policies/policyversion/version.html", context, status=status)


def _told(version: PolicyVersion) -> dict[str, Any]:
    """What the version says; a text that no longer reads well is shown as it is."""
    try:
        policy = published.read(version)
    except PolicyError as unread:
        return {"unread": unread.problems}
    name_of = names()
    told = {
        "policy": policy,
        "readable": tell(policy, name_of),
        "examples": [_example(ran, name_of) for ran in run(policy)],
    }
    return told | (_outlook(version, policy, name_of) if version.status == PolicyVersion.Status.DRAFT else {})


def _outlook(version: PolicyVersion, policy: PolicyFile, name_of: Names) -> dict[str, Any]:
    """What publishing the draft would change, said before it is done."""
    now = _counts_now(version)
    changes: list[SectionChange] = []
    if now is not None:
        changes = compare_readable(tell(now.file, name_of), tell(policy, name_of))
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


def _example(ran: Ran, name_of: Names) -> Shown:
    example = ran.example
    wrong = {mismatch.amount: mismatch.got for mismatch in ran.mismatches}
    figures = [(label, figure, wrong.get(name, "")) for name, label, figure in expected_words(example.expect)]
    if example.expect.refused is not None:
        figures = [(str(_("结论")), REFUSAL_LABELS[example.expect.refused], wrong.get("refused", ""))]
    return Shown(example.name, case_words(example.given, name_of), tuple(figures), not ran.mismatches)


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
