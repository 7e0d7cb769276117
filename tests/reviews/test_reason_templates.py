"""Prepared reasons: whose they are, who keeps them, and that what they mark is a box on the case."""

from importlib import import_module

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from core import clock
from core.errors import Invalid
from reviews import services
from reviews.lifecycle import LIFECYCLES
from reviews.models import ReasonTemplate, Status
from tests.factories import (
    BEIJING,
    CHONGQING,
    area,
    claim_draft,
    enrollment,
    moment,
    recognition_draft,
    reviewer,
    staff,
    submitted,
    supervisor,
    working_calendar,
)

LIST = reverse("admin:reviews_reasontemplate_changelist")
ADD = reverse("admin:reviews_reasontemplate_add")
FORM = {"kind": "filing", "outcome": "returned", "code": "own", "text": "请补充居住证。"}
SHIPPED = [
    *import_module("reviews.migrations.0001_initial").TEMPLATES,
    *(("claim", *row) for row in import_module("claims.migrations.0001_initial").TEMPLATES),
]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday_morning():
    working_calendar()
    with clock.standing_at(moment("2026-03-02 10:00")):
        yield


@pytest.fixture
def templates():
    """One prepared reason each of the nation's, of 重庆 and of 北京."""
    return {
        code: ReasonTemplate.objects.create(**FORM | {"area": code and area(code), "text": f"理由{code}"})
        for code in (None, CHONGQING, BEIJING)
    }


def sent(draft):
    return services.submit(draft, actor=services.Actor(draft.applicant, draft.mandate))


def claimed():
    return sent(claim_draft(enrollment()))


def recognised():
    return sent(recognition_draft(enrollment()))


def signed_in(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(template, what="change"):
    return reverse(f"admin:reviews_reasontemplate_{what}", args=[template.pk])


def test_a_supervisor_keeps_the_areas_own_and_only_reads_the_nations(templates):
    nations, own, others = templates[None], templates[CHONGQING], templates[BEIJING]
    client = signed_in(supervisor())
    change = FORM | {"area": CHONGQING, "text": "请补充材料。"}

    listed = set(client.get(LIST).context["cl"].queryset)
    changed = [client.post(page_of(row), change).status_code for row in (nations, own, others)]
    deleted = [client.post(page_of(row, "delete"), {"post": "yes"}).status_code for row in (nations, own, others)]

    assert listed & set(templates.values()) == {nations, own}
    assert changed == [403, 302, 302]  # of another area: as if it did not exist, back to the index
    assert deleted == [403, 302, 302]
    assert set(ReasonTemplate.objects.filter(code="own").values_list("area", "text")) == {
        (None, "理由None"),
        (BEIJING, "理由110000"),
    }


def test_the_nations_are_not_deleted_in_a_selection_of_ones_own(templates):
    chosen = [templates[None].pk, templates[CHONGQING].pk]

    signed_in(supervisor()).post(LIST, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})

    assert ReasonTemplate.objects.filter(pk__in=chosen).count() == 2


@pytest.mark.parametrize("place", ["", BEIJING])
def test_a_supervisor_makes_none_for_the_nation_or_another_area(place):
    area(BEIJING)

    answer = signed_in(supervisor()).post(ADD, FORM | {"area": place})

    assert (answer.status_code, ReasonTemplate.objects.filter(code="own").exists()) == (200, False)


def test_who_only_reads_is_shown_what_is_marked_by_its_name(templates):
    nations = templates[None]
    ReasonTemplate.objects.filter(pk=nations.pk).update(fields=["materials", "starts_on", "gone"])

    shown = signed_in(supervisor()).get(page_of(nations))

    assert shown.status_code == 200
    assert "材料、开始日期、gone" in shown.content.decode()


def test_an_administrator_keeps_the_nations():
    answer = signed_in(staff("admin")).post(
        ADD, FORM | {"area": "", "marked": ["filing:materials", "filing:starts_on"]}
    )

    kept = ReasonTemplate.objects.get(code="own")
    assert (answer.status_code, kept.area, kept.fields) == (302, None, ["materials", "starts_on"])


def test_a_code_is_once_an_area_and_once_the_nations(templates):
    for code in templates:
        with pytest.raises(IntegrityError), transaction.atomic():
            ReasonTemplate.objects.create(area_id=code, **FORM)

    answer = signed_in(supervisor()).post(ADD, FORM | {"area": CHONGQING})

    assert "已有相同代码" in answer.content.decode()


def test_a_case_offers_its_areas_and_the_nations(templates):
    case = submitted()

    shown = signed_in(reviewer()).get(reverse("admin:reviews_submission_change", args=[case.pk])).context["templates"]

    assert [row["text"] for row in shown if row["code"] == "own"] == ["理由None", "理由500000"]


@pytest.mark.parametrize("code", [None, CHONGQING])
def test_a_reason_of_the_nation_or_the_area_goes_with_its_outcome(templates, code):
    with pytest.raises(Invalid) as refused:
        services.approve(submitted(), reviewer=reviewer(), reason=templates[code].text)

    assert refused.value.code == "reason_of_other_outcome"


def test_what_another_area_prepared_binds_nobody_here(templates):
    case = services.approve(submitted(), reviewer=reviewer(), reason=templates[BEIJING].text)

    assert case.status == Status.APPROVED


def test_boxes_of_another_kind_do_not_count():
    ticked = ["filing:starts_on", "claim:invoice"]

    signed_in(supervisor()).post(ADD, FORM | {"area": CHONGQING, "marked": ticked})

    assert ReasonTemplate.objects.get(code="own").fields == ["starts_on"]


@pytest.mark.parametrize("ticked", ['{"a":1}', "filing:no_such_field", "[]"])
def test_what_is_no_box_is_refused(ticked):
    answer = signed_in(supervisor()).post(ADD, FORM | {"area": CHONGQING, "marked": [ticked]})

    assert (answer.status_code, ReasonTemplate.objects.filter(code="own").exists()) == (200, False)


@pytest.mark.parametrize("make", [submitted, claimed, recognised])
def test_names_that_nobody_knows_do_not_break_the_case_page(make):
    case = make()
    ReasonTemplate.objects.create(**FORM | {"kind": case.kind}, fields=["gone", "materials", "<b>"])

    answer = signed_in(reviewer()).get(reverse("admin:reviews_submission_change", args=[case.pk]))

    assert answer.status_code == 200


@pytest.mark.parametrize("make", [submitted, claimed, recognised])
def test_what_the_shipped_templates_mark_is_a_box_on_the_case(make):
    case = make()
    boxes = dict(LIFECYCLES[case.kind].correctable(case))

    marked = {name for kind, *_, fields in SHIPPED if kind == case.kind for name in fields}

    assert marked <= set(boxes)


@pytest.mark.parametrize(("kind", "code", "fields"), [(row[0], row[2], row[4]) for row in SHIPPED])
def test_what_the_shipped_templates_mark_can_be_ticked_in_their_form(kind, code, fields):
    ReasonTemplate.objects.filter(kind=kind, code=code).delete()
    given = FORM | {"kind": kind, "code": code, "area": "", "marked": [f"{kind}:{name}" for name in fields]}

    signed_in(staff("admin")).post(ADD, given)

    assert ReasonTemplate.objects.get(kind=kind, code=code).fields == fields
