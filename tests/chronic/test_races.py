"""Two at the same moment: applying for one disease, choosing while a renewal is handed in, and one reviewer in two windows."""

import pytest

from chronic import services
from chronic.bodies import RenewInput
from chronic.models import Recognition
from reviews import services as queue
from reviews.history import disagreements
from reviews.models import Decision
from reviews.services import Actor
from tests import factories as make
from tests.chronic.applying import AWAY, HOSPITAL, TAIYUAN, applied, approved, asked, papers
from tests.rivals import split, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday")]


def test_two_applications_for_one_disease(enrolled, account):
    wanted = [asked(account), asked(account)]

    winners, refused = split(
        together(*[lambda one=one: services.apply(account, enrolled, one).submission for one in wanted])
    )

    assert (len(winners), [problem.code for problem in refused]) == (1, ["recognition_running"])
    assert Recognition.objects.filter(status="submitted").count() == 1
    assert disagreements()[1] == []


def test_one_reviewer_in_two_windows_decides_only_the_first_review(enrolled, account):
    recognition, reviewer = applied(account, enrolled), make.reviewer(TAIYUAN)

    winners, refused = split(together(*[lambda: queue.approve(recognition, reviewer=reviewer)] * 2))

    assert (len(winners), len(refused)) == (1, 1)
    assert refused[0].code in {"same_reviewer", "already_decided"}
    assert list(Decision.objects.values_list("stage", "outcome")) == [(1, "approved")]


def test_hospitals_are_chosen_while_a_renewal_is_handed_in(enrolled, account, quarterly):
    recognition = approved(applied(account, enrolled, institutions=[HOSPITAL]))
    actor, fresh_papers = Actor.of(account, enrolled.person_id), papers(account)

    _winners, refused = split(
        together(
            lambda: services.choose(recognition, [AWAY], actor=actor),
            lambda: (
                services.renew(recognition, RenewInput.model_construct(materials=fresh_papers), actor=actor).submission
            ),
            at="2026-06-10 10:00",
        )
    )

    assert refused == []

    renewal = Recognition.objects.get(predecessor=recognition.pk)
    assert list(recognition.institutions.values_list("code", flat=True)) == [AWAY]
    assert list(renewal.institutions.values_list("code", flat=True)) == [AWAY]
