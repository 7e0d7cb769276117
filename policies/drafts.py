"""Policies handed in by people: read, proved by their examples, kept as drafts, published by somebody else."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, WrongState
from policies import publishing
from policies.examples import Mismatch, run_examples
from policies.language.loader import NATIONAL, load_text
from policies.language.problems import PolicyError
from policies.language.schema import PolicyFile
from policies.models import PolicyVersion
from policies.published import read
from policies.publishing import Keeper
from regions.models import Area

PASTED = "粘贴的文本"


class ExamplesFail(WrongState):
    """409: the file's own examples come out otherwise; `mismatches` says which."""

    code = "examples_fail"

    def __init__(self, mismatches: list[Mismatch]) -> None:
        super().__init__(_("算例与预期不符，不能使用这份文件。"))
        self.mismatches = mismatches


def upload(text: str, file: str = "", *, by: Keeper) -> PolicyVersion:
    """Keep a text as a draft once it reads well and its examples pass; one that pays something has at least one.

    Raises PolicyError (everything wrong with it, by line), ExamplesFail, Invalid `area_unknown` or `examples_missing`,
    and what `publishing.keep_draft` raises.
    """
    if not text.strip():
        raise Invalid(_("请选择文件，或者粘贴文件内容。"), code="required", attr="text")
    policy = load_text(text, file or PASTED)
    _refuse_unknown(policy)
    if policy.benefits and not policy.examples:
        said = _("文件写了待遇，却没有算例（examples），无从证明计算正确。请至少补充一个算例后再上传。")
        raise Invalid(said, code="examples_missing", attr="text")
    _prove(policy)
    named = policy if file else replace(policy, file=f"{policy.area}-{policy.effective_from}.yaml")
    return publishing.keep_draft(named, text, by=by)


def publish(draft: PolicyVersion, *, by: Keeper) -> PolicyVersion:
    """Publish a draft, proved once more. Raises ExamplesFail and what `publishing.publish` raises."""
    try:
        _prove(read(draft))
    except PolicyError as unread:
        raise WrongState(
            _("这份草稿已不符合现在的政策文件格式，请撤回后重新上传。"), code="draft_unreadable"
        ) from unread
    return publishing.publish(draft, by=by)


def _refuse_unknown(policy: PolicyFile) -> None:
    if policy.area != NATIONAL and not Area.objects.filter(pk=policy.area).exists():
        raise Invalid(_("没有代码为 %s 的地区，请核对文件里的 area。") % policy.area, code="area_unknown", attr="text")


def _prove(policy: PolicyFile) -> None:
    mismatches = run_examples(policy)
    if mismatches:
        raise ExamplesFail(mismatches)
