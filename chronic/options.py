"""What can be recognised for an enrolment, explained; and the application form, filled in."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import Enrollment
from chronic.bodies import FormShape, FormTexts, RecognitionOption
from chronic.models import Recognition
from core import clock
from core.printing import Kept, as_text
from policies.language.filing_rules import rules_for
from policies.language.filing_schema import FilingRules
from policies.language.terms import DOCUMENT_LABELS, Span
from policies.language.wording import day, document_label, listed
from regions.models import Disease
from reviews.models import Status
from reviews.papers import Paper, filled
from reviews.presenting import asked_for

STARTS = {"next_month": "通过后次月1日起享受待遇", "at_once": "通过当日起享受待遇"}


def options(enrollment: Enrollment) -> list[RecognitionOption]:
    """The answer of `GET recognition-options/` (API.md, Chronic diseases); what the area does not recognise comes last."""
    rules = rules_for(enrollment.area_id, clock.today())
    live = Recognition.objects.live().filter(enrollment=enrollment)
    # An approved one before its renewal: the last of a disease stays.
    running = {row.disease_id: row for row in sorted(live, key=lambda row: row.status == Status.APPROVED)}
    rows = [_option(disease, rules, running.get(disease.pk)) for disease in Disease.objects.all()]
    return sorted(rows, key=lambda option: not option["recognised"])


def _option(disease: Disease, rules: FilingRules, running: Recognition | None) -> RecognitionOption:
    chronic = rules.chronic
    recognised = disease.pk in chronic.diseases
    return {
        "disease": disease.pk,
        "name": disease.name,
        "recognised": recognised,
        "documents": [asked_for(each) for each in chronic.documents_for(disease.pk)] if recognised else [],
        "stages": rules.review.stages("recognition"),
        "working_days": list(rules.review.recognition.stages),
        "starts": chronic.starts,
        "renewal_months": months(chronic.renewal),
        "institutions": chronic.institutions,
        "lowest_level": chronic.lowest_level,
        "benefit": _benefit(rules),
        "note": chronic.note,
        "running": str(running.pk) if running else None,
        "running_status": running.status if running else None,
    }


def months(renewal: Span | None) -> int | None:
    """The period in months; days as the months they come to (90 days: 3); None: it lasts."""
    if renewal is None:
        return None
    return renewal.count if renewal.unit == "months" else max(1, round(renewal.count / 30))


def _benefit(rules: FilingRules) -> str:
    starts = STARTS[rules.chronic.starts]
    renewal = rules.chronic.renewal
    lasts = f"每{renewal.label}续期一次" if renewal else "长期有效"
    return f"{starts}，{lasts}。跨省就医须在已开通该病种的医疗机构结算；未认定、未开通的，自费后回参保地报销，不能按普通门诊结算。"


def form(recognition: Recognition) -> FormShape:
    """The application form (门诊特殊病种申请表, S-50), filled in: for the person's own print-out, in full."""
    person, enrolled = recognition.person, recognition.enrollment
    where = recognition.diagnosing_institution
    chosen = listed(recognition.institutions.order_by("code").values_list("name", flat=True))
    kinds = set(recognition.materials.values_list("kind", flat=True))
    papers = [label for kind, label in DOCUMENT_LABELS.items() if kind in kinds]
    rows = [
        (_("受理编号"), recognition.number),
        (_("姓名"), Kept(person.name)),
        (_("证件号码"), person.id_number),
        (_("出生日期"), day(person.birth_date)),
        (_("联系电话"), person.phone),
        (_("参保地"), Kept(recognition.area.name)),
        (_("险种"), enrolled.get_insurance_display()),
        (_("人员类别"), enrolled.get_category_display()),
        (_("申请病种"), Kept(f"{recognition.disease.name}（{recognition.disease_id}）")),
        (_("确诊日期"), day(recognition.diagnosed_on) if recognition.diagnosed_on else ""),
        (_("确诊医疗机构"), Kept(where.name) if where else ""),
        (_("选定医疗机构"), Kept(chosen)),
        (_("提交材料"), listed(papers)),
        (_("承诺补交"), document_label(recognition.commitment_kind) if recognition.commitment_kind else ""),
    ]
    texts: FormTexts = {
        "title": _("门诊特殊病种申请表"),
        "rows": [{"label": str(label), "text": as_text(text)} for label, text in rows],
        "opinions": [_("参保人（代办人）签名"), _("医疗机构初步评估意见"), _("经办机构初审意见"), _("专家复审意见")],
    }
    return {**texts, "original": texts}


def paper(recognition: Recognition) -> Paper:
    """The same form as a paper to print and sign."""
    words = form(recognition)
    rows = [(row["label"], row["text"]) for row in words["rows"] if row["label"] != _("受理编号")]
    return Paper(title=words["title"], number=recognition.number, rows=filled(rows), blanks=words["opinions"])
