"""Rivals: the same filing twice in the same moment, two changes, a change and the end of its filing.

Each thread has a connection of its own; a barrier lets them go at once. The database decides, and the loser is told.
"""

import threading
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from accounts import registry
from core import clock
from core.errors import Refusal
from filings import proofs, services
from filings.models import Filing, Proof
from reviews import services as queue
from reviews.models import Event, Submission
from reviews.services import Actor
from tests import factories as make
from tests.monday import NOW
from tests.roles import as_owner

pytestmark = pytest.mark.django_db(transaction=True)

GUIYANG, XIAMEN, TAIYUAN = "520100", "350200", "140100"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
PROMISE = {"kind": "residence_permit", "signed_name": "王秀兰"}


@pytest.fixture(autouse=True)
def _monday(transactional_db):
    make.working_calendar()
    with clock.standing_at(make.moment(NOW)):
        yield


def together(*acts):
    """Run the acts at the same moment; return what each returned or was refused with."""
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index, act):
        try:
            with clock.standing_at(make.moment(NOW)):
                start.wait(10)
                results[index] = act()
        except Refusal as refusal:
            results[index] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index, act)) for index, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


class Background:
    """An act in a thread of its own."""

    def __init__(self, act):
        self._results = []
        self._thread = threading.Thread(target=self._run, args=(act,))
        self._thread.start()

    def _run(self, act):
        try:
            with clock.standing_at(make.moment(NOW)):
                self._results.append(act())
        except Exception as error:
            self._results.append(error)
        finally:
            connection.close()

    def result(self):
        """What the act returned, or how it failed."""
        self._thread.join(30)
        return self._results[0]


@contextmanager
def held(filing):
    """Hold the lock of a filing; yields a function that waits until so many others wait for any lock."""

    def blocked(count):
        for _attempt in range(1000):
            with as_owner(), connection.cursor() as cursor:  # who sees what others wait for
                cursor.execute("SELECT pg_stat_clear_snapshot()")
                cursor.execute(WAITING)
                if cursor.fetchone()[0] >= count:
                    return
            threading.Event().wait(0.01)
        raise AssertionError("nobody waits")

    with transaction.atomic():
        Submission.objects.select_for_update().get(pk=filing.pk)
        yield blocked


def split(results):
    """The winners, and the codes of the refused."""
    winners = [result for result in results if not isinstance(result, Refusal)]
    return winners, [result for result in results if isinstance(result, Refusal)]


def insured(code):
    enrolled = make.enrollment(make.person("王秀兰"), code=code)
    return enrolled, make.citizen(enrolled.person)


@pytest.mark.parametrize("home", [GUIYANG, XIAMEN], ids=["review", "instant"])
def test_a_double_click_files_once(home):
    enrolled, account = insured(home)
    make.area("510100")

    winners, losers = split(together(*[lambda: make.filed(enrolled, account)] * 4))

    assert [loser.code for loser in losers] == ["filing_overlaps"] * 3
    assert all(winners[0].number in loser.detail for loser in losers)
    assert list(Filing.objects.values_list("pk", flat=True)) == [winners[0].pk]
    assert Event.objects.filter(verb="submit").count() == 1


def test_two_long_term_filings_of_one_person():
    enrolled, account = insured(GUIYANG)
    for code in ("510100", "110000"):
        make.area(code)

    def file(to):
        return make.filed(enrolled, account, to=to, filing_type="resident", commitment=PROMISE)

    winners, losers = split(together(lambda: file("510100"), lambda: file("110000")))

    assert (len(winners), [loser.code for loser in losers]) == (1, ["filing_overlaps"])
    assert Filing.objects.count() == 1


def test_two_drafts_of_one_matter_handed_in_at_once():
    enrolled, account = insured(GUIYANG)
    drafts = [make.filed(enrolled, account, keep=True) for _ in range(2)]
    actor = Actor.of(account, enrolled.person)

    winners, losers = split(together(*[lambda d=d: queue.submit(d, actor=actor) for d in drafts]))

    assert [loser.code for loser in losers] == ["filing_overlaps"]
    assert sorted(Filing.objects.values_list("status", flat=True)) == ["draft", "submitted"]
    assert winners[0].status == "submitted"


def test_one_draft_handed_in_twice():
    enrolled, account = insured(GUIYANG)
    draft, actor = make.filed(enrolled, account, keep=True), Actor.of(account, enrolled.person)

    winners, losers = split(together(*[lambda: queue.submit(draft, actor=actor)] * 2))

    assert (len(winners), [loser.code for loser in losers]) == (1, ["wrong_state"])
    assert Event.objects.filter(verb="submit").count() == 1


def test_two_changes_of_one_filing():
    enrolled, account = insured(TAIYUAN)
    filing = make.approved(enrolled, account)
    actor = Actor.of(account, enrolled.person)
    for code in ("110000", "310000"):
        make.area(code)

    winners, losers = split(
        together(
            lambda: services.change(filing, make.given(destination=make.area("110000")), actor=actor).submission,
            lambda: services.change(filing, make.given(destination=make.area("310000")), actor=actor).submission,
        )
    )

    assert (len(winners), [loser.code for loser in losers]) == (1, ["filing_overlaps"])
    assert Filing.objects.exclude(pk=filing.pk).count() == 1


def test_an_approved_change_and_a_cancellation_of_its_filing_leave_one_end():
    enrolled, account = insured(TAIYUAN)
    filing = make.approved(enrolled, account)
    actor, reviewer = Actor.of(account, enrolled.person), make.reviewer(TAIYUAN)
    successor = services.change(filing, make.given(destination=make.area("110000")), actor=actor).submission

    winners, losers = split(
        together(lambda: queue.approve(successor, reviewer=reviewer), lambda: services.cancel(filing, actor=actor))
    )

    ends = Event.objects.filter(submission=filing, verb__in=["cancel", "supersede"])

    assert ends.count() == 1
    assert Filing.objects.get(pk=filing.pk).status in ("cancelled", "superseded")
    assert Filing.objects.get(pk=successor.pk).status == "approved"
    assert [loser.code for loser in losers] in ([], ["wrong_state"])
    assert len(winners) == 2 - len(losers)


def test_an_approved_change_and_the_end_of_its_enrolment_do_not_wait_for_each_other():
    """Both need the two filings. The one that comes first waits for a rival's lock; meanwhile the other takes what it can."""
    enrolled, account = insured(TAIYUAN)
    filing = make.approved(enrolled, account)
    reviewer, actor = make.reviewer(TAIYUAN), Actor.of(account, enrolled.person)
    successor = services.change(filing, make.given(destination=make.area("110000")), actor=actor).submission
    number = enrolled.person.id_number
    moved = registry.RegisterRecord("王秀兰", number)

    with held(filing) as blocked:
        ending = Background(lambda: registry.mirror(moved))
        blocked(1)
        approving = Background(lambda: queue.approve(successor, reviewer=reviewer))
        blocked(2)

    assert ending.result().id_number == number
    assert approving.result().code == "already_decided"
    assert set(Filing.objects.values_list("status", flat=True)) == {"cancelled"}


def test_two_proofs_at_once():
    enrolled, account = insured(GUIYANG)
    filing = make.approved(enrolled, account, filing_type="resident", commitment=PROMISE)
    papers = [make.material(account) for _ in range(2)]

    winners, losers = split(together(*[lambda p=p: proofs.prove(account, filing, [p.pk]).submission for p in papers]))

    assert (len(winners), [loser.code for loser in losers]) == (1, ["proof_pending"])
    assert Proof.objects.count() == 1
