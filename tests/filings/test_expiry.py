"""The end of a filing: reminded seven days before, expired when its last day is over, ended with its enrolment."""

from datetime import date, timedelta

import pytest

from accounts import registry
from accounts.models import Message
from filings import services
from filings.models import Filing
from reviews.models import Event
from tests import factories as make
from tests.monday import at, sweep_until

pytestmark = pytest.mark.usefixtures("monday")

GUIYANG, WUHAN = "520100", "420100"
PROMISE = {"kind": "residence_permit", "signed_name": "王秀兰"}


@pytest.fixture
def enrolled():
    return make.enrollment(make.person("王秀兰"), code=GUIYANG)


@pytest.fixture
def account(enrolled):
    return make.citizen(enrolled.person)


def fresh(filing):
    return Filing.objects.get(pk=filing.pk)


def told(account):
    return [
        (message.kind, f"{message.created_at.astimezone(make.clock.SHANGHAI):%Y-%m-%d %H:%M}")
        for message in Message.objects.filter(account=account).order_by("created_at")
    ]


def test_a_temporary_filing_is_reminded_of_and_expires(enrolled, account):
    """Six months from 2 March end with 1 September; seven days before is 25 August."""
    filing = make.approved(enrolled, account)

    sweep_until("2026-09-02 00:00")

    assert told(account) == [
        ("approved", "2026-03-02 10:00"),
        ("expiring", "2026-08-25 09:00"),
        ("expired", "2026-09-02 00:00"),
    ]

    done = fresh(filing)
    assert (done.status, done.valid_until, done.wake_at) == ("expired", date(2026, 9, 1), None)


def test_on_its_last_day_it_still_counts(enrolled, account):
    filing = make.approved(enrolled, account)

    sweep_until("2026-09-01 23:59")

    assert fresh(filing).status == "approved"
    assert fresh(filing).wake_at == make.moment("2026-09-02 00:00")


def test_a_short_filing_is_not_reminded_of(enrolled, account):
    make.approved(enrolled, account, ends_on=date(2026, 3, 8))

    sweep_until("2026-03-09 00:00")

    assert [kind for kind, _when in told(account)] == ["approved", "expired"]


def test_an_open_ended_filing_is_never_looked_at_again(enrolled, account):
    filing = make.approved(enrolled, account, filing_type="resident", materials=[make.material(account).pk])

    assert filing.wake_at is None


def test_a_sweep_that_comes_late_does_everything_once(enrolled, account):
    filing = make.approved(enrolled, account)

    with at("2026-10-15 08:00"):
        sweep_until("2026-10-15 08:00")

    assert [kind for kind, _when in told(account)] == ["approved", "expired"]
    assert fresh(filing).status == "expired"


def test_a_filing_for_one_visit_ends_with_it():
    """武汉: temporary care per visit."""
    enrolled = make.enrollment(code=WUHAN)

    filing = make.approved(enrolled)

    assert (filing.valid_until, filing.wake_at) == (None, None)

    with at("2026-03-20 15:00"):
        services.visit_done(filing, date(2026, 3, 10))

    done = fresh(filing)

    assert (done.status, done.valid_until) == ("expired", date(2026, 3, 10))


def test_a_filing_made_up_during_the_one_visit_it_is_for_keeps_the_day_it_began():
    """Its settlement may be reversed: the corrected bill settles under it, so it must go on having counted."""
    enrolled = make.enrollment(code=WUHAN)
    filing = make.approved(enrolled)

    services.visit_done(filing, filing.valid_from - timedelta(days=2))

    done = fresh(filing)

    assert (done.status, done.valid_from, done.valid_until) == ("expired", filing.valid_from, filing.valid_from)


def test_a_visit_does_not_end_a_filing_for_many(enrolled, account):
    filing = make.approved(enrolled, account)

    services.visit_done(filing, date(2026, 3, 10))

    assert fresh(filing).status == "approved"


# The enrolment ends or moves: what the register says is mirrored.


def record(person, *enrollments):
    return registry.RegisterRecord(person.name, person.id_number, person.phone, enrollments=enrollments)


def insured(area, since=date(2015, 1, 1), until=None):
    return registry.RegisteredEnrollment(area, "employee", "active", since, until)


def test_an_enrolment_that_ended_ends_its_filings(enrolled, account):
    approved = make.approved(enrolled, account)
    waiting = make.filed(enrolled, account, to="110000")
    draft = make.filed(enrolled, account, to="120000", keep=True)

    with at("2026-04-01 10:00"):
        registry.mirror(record(enrolled.person, insured(GUIYANG, until=date(2026, 3, 31))))

    assert [fresh(filing).status for filing in (approved, waiting, draft)] == ["cancelled", "cancelled", "draft"]
    assert (fresh(approved).valid_from, fresh(approved).valid_until) == (date(2026, 3, 2), date(2026, 3, 31))
    assert Event.objects.filter(submission=approved).latest("id").data == {"code": "enrollment_ended"}

    texts = list(Message.objects.filter(kind="enrollment_ended").order_by("text").values_list("text", flat=True))
    assert len(texts) == 2
    assert all("续保" in text for text in texts)


def test_an_enrolment_that_moves_says_where_to_file_then(enrolled, account):
    """The register says in March that 贵阳 ends with the month and 成都 begins with the next."""
    make.area("510100")
    make.approved(enrolled, account)
    registry.mirror(
        record(enrolled.person, insured(GUIYANG, until=date(2026, 3, 31)), insured("510100", date(2026, 4, 1)))
    )

    sweep_until("2026-04-01 00:00")

    message = Message.objects.get(account=account, kind="enrollment_ended")

    assert "您现在的参保地是成都市，仍需异地就医请在该参保地重新备案。" in message.text


def test_an_enrolment_that_will_end_takes_its_filings_along_on_that_day(enrolled, account):
    filing = make.approved(enrolled, account, filing_type="resident", materials=[make.material(account).pk])

    registry.mirror(record(enrolled.person, insured(GUIYANG, until=date(2026, 6, 30))))
    warned, stands = told(account)[-1][0], fresh(filing)

    sweep_until("2026-07-01 00:00")

    assert (warned, stands.status, stands.wake_at) == ("enrollment_ending", "approved", make.moment("2026-07-01 00:00"))
    assert (fresh(filing).status, fresh(filing).valid_until) == ("cancelled", date(2026, 6, 30))


def test_an_enrolment_that_runs_on_after_all_keeps_its_filings(enrolled, account):
    filing = make.approved(enrolled, account, filing_type="resident", materials=[make.material(account).pk])
    registry.mirror(record(enrolled.person, insured(GUIYANG, until=date(2026, 6, 30))))

    registry.mirror(record(enrolled.person, insured(GUIYANG)))

    sweep_until("2026-08-01 00:00")

    assert (fresh(filing).status, fresh(filing).wake_at) == ("approved", None)


def test_another_enrolment_of_the_person_keeps_its_filings(enrolled, account):
    other = make.enrollment(enrolled.person, code="500000")
    kept = make.approved(other, account, to="110000")

    with at("2026-04-01 10:00"):
        ended = record(enrolled.person, insured(GUIYANG, until=date(2026, 3, 31)), insured("500000"))
        registry.mirror(ended)

    assert fresh(kept).status == "approved"


def test_a_broken_enrolment_releases_the_promise(enrolled, account):
    filing = make.approved(enrolled, account, filing_type="resident", commitment=PROMISE)

    with at("2026-04-01 10:00"):
        registry.mirror(record(enrolled.person, insured(GUIYANG, until=date(2026, 3, 31))))

    assert fresh(filing).signed.status == "released"
