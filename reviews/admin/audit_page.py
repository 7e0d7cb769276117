"""审计: who saw or did what of whom, when and why; by person, colleague, case, day and kind of act, as a page or a file.

The ID number of a person is typed into a form that is posted, and never stands in an address: what stands there is the key of
their row. Whoever reads the audit of a person or a case goes on record with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Enrollment, Person, Role, id_hash
from core import clock, sheets, tables
from core.admin import exported, shown, workbook
from core.errors import Invalid
from core.http.bodies import read_day
from core.text import identity, line
from reviews import audit
from reviews.admin.scope import AUDITING, account_of
from reviews.audit import Act, Cursor, Entry, Question
from reviews.models import AuditLook, Submission

PAGE = "admin/reviews/submission/audit.html"
ASKED = ("person", "actor", "number", "act", "first_day", "last_day")
RECENTLY = timedelta(days=30)
MOST, LONGEST = 20_000, 60
HEADER = tuple(map(gettext_lazy, ("时间", "人员", "类别", "行为", "参保人", "受理编号", "原因")))


def page(request: HttpRequest, site: AdminSite) -> HttpResponseBase:
    """The lines that were asked for; on POST what to look for, or the same as a file."""
    viewer = account_of(request)
    if viewer.role not in AUDITING:
        raise PermissionDenied
    if request.method == "POST" and "export" not in request.POST:
        return _asked(request, viewer)
    try:
        question = _question(request, viewer)
    except Invalid as wrong:
        messages.error(request, wrong.detail)
        return HttpResponseRedirect(reverse("admin:audit"))
    if request.method == "POST":
        return _file(request, question)
    _on_record(question)
    return TemplateResponse(request, PAGE, {**site.each_context(request), **_context(request, question)})


def _asked(request: HttpRequest, viewer: Account) -> HttpResponseBase:
    """Where the answer stands: the ID number becomes the person's row."""
    asked = QueryDict(mutable=True)
    for name in ASKED[1:]:
        if text := line(request.POST.get(name, ""))[:LONGEST]:
            asked[name] = text
    if number := identity(request.POST.get("id_number", "")):
        person = _persons(viewer).filter(pk__in=Person.objects.sought(id_hash(number)).values("pk")).first()
        if person is None:
            messages.error(request, _("没有查到使用该证件号码的参保人，请核对后重新输入。"))
            return HttpResponseRedirect(_address(asked))
        asked["person"] = str(person.pk)
    elif kept := line(request.POST.get("person", ""))[:LONGEST]:
        asked["person"] = kept
    return HttpResponseRedirect(_address(asked))


def _address(asked: QueryDict) -> str:
    return f"{reverse('admin:audit')}?{asked.urlencode()}"


def _persons(viewer: Account) -> Any:
    """Whose audit one may read: supervisors that of people whom their area insures or insured, or whose case it had."""
    if viewer.role == Role.ADMIN:
        return Person.objects.all()
    insured = Enrollment.objects.filter(person=OuterRef("pk"), area=viewer.area_id)
    cases = Submission.objects.visible_to(viewer).filter(person=OuterRef("pk"))
    return Person.objects.filter(Q(Exists(insured)) | Q(Exists(cases)))


def colleagues(viewer: Account) -> QuerySet[Account]:
    """Whose acts one may ask for."""
    staff = Account.objects.exclude(role=Role.CITIZEN).order_by("username")
    return staff if viewer.role == Role.ADMIN else staff.filter(area=viewer.area_id)


def _question(request: HttpRequest, viewer: Account) -> Question:
    """What the address asks. Raises Invalid `date_invalid`, `unknown_colleague`; Http404 for a person one may not see."""
    asked = {name: request.GET.get(name, "")[:LONGEST] for name in ASKED}
    days = {name: read_day(asked[name], name) for name in ("first_day", "last_day") if asked[name]}
    if "first_day" not in days and not asked["number"] and not asked["person"]:
        days["first_day"] = clock.today() - RECENTLY
    actor = colleagues(viewer).filter(username=asked["actor"]).first() if asked["actor"] else None
    if asked["actor"] and actor is None:
        raise Invalid(_("没有这个用户名的工作人员，请核对后重新输入。"), code="unknown_colleague", attr="actor")
    act = asked["act"] if asked["act"] in Act.values else ""
    return Question(viewer, _person(viewer, asked["person"]), actor, asked["number"], act, **days)


def _person(viewer: Account, key: str) -> Person | None:
    if not key:
        return None
    try:
        person: Person | None = _persons(viewer).filter(pk=UUID(key)).first()
    except ValueError:
        person = None
    if person is None:
        raise Http404
    return person


def _on_record(question: Question) -> None:
    """Who reads about a person or a case has done something, too."""
    viewer, case = question.viewer, question.cases().first() if question.number else None
    person = case.person if case else question.person
    if person is not None:
        AuditLook.objects.create(account=viewer, area_id=viewer.area_id, person=person, submission=case)


def _context(request: HttpRequest, question: Question) -> dict[str, Any]:
    lines, after = audit.page(question, Cursor.of(request.GET.get("after", "")))
    following = request.GET.copy()
    if after:
        following["after"] = str(after)
    return {
        "title": _("审计"),
        "opts": Submission._meta,
        "lines": lines,
        "head": HEADER,
        "rows": [_row(line) for line in lines],
        "question": question,
        "acts": Act.choices,
        "colleagues": colleagues(question.viewer)[:500],
        "older": _address(following) if after else "",
        "first": _address(QueryDict(mutable=True)),
    }


def _row(line: Entry) -> list[Any]:
    """A line as the page shows it: the person masked by the name alone, the case as the way to it."""
    person, case = line.person, line.submission
    way = tables.link(case.number, reverse("admin:reviews_submission_change", args=[case.pk])) if case else "—"
    names = [person.masked_name if person else "—", tables.whole(way)]
    return [tables.moment(line.at), line.actor, tables.whole(line.act.label), line.sentence, *names, line.why]


def _file(request: HttpRequest, question: Question) -> HttpResponseBase:
    """All the lines as CSV or XLSX, on record as an export is, and as a look."""
    form = "xlsx" if request.POST["export"] == "xlsx" else "csv"
    count = audit.count(question, MOST + 1)
    if count > MOST:
        messages.error(request, _("符合条件的记录超过 %d 条，请缩小日期范围后分次导出。") % MOST)
        return HttpResponseRedirect(request.get_full_path())
    _on_record(question)
    asked = {name: request.GET.getlist(name) for name in ASKED if request.GET.get(name)}
    exported(question.viewer, AuditLook._meta.label_lower, asked, count, form)
    name = f"audit-{clock.now():%Y%m%d-%H%M}.{form}"
    header, rows = [str(title) for title in HEADER], _cells(question)
    return sheets.download(name, header, rows) if form == "csv" else workbook(name, header, rows)


def _cells(question: Question) -> Iterator[list[Any]]:
    for entry in audit.entries(question):
        yield [shown(entry.at), entry.actor, str(entry.act.label), entry.sentence, *_of_whom(entry), entry.why]


def _of_whom(line: Entry) -> list[str]:
    person, case = line.person, line.submission
    return [f"{person.masked_name} {person.masked_id_number}" if person else "", case.number if case else ""]
